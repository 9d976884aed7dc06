// Wraps and verifies with the official OpenAttestation library: JSON on stdin {contexts: {url: document}, calls: [call]}, JSON on
// stdout: one answer for each call, or {error, places} where it threw. Contexts are found there and nowhere else.
const jsonld = require("@govtechsg/jsonld");
const { contexts, calls } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const loader = () => async (url) => {
  if (!contexts[url]) throw new Error(`no context at ${url}`);
  return { contextUrl: undefined, document: contexts[url], documentUrl: url };
};
jsonld.documentLoaders.node = loader;
delete jsonld.documentLoaders.xhr;
console.error = console.warn = () => {};
process.on("unhandledRejection", () => {}); // a context that is not there is also reported where it was asked for

const tradetrust = require("@tradetrust-tt/tradetrust");
const govtech = require("@govtechsg/open-attestation");
const WRAP = {
  oa2: tradetrust.wrapDocuments,
  oa3: tradetrust.__unsafe__use__it__at__your__own__risks__wrapDocuments,
};
const operations = {
  wrap: ({ format, documents }) => WRAP[format](documents),
  verify: ({ documents }) => documents.map((document) => [tradetrust, govtech].map((library) => {
    try {
      return library.verifySignature(document);
    } catch {
      return false;
    }
  })),
  data: ({ documents }) => documents.map(tradetrust.getData),
};

(async () => {
  const answers = [];
  for (const call of calls) {
    try {
      answers.push(await operations[call.op](call));
    } catch (error) {
      answers.push({ error: error.message, places: (error.validationErrors || []).map((each) => each.instancePath) });
    }
  }
  process.stdout.write(JSON.stringify(answers));
})();
