/** `npm run stub-model`: the stub server by hand. `STUB_MODEL_PORT` sets the port, default 4848; 0 = any. */
import { startStubModel } from "./start-stub-model.ts";

const DEFAULT_PORT = 4848;

const port = Number(process.env["STUB_MODEL_PORT"] ?? DEFAULT_PORT);
const stub = await startStubModel({ port });
console.log(`Stub model at ${stub.url} (SKEIN_MODEL=compatible/stub SKEIN_MODEL_URL=${stub.url})`);

for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => {
    stub.close().catch(() => {
      process.exitCode = 1;
    });
  });
