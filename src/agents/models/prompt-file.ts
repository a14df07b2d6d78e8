import type { FilePart as SdkFilePart, TextPart as SdkTextPart } from "ai";
import { isSkeinError, SkeinError } from "../../model/error.ts";
import type { FilePart } from "../../model/part.ts";
import { isTextual } from "./media-type.ts";
import type { BlobContent } from "./model.ts";

/** What a model can be sent. */
export interface FileSupport {
  readonly model: string;
  supports(mediaType: string): boolean;
  /** Whether the provider itself fetches such a URL. Skein never does: the URL is user input. */
  supportsUrl(mediaType: string, url: string): boolean;
  readonly loadBlob: (sha256: string) => Promise<BlobContent>;
}

/** Maps a person's file.
 *  @param isRequired  true for the message to be answered: then a file that the model cannot take is an
 *    error. In older messages its place is taken by a note, so that one file does not block a thread. */
export async function toPromptFile(
  part: FilePart,
  support: FileSupport,
  isRequired: boolean,
): Promise<SdkFilePart | SdkTextPart> {
  try {
    return await mapFile(part, support);
  } catch (error) {
    if (isRequired || !isSkeinError(error)) throw error;
    if (error.code !== "unsupported_part" && error.code !== "blob_not_found") throw error;
    return { type: "text", text: `[${describeFile(part)}: not shown]` };
  }
}

/** `file report.pdf (application/pdf)` */
export function describeFile({ filename, mediaType }: FilePart): string {
  const name = filename === undefined ? "" : ` ${filename.replaceAll(/[\p{C}[\]]/gu, "")}`;
  return `file${name} (${mediaType})`;
}

async function mapFile(part: FilePart, support: FileSupport): Promise<SdkFilePart | SdkTextPart> {
  const { source, mediaType, filename } = part;
  const shared = { type: "file", mediaType, ...(filename !== undefined && { filename }) } as const;
  if (source.kind === "text") return asText(part, source.text);
  if (source.kind === "blob" && isTextual(mediaType)) {
    const { bytes } = await support.loadBlob(source.sha256);
    return asText(part, new TextDecoder().decode(bytes));
  }
  if (!support.supports(mediaType))
    throw unsupported(part, support, "This kind of file is not taken.");
  switch (source.kind) {
    case "blob": {
      const { bytes } = await support.loadBlob(source.sha256);
      return { ...shared, data: { type: "data", data: bytes } };
    }
    case "url":
      if (!support.supportsUrl(mediaType, source.url))
        throw unsupported(part, support, "Upload the file instead of giving its URL.");
      return { ...shared, data: { type: "url", url: new URL(source.url) } };
    case "provider":
      return { ...shared, data: { type: "reference", reference: { ...source.ids } } };
    default:
      return source satisfies never;
  }
}

function asText(part: FilePart, text: string): SdkTextPart {
  return { type: "text", text: `[${describeFile(part)}]\n${text}` };
}

function unsupported(part: FilePart, { model }: FileSupport, advice: string): SkeinError {
  return new SkeinError(
    "unsupported_part",
    `${model} cannot take the ${describeFile(part)}. ${advice}`,
    {
      field: "parts",
      details: {
        model,
        mediaType: part.mediaType,
        ...(part.filename !== undefined && { filename: part.filename }),
      },
    },
  );
}
