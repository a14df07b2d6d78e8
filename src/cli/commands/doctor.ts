import { usageError } from "../arguments.ts";
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
    "Reads the whole store and compares what was made of the log with the log; changes nothing unless --repair or --rebuild. Exits with 1 when a check fails.",
  examples: ["doctor", "doctor --repair", "doctor --rebuild --dry-run", "doctor --json"],
  args: {
    repair: { type: "boolean", description: "Put right what can be derived from the log" },
    rebuild: { type: "boolean", description: "The same, and make the search index anew" },
    "dry-run": { type: "boolean", description: "Only say what --rebuild would put right" },
  },
  async run({ args, output, settings, open }) {
    const isDry = args["dry-run"] === true;
    if (isDry && args.rebuild !== true) throw usageError("--dry-run needs --rebuild.", "dry-run");
    const rebuild = args.rebuild === true && !isDry;
    const repair = { repair: rebuild || (args.repair === true && !isDry), rebuild };
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
      findings.push(...(await checkStore(open, repair)), await checkDisk(known));
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
