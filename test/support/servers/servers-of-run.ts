import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { findPrograms } from "./find-programs.ts";
import { freePort } from "./free-port.ts";
import { Instance } from "./instance.ts";
import type { KeeperCall, OwnServerFacts } from "./keeper-call.ts";
import { mariadb } from "./mariadb.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";
import {
  MissingServerError,
  type DatabaseName,
  type Programs,
  type ServerKind,
  type ServerName,
  type Settings,
} from "./server-kind.ts";

const kinds: Readonly<Record<ServerName, ServerKind>> = { postgres, mariadb, redis };

interface Running {
  readonly kind: ServerKind;
  readonly url: string;
  readonly instance: Instance | undefined;
}

/** The servers of one test run, started when they are asked for, in `folder`; `environment` may name others instead. */
export class ServersOfRun {
  readonly #folder: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #id: string = randomBytes(4).toString("hex");
  readonly #programs = new Map<ServerName, Promise<Programs>>();
  readonly #shared = new Map<ServerName, Promise<Running>>();
  readonly #own = new Map<number, Running>();
  readonly #foreign: (readonly [Running, DatabaseName])[] = [];
  readonly #instances = new Set<Instance>();
  #servers = 0;
  #databases = 0;

  constructor(folder: string, environment: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#environment = environment;
  }

  async answer(call: KeeperCall): Promise<unknown> {
    switch (call.do) {
      case "explain":
        return this.#explain(kinds[call.kind], call.own);
      case "create-database":
        return this.#createDatabase(await this.#sharedServer(kinds[call.kind]));
      case "create-server":
        return this.#createOwn(kinds[call.kind], call.settings);
      case "create-database-on":
        return this.#createDatabase(this.#find(call.server));
      case "kill":
        return this.#find(call.server).instance?.kill();
      case "start":
        return this.#find(call.server).instance?.start(call.settings);
      case "remove":
        return this.#remove(call.server);
    }
  }

  /** Ends every server, and leaves a foreign one as it was. */
  async close(): Promise<void> {
    const drops = this.#foreign.map(([{ kind, url }, database]) =>
      kind.dropDatabase(url, database),
    );
    const ends = [...this.#instances].map((instance) => instance.kill());
    await Promise.allSettled([...drops, ...ends]);
  }

  async #explain(kind: ServerKind, own: boolean): Promise<string | null> {
    try {
      if (own || this.#environment[kind.variable] === undefined) await this.#findPrograms(kind);
      return null;
    } catch (error) {
      if (error instanceof MissingServerError) return error.message;
      throw error;
    }
  }

  async #createDatabase(server: Running): Promise<string> {
    const number = (this.#databases += 1);
    const isForeign = server.instance === undefined;
    const database = { name: `skein_test_${this.#id}_${number}`, number, isForeign };
    if (isForeign) this.#foreign.push([server, database]);
    return server.kind.createDatabase(server.url, database);
  }

  #sharedServer(kind: ServerKind): Promise<Running> {
    return once(this.#shared, kind.name, async () => {
      const url = this.#environment[kind.variable];
      if (url !== undefined) return { kind, url, instance: undefined };
      const [server] = await this.#launch(kind, kind.sharedSettings);
      return server;
    });
  }

  async #createOwn(kind: ServerKind, settings: Settings): Promise<OwnServerFacts> {
    const [running, pid] = await this.#launch(kind, settings);
    const server = (this.#servers += 1);
    this.#own.set(server, running);
    return { server, url: running.url, pid };
  }

  async #launch(kind: ServerKind, settings: Settings): Promise<readonly [Running, number]> {
    const programs = await this.#findPrograms(kind);
    const site = {
      programs,
      folder: join(this.#folder, `${kind.name}-${randomBytes(4).toString("hex")}`),
      port: await freePort(),
      password: randomBytes(12).toString("hex"),
    };
    const instance = new Instance(kind, site, settings);
    this.#instances.add(instance);
    await instance.create();
    const pid = await instance.start();
    return [{ kind, url: instance.url, instance }, pid];
  }

  #findPrograms(kind: ServerKind): Promise<Programs> {
    return once(this.#programs, kind.name, () => findPrograms(kind, this.#folder));
  }

  #find(server: number): Running {
    const running = this.#own.get(server);
    if (running === undefined) throw new Error(`No server ${server}: it was removed.`);
    return running;
  }

  async #remove(server: number): Promise<void> {
    const { instance } = this.#find(server);
    this.#own.delete(server);
    await instance?.remove();
    if (instance !== undefined) this.#instances.delete(instance);
  }
}

function once<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}
