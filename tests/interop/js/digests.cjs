// Digests by the official libraries: one JSON object a line in, one JSON array of hex digests a line out.
// In: {"v2": data, "v3": document, "salts": [{value, path}]}; out: [v2, v3 of tradetrust, v3 of govtech].
const readline = require("readline");
const tradetrust = require("@tradetrust-tt/tradetrust");
const govtech = require("@govtechsg/open-attestation");

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { v2, v3, salts } = JSON.parse(line);
  const digests = [
    tradetrust.digestDocument({ data: v2 }),
    tradetrust.digestCredential(v3, salts, []),
    govtech.digestCredential(v3, salts, []),
  ];
  process.stdout.write(JSON.stringify(digests) + "\n");
});
