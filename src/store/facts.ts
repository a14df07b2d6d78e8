export { NO_FACTS } from "../model/facts.ts";
export type { DoneOperation, Facts, GivenId, MessageFact, Need } from "../model/facts.ts";
