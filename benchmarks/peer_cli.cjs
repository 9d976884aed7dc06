// The smallest command that checks one document's integrity with the official verifier, offline.
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const here = createRequire(path.join(__dirname, "..", "tests", "interop", "package.json"));
const { openAttestationHash, verificationBuilder } = here("@tradetrust-tt/tt-verify");

verificationBuilder([openAttestationHash], { network: "homestead" })(JSON.parse(fs.readFileSync(process.argv[2], "utf8"))).then(
  (fragments) => {
    console.log(fragments[0].status);
    process.exit(fragments[0].status === "VALID" ? 0 : 1);
  },
);
