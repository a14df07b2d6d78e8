/** What the keeper has to know about one database product. */
export interface ServerKind {
  readonly name: ServerName;
  /** Environment variable with the URL of a server to use instead of a private one. */
  readonly variable: string;
  /** The program of the server, and those that prepare its data. */
  readonly server: string;
  readonly tools: readonly string[];
  /** Where packages put the server when it is not on the PATH, best first. */
  folders(): Promise<readonly string[]>;
  /** The oldest version that the adapter supports: major, minor. */
  readonly oldest: readonly [major: number, minor: number];
  readonly debianPackages: readonly string[];
  /** Brings the programs into `folder` when nothing else has them. */
  readonly fetchPrograms?: (folder: string) => Promise<Programs>;
  /** Settings of the server that many tests share: as fast as the product's promises to them allow. */
  readonly sharedSettings: Settings;
  /** Creates the data of an empty server. */
  prepare(site: Site): Promise<void>;
  command(site: Site, settings: Settings): readonly [program: string, ...args: string[]];
  /** Ends the server at once, without letting it write anything more. */
  readonly killSignal: NodeJS.Signals;
  url(site: Site): string;
  /** Rejects unless the server answers questions. */
  ping(url: string): Promise<void>;
  /** Creates an empty database with a name that is unique on this server. */
  createDatabase(serverUrl: string, database: DatabaseName): Promise<string>;
  dropDatabase(serverUrl: string, database: DatabaseName): Promise<void>;
}

export type ServerName = "postgres" | "mariadb" | "redis";

/** Settings as the server's own configuration spells them. */
export type Settings = Readonly<Record<string, string>>;

/** Paths by name of the program. */
export type Programs = ReadonlyMap<string, string>;

export interface DatabaseName {
  readonly name: string;
  /** 1, 2, 3, … on this server. */
  readonly number: number;
  /** Whether the server belongs to somebody else, who may have data in any place of it. */
  readonly isForeign: boolean;
}

/** Where one server lives. */
export interface Site {
  readonly programs: Programs;
  /** Writable for the server, and its own. */
  readonly folder: string;
  readonly port: number;
  readonly password: string;
}

/** No server of a kind can be had; the message says why. */
export class MissingServerError extends Error {}
