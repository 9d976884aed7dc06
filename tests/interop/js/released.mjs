// Prints the released contracts as JSON: {name: {abi, creation, runtime}}. Document stores ship as ethers factories only.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);

const out = {};
for (const [version, pack] of [["v4", "token-registry-v4"], ["v5", "token-registry"]]) {
  for (const path of [
    "TitleEscrow.sol/TitleEscrow", "TitleEscrowFactory.sol/TitleEscrowFactory", "TradeTrustToken.sol/TradeTrustToken",
    "presets/TradeTrustTokenStandard.sol/TradeTrustTokenStandard", "utils/TDocDeployer.sol/TDocDeployer",
  ]) {
    const file = new URL(`../node_modules/@tradetrust-tt/${pack}/dist/artifacts/${path}.json`, import.meta.url);
    const made = JSON.parse(readFileSync(file, "utf8"));
    out[`${made.contractName}_${version}`] = { abi: made.abi, creation: made.bytecode, runtime: made.deployedBytecode };
  }
}
const { DocumentStore__factory: Old } = require(
  "@tradetrust-tt/document-store/dist/contracts/factories/DocumentStore__factory.js");
const old = new Old();
out.DocumentStore_old = { abi: JSON.parse(old.interface.format("json")), creation: old.bytecode };
const stores = require("@trustvc/document-store");
for (const name of ["DocumentStore", "TransferableDocumentStore"]) {
  const factory = stores[`${name}__factory`];
  out[`${name}_new`] = { abi: factory.abi, creation: factory.bytecode };
}
console.log(JSON.stringify(out));
