/** Gives every tool call of a model step an id that no other call of the conversation has: small model servers
 *  number their calls from the start again in every answer, and results are found by the id. */
export class CallIds {
  readonly #taken: Set<string>;
  readonly #byPart = new Map<number, string>();
  readonly #byOriginal = new Map<string, string>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The id of the call at this index of the step's parts. */
  ofPart(part: number, original: string): string {
    const known = this.#byPart.get(part);
    if (known !== undefined) return known;
    const base = original === "" ? "call" : original;
    let id = base;
    for (let n = 2; this.#taken.has(id); n++) id = `${base}_${n}`;
    this.#taken.add(id);
    this.#byPart.set(part, id);
    this.#byOriginal.set(original, id);
    return id;
  }

  /** The id of the call that a result inside the same step answers. */
  ofResult(original: string): string {
    return this.#byOriginal.get(original) ?? original;
  }
}
