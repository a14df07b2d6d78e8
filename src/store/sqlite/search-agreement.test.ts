import { testSearchAgreement } from "../sql/search/agreement.test-support.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const folder = storeFolder();

testSearchAgreement(() => Promise.resolve(folder.open()), 1_000);
