import { afterEach, beforeEach, expect, test } from "vitest";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "./settings.ts";

let directory: string;
let config: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "skein-settings-"));
  config = join(directory, "skein.config.json");
  await writeFile(config, JSON.stringify({ store: "memory:", model: "demo", port: 5000 }));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test("a flag wins over the environment, the environment over the file", async () => {
  const fromFile = await loadSettings({ config }, {});
  expect(fromFile).toMatchObject({ store: "memory:", model: "demo", port: 5000, user: null });
  const environment = { SKEIN_CONFIG: config, SKEIN_PORT: "6000", SKEIN_USER: "alice" };
  const fromEnvironment = await loadSettings({}, environment);
  expect(fromEnvironment).toMatchObject({ store: "memory:", port: 6000, user: "alice" });
  const fromFlags = await loadSettings({ port: "7000", user: "bob" }, environment);
  expect(fromFlags).toMatchObject({ port: 7000, user: "bob" });
});

test("an empty variable counts as absent", async () => {
  const settings = await loadSettings({ config }, { SKEIN_PORT: "", SKEIN_API_KEYS: "" });
  expect(settings).toMatchObject({ port: 5000, apiKeys: undefined });
});

test("an engine that does not exist is refused", async () => {
  await expect(loadSettings({ config }, { SKEIN_ENGINE: "other" })).rejects.toMatchObject({
    code: "unsupported_capability",
  });
});

test("a port that is none is refused", async () => {
  await expect(loadSettings({ config }, { SKEIN_PORT: "http" })).rejects.toThrow(
    'SKEIN_PORT must be a whole number from 0 to 65535, not "http".',
  );
  const flag = loadSettings({ config, port: "99999" }, { SKEIN_PORT: "80" });
  await expect(flag).rejects.toThrow('--port must be a whole number from 0 to 65535, not "99999".');
});

test("a file that is missing or broken is named", async () => {
  await expect(loadSettings({ config: join(directory, "no.json") }, {})).rejects.toThrow(
    /no\.json does not exist/,
  );
  await writeFile(config, "{");
  await expect(loadSettings({ config }, {})).rejects.toThrow(
    /skein\.config\.json cannot be loaded/,
  );
});
