// The official JavaScript packages, measured from benchmarks/run.py: one JSON command a line in, one JSON answer a line out.
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const here = createRequire(path.join(__dirname, "..", "tests", "interop", "package.json"));
const { wrapDocument, wrapDocuments, verifySignature } = here("@tradetrust-tt/tradetrust");

const documents = (file) => fs.readFileSync(file, "utf8").trimEnd().split("\n");

const WORK = {
  wrap: (lines) => { const inputs = lines.map((line) => JSON.parse(line)); return (n) => wrapDocument(inputs[n % inputs.length]); },
  verify: (lines) => { const inputs = lines.map((line) => JSON.parse(line)); return (n) => verifySignature(inputs[n % inputs.length]) || fail(); },
  read: (lines) => (n) => verifySignature(JSON.parse(lines[n % lines.length])) || fail(),
};

function fail() {
  throw new Error("a document of the benchmark does not verify");
}

function perDocument({ what, file, seconds }) {
  const work = WORK[what](documents(file));
  const until = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9));
  const begin = process.hrtime.bigint();
  let done = 0;
  while (process.hrtime.bigint() < until) for (let k = 0; k < 8; k++) work(done++);
  return { microseconds: Number(process.hrtime.bigint() - begin) / 1e3 / done };
}

function batch({ file }) {
  const inputs = documents(file).map((line) => JSON.parse(line));
  const begin = process.hrtime.bigint();
  const wrapped = wrapDocuments(inputs);
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  return { seconds, count: wrapped.length, megabytes: process.resourceUsage().maxRSS / 1024 };
}

const answer = (command) => (command.do === "batch" ? batch(command) : perDocument(command));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
});
