import type { Answer, Ask } from "../plan.ts";

/** Something that answers one statement after the other. */
export interface Session {
  ask(ask: Ask): Promise<Answer>;
}

/** A database server behind a pool of connections. Its errors are the driver's own. */
export interface ServerDriver extends Session {
  /** Runs reads on one state of the data. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction: all of it or nothing. Its reads see what others have committed meanwhile. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** Waits for what is under way, then closes all connections. */
  close(): Promise<void>;
}

/** What an error of the server means for the call that met it. */
export interface Trouble {
  /** Under Skein's codes; as it is if it has none. Never has a password. */
  readonly error: unknown;
  readonly kind: TroubleKind;
}

/** `conflict`: somebody else took a key at the same moment. `passing`: nothing was written and it is worth repeating.
 *  `lost`: the connection ended, so a commit that was under way may have taken effect. */
export type TroubleKind = "conflict" | "passing" | "lost" | "final";
