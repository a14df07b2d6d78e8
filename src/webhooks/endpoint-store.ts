import type { Engine } from "../engine/engine.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import { endpointFromState, endpointToState } from "./endpoint.ts";
import type { Endpoint, EndpointSettings, Progress } from "./endpoint.ts";

const TAG = "webhook";
const MOST = 100;
// Every second while deliveries go on, that is a log of half an hour.
const LOG_ENTRIES = 2_000;

export type WebhookEngine = Pick<
  Engine,
  | "store"
  | "create"
  | "list"
  | "get"
  | "state"
  | "patchState"
  | "append"
  | "messages"
  | "message"
  | "annotate"
  | "trim"
  | "delete"
>;

/** Endpoints are threads of a tenant of their own, which nobody else reads: the settings and how far deliveries are is the shared
 *  state of each. Its log is trimmed, so that it does not grow with the deliveries. */
export class EndpointStore {
  /** Acts in that tenant, with all rights. */
  readonly engine: WebhookEngine;

  constructor(engine: WebhookEngine) {
    this.engine = engine;
  }

  async list(): Promise<readonly Endpoint[]> {
    const { items } = await this.engine.list({ tag: TAG, limit: MOST });
    const found = await Promise.all(items.map(({ id }) => this.find(id)));
    return found
      .flatMap((it) => it ?? [])
      .toSorted((a, b) => a.settings.createdAt - b.settings.createdAt || (a.id < b.id ? -1 : 1));
  }

  async find(id: string): Promise<Endpoint | undefined> {
    try {
      return endpointFromState(id, await this.engine.state(id));
    } catch (error) {
      if (isSkeinError(error, "thread_not_found") || isSkeinError(error, "invalid_id"))
        return undefined;
      throw error;
    }
  }

  async get(id: string): Promise<Endpoint> {
    const found = await this.find(id);
    if (found === undefined)
      throw new SkeinError("webhook_not_found", `There is no webhook ${id.slice(0, 128)}.`);
    return found;
  }

  /** @throws SkeinError  `id_conflict` when there is one of that id, `limit_exceeded` beyond 100 */
  async add(id: string, settings: EndpointSettings, progress: Progress): Promise<Endpoint> {
    const { items } = await this.engine.list({ tag: TAG, limit: MOST });
    const isNew = !items.some((thread) => thread.id === id);
    if (isNew && items.length >= MOST)
      throw new SkeinError("limit_exceeded", `There are at most ${MOST} webhooks.`, {
        details: { limit: MOST },
      });
    if (isNew) await this.engine.create({ id, kind: TAG, tags: [TAG], messages: [note("added")] });
    const { value, version } = await this.engine.state(id);
    if (endpointFromState(id, { value, version }) !== undefined)
      throw new SkeinError("id_conflict", `There is a webhook ${id}.`, { field: "id" });
    return this.#write(id, { settings, progress }, version);
  }

  /** Changes what `change` makes of the newest one; asked again when somebody else wrote in between. */
  async update(
    id: string,
    change: (current: Endpoint) => Partial<Pick<Endpoint, "settings" | "progress">>,
  ): Promise<Endpoint> {
    for (;;) {
      const current = await this.get(id);
      try {
        return await this.#write(id, change(current), current.stateVersion);
      } catch (error) {
        if (!isSkeinError(error, "version_conflict")) throw error;
      }
    }
  }

  /** @throws SkeinError  `version_conflict` when somebody else has written since it was read */
  async saveProgress(
    { id, stateVersion }: Pick<Endpoint, "id" | "stateVersion">,
    progress: Progress,
  ): Promise<Endpoint> {
    const saved = await this.#write(id, { progress }, stateVersion);
    const { version, trimmed } = await this.engine.get(id);
    if (version - (trimmed?.version ?? 0) > LOG_ENTRIES) await this.#trim(id, "trimmed");
    return saved;
  }

  async remove(id: string): Promise<void> {
    await this.get(id);
    await this.engine.patchState(id, { settings: null, progress: null });
    // The log had the secret.
    await this.#trim(id, "removed");
  }

  async #write(
    id: string,
    change: Partial<Pick<Endpoint, "settings" | "progress">>,
    expectedState: number,
  ): Promise<Endpoint> {
    const state = await this.engine.patchState(id, endpointToState(change), { expectedState });
    const endpoint = endpointFromState(id, state);
    if (endpoint === undefined)
      throw new SkeinError("webhook_not_found", `There is no webhook ${id}.`);
    return endpoint;
  }

  /** A log is let go of with the messages in it. */
  async #trim(id: string, why: string): Promise<void> {
    await this.engine.append(id, { messages: [note(why)] });
    await this.engine.trim(id, { keepLast: 1 });
  }
}

function note(content: string): { readonly content: string } {
  return { content };
}
