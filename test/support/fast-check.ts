import fc from "fast-check";

// The same histories on every machine, so that a red run is about the change. `SKEIN_SEED=$RANDOM npm test` tries others.
fc.configureGlobal({ seed: Number(process.env["SKEIN_SEED"] ?? 20_261_120) });
