// The official JavaScript packages, measured from benchmarks/run.py: one JSON command a line in, one JSON answer a line out.
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const here = createRequire(path.join(__dirname, "..", "tests", "interop", "package.json"));
const { wrapDocument, wrapDocuments, verifySignature } = here("@tradetrust-tt/tradetrust");
const { openAttestationHash } = here("@tradetrust-tt/tt-verify");

const documents = (file) => fs.readFileSync(file, "utf8").trimEnd().split("\n");

// Seconds of processor time: what a clock would show if nothing else ran on this core.
function processor() {
  const used = process.cpuUsage();
  return (used.user + used.system) / 1e6;
}

const WORK = {
  wrap: (lines) => { const inputs = lines.map((line) => JSON.parse(line)); return (n) => wrapDocument(inputs[n % inputs.length]); },
  digest: (lines) => { const inputs = lines.map((line) => JSON.parse(line)); return (n) => verifySignature(inputs[n % inputs.length]) || fail(); },
  verify: (lines) => { const inputs = lines.map((line) => JSON.parse(line)); return (n) => integrity(inputs[n % inputs.length]); },
  read: (lines) => (n) => integrity(JSON.parse(lines[n % lines.length])),
  examine: (lines) => (n) => verifySignature(JSON.parse(lines[n % lines.length])) || fail(),
};

// What the official verifier does for integrity: whether it is a wrapped document, then its hash.
async function integrity(document) {
  const fragment = openAttestationHash.test(document, {}) && (await openAttestationHash.verify(document, {}));
  return (fragment && fragment.status === "VALID") || fail();
}

function fail() {
  throw new Error("a document of the benchmark does not verify");
}

async function perDocument({ what, file, seconds }) {
  const work = WORK[what](documents(file));
  const begin = processor();
  let done = 0;
  while (processor() < begin + seconds) for (let k = 0; k < 32; k++) await work(done++);
  return { microseconds: ((processor() - begin) * 1e6) / done };
}

function batch({ file }) {
  const inputs = documents(file).map((line) => JSON.parse(line));
  const begin = processor();
  const wrapped = wrapDocuments(inputs);
  return { seconds: processor() - begin, count: wrapped.length, megabytes: process.resourceUsage().maxRSS / 1024 };
}

const answer = (command) => (command.do === "batch" ? batch(command) : perDocument(command));

readline.createInterface({ input: process.stdin }).on("line", async (line) => {
  process.stdout.write(JSON.stringify(await answer(JSON.parse(line))) + "\n");
});
