import { type Command, command } from "../command.ts";
import { type Finding, attempt, ok, warn } from "../doctor/check.ts";
import { checkDisk, checkNode, checkPort } from "../doctor/machine.ts";
import { checkStore } from "../doctor/store.ts";
import { EXIT } from "../exit-code.ts";
import { printable } from "../format/printable.ts";
import type { Output } from "../output.ts";
import type { Settings } from "../settings.ts";

export const doctor: Command = command({
  summary: "Check the machine, the configuration and the store",
  details:
    "Reads the whole store; changes nothing unless --repair. Exits with 1 when a check fails.",
  examples: ["doctor", "doctor --repair", "doctor --json"],
  args: {
    repair: { type: "boolean", description: "Put right what can be derived from the log" },
  },
  async run({ args, output, settings, open }) {
    const findings: Finding[] = [
      checkNode(),
      await attempt("configuration", async () => {
        const { configPath } = await settings();
        return ok("configuration", configPath ?? "no file; defaults and environment");
      }),
    ];
    if (!findings.some(isFailure)) {
      const known = await settings();
      findings.push(await checkModel(known), await checkPort(known));
      findings.push(...(await checkStore(open, args.repair === true)), await checkDisk(known));
    }
    const isHealthy = !findings.some(isFailure);
    if (output.isJson) output.json({ status: isHealthy ? "ok" : "fail", checks: findings });
    else for (const finding of findings) print(finding, output);
    return isHealthy ? EXIT.ok : EXIT.failure;
  },
});

function isFailure({ status }: Finding): boolean {
  return status === "fail";
}

async function checkModel({ model }: Settings): Promise<Finding> {
  if (model === undefined)
    return warn("model", "demo; set SKEIN_MODEL, for example to openai/gpt-5, for a real one");
  return await attempt("model", async () => {
    const { resolveModel } = await import("../../agents/models/resolve.ts");
    return ok("model", (await resolveModel(model, process.env)).id);
  });
}

function print(finding: Finding, { line, paint: { good, bad, bold } }: Output): void {
  const mark = { ok: good("ok  "), warn: bold("warn"), fail: bad("FAIL") }[finding.status];
  line(`${mark}  ${finding.name.padEnd(13)}  ${printable(finding.detail)}`);
}
