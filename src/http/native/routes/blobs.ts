import { SkeinError } from "../../../model/error.ts";
import { LIMITS } from "../../../model/limits.ts";
import { wireBlob } from "../../../protocol/answer.ts";
import type { WireBlob } from "../../../protocol/answer.ts";
import { noParameters } from "../../../protocol/query.ts";
import { readBytes } from "../../body.ts";
import { json } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";

const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+(?:\s*;[\x20-\x7e]*)?$/;

/** Shown by a browser in place. Everything else is offered as a file, because it could carry scripts. */
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain)\b/;

export const blobRoutes: readonly Route[] = [
  route({
    method: "PUT",
    path: "/blobs/{sha256}",
    id: "putBlob",
    tag: "blobs",
    summary: "Stores bytes under their SHA-256; parts of messages refer to them",
    status: 201,
    answer: wireBlob,
    errors: ["body_too_large"],
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading, request }) => {
      const mediaType = request.headers.get("content-type") ?? "application/octet-stream";
      if (!MEDIA_TYPE.test(mediaType) || mediaType.length > 256)
        throw new SkeinError("invalid_request", "Content-Type must be a media type.", {
          field: "Content-Type",
        });
      const bytes = await readBytes(request, LIMITS.blobBytes);
      const digest = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(bytes)));
      if (digest.toString("hex") !== params.sha256)
        throw new SkeinError("invalid_request", "The body's SHA-256 is not the one in the path.", {
          field: "sha256",
        });
      const info = await skein.putBlob(bytes, mediaType, reading);
      const { sizeBytes: size_bytes, mediaType: media_type } = info;
      const stored: WireBlob = { sha256: info.sha256, size_bytes, media_type };
      return json(stored, 201);
    },
  }),
  route({
    method: "GET",
    path: "/blobs/{sha256}",
    id: "getBlob",
    tag: "blobs",
    summary:
      "The bytes, for who may read a thread that refers to them, or uploaded them within a day",
    status: 200,
    mediaTypes: ["application/octet-stream"],
    errors: ["blob_not_found"],
    query: noParameters,
    body: null,
    handle: async ({ skein, params, reading, request }) => {
      const { info, bytes } = await skein.getBlob(params.sha256, reading);
      const etag = `"${info.sha256}"`;
      const headers = { etag, "cache-control": "private, max-age=31536000, immutable" };
      if (request.headers.get("if-none-match") === etag)
        return { status: 304, headers, body: null };
      return {
        body: new Uint8Array(bytes),
        status: 200,
        headers: {
          ...headers,
          "content-type": info.mediaType,
          "x-content-type-options": "nosniff",
          "content-security-policy": "default-src 'none'; sandbox",
          ...(!SHOWN.test(info.mediaType) && { "content-disposition": "attachment" }),
        },
      };
    },
  }),
];
