export type { Facts, GivenId, MessageFact, Need } from "../model/facts.ts";
