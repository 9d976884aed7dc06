// Runs the official packages on documents: a list of jobs as JSON on stdin, a list of answers as JSON on stdout.
const dnsprove = require("@tradetrust-tt/dnsprove");
const tradetrust = require("@tradetrust-tt/tradetrust");
const govtech = require("@govtechsg/open-attestation");
const { verificationBuilder, openAttestationVerifiers, isValid } = require("@tradetrust-tt/tt-verify");
const { encryptString, decryptString } = require("@govtechsg/oa-encryption");
const { ethers } = require("ethers");
const { PNG } = require("pngjs");
const jsQR = require("jsqr");

const jobs = {
  integrity: ({ document }) => ({
    tradetrust: tradetrust.verifySignature(document),
    govtech: govtech.verifySignature(document),
    wrapped: tradetrust.utils.isWrappedV2Document(document) || tradetrust.utils.isWrappedV3Document(document),
  }),
  data: ({ document }) => tradetrust.getData(document),
  obfuscate: ({ document, fields }) => tradetrust.obfuscate(document, fields),
  sign: ({ document, key, secret }) =>
    tradetrust.signDocument(document, ALGORITHM, { public: key, private: secret }),
  verify: async ({ document, zone, dids }) => {
    const answer = async (name) => ({
      Status: 0,
      AD: false,
      Answer: (zone[String(name).toLowerCase()] || []).map((data) => ({ name, type: 16, TTL: 60, data })),
    });
    dnsprove.defaultDnsResolvers.splice(0, dnsprove.defaultDnsResolvers.length, answer);
    const resolver = { resolve: async (did) => ({ didDocument: didDocument(did, dids[did]) }) };
    const provider = new ethers.providers.JsonRpcProvider("http://127.0.0.1:1", { name: "none", chainId: 1337 });
    const fragments = await verificationBuilder(openAttestationVerifiers, { provider, resolver })(document);
    return { valid: isValid(fragments), fragments };
  },
  encrypt: ({ text, key }) => encryptString(text, key),
  decrypt: ({ encrypted, key }) => decryptString({ ...encrypted, key }),
  qr: ({ png }) => {
    const { data, width, height } = PNG.sync.read(Buffer.from(png, "base64"));
    return jsQR(new Uint8ClampedArray(data), width, height)?.data ?? null;
  },
};

const ALGORITHM = tradetrust.SUPPORTED_SIGNING_ALGORITHM.Secp256k1VerificationKey2018;

function didDocument(did, address) {
  if (!address) return null;
  const method = {
    id: `${did}#controller`,
    type: "EcdsaSecp256k1RecoveryMethod2020",
    controller: did,
    blockchainAccountId: `${address}@eip155:1`,
  };
  return { id: did, verificationMethod: [method], assertionMethod: [method.id] };
}

async function main() {
  const answers = [];
  for (const { job, ...input } of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
    try {
      answers.push({ answer: await jobs[job](input) });
    } catch (error) {
      answers.push({ error: String(error.message || error) });
    }
  }
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
