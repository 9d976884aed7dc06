// Runs the official W3C credential functions: JSON on stdin {known: {url: document}, calls: [call], seconds?}, JSON on stdout.
// A call is {op: "sign" | "derive" | "verify" | "status" | "fragments" | "mint" | "list" | "read" | "key", ...}; each gives one
// answer, or {error}. `known` is what the document loader finds besides its own contexts: DID documents, keys, status lists.
// `rpc` is the node that "fragments" and "mint" ask. With `seconds`, each call is repeated for about so long and answers
// {milliseconds: processor time of one}.
const clone = (value) => JSON.parse(JSON.stringify(value));
console.error = console.warn = console.log = () => {};
const trustvc = require("@trustvc/trustvc");
const inside = require("module").createRequire(require.resolve("@trustvc/trustvc"));
const { verifyCredentialStatus } = inside("@trustvc/w3c-vc");
const { StatusList, createCredentialStatusPayload } = trustvc.credentialStatus.StatusList
  ? trustvc.credentialStatus
  : inside("@trustvc/w3c-credential-status");
const { getDocumentLoader } = inside("@trustvc/w3c-context");
const { generateKeyPair } = trustvc.issuer;
const { ethers } = require("ethers");

const operations = {
  sign: (call, options) => trustvc.signW3C(
    clone(call.credential), call.keyPair, call.suite, { ...options, mandatoryPointers: [...(call.mandatory ?? [])] }),
  derive: (call) => trustvc.deriveW3C(clone(call.credential), [...(call.pointers ?? [])]),
  verify: (call, options) => trustvc.verifyW3CSignature(clone(call.credential), options),
  status: (call, options) => verifyCredentialStatus(call.entry, call.entry.type, options),
  fragments: async (call, options) => {
    const provider = call.rpc && new ethers.providers.JsonRpcProvider(call.rpc);
    const found = await trustvc.verificationBuilder(trustvc.w3cVerifiers, { ...options, provider })(clone(call.credential));
    return { valid: trustvc.isValid(found), fragments: found };
  },
  mint: async (call) => {
    const provider = new ethers.providers.JsonRpcProvider(call.rpc);
    provider.pollingInterval = 20;
    const signer = new ethers.Wallet(call.key, provider);
    const parties = { beneficiaryAddress: call.to, holderAddress: call.to, tokenId: `0x${call.tokenId}` };
    const sent = await trustvc.mint({ tokenRegistryAddress: call.registry }, signer, parties, { chainId: call.chainId });
    return { status: (await sent.wait()).status };
  },
  list: async (call) => {
    const list = new StatusList({ length: call.length });
    for (const index of call.set ?? []) list.setStatus(index, true);
    const credentialSubject = { type: call.subject, id: `${call.url}#list`, statusPurpose: call.purpose,
      encodedList: await list.encode() };
    return createCredentialStatusPayload({ id: call.url, credentialSubject }, call.keyPair, call.type, call.suite);
  },
  read: async (call) => {
    const list = await StatusList.decode({ encodedList: call.encodedList });
    return { length: list.length, set: call.indexes.filter((index) => list.getStatus(index)) };
  },
  key: (call) => generateKeyPair({ type: call.suite }),
};

async function main() {
  const { known = {}, calls, seconds } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const options = { documentLoader: await getDocumentLoader(known) };
  const answers = [];
  for (const call of calls) {
    try {
      answers.push(seconds ? await timed(call, options, seconds) : (await operations[call.op](call, options)) ?? null);
    } catch (error) {
      answers.push({ error: error.message });
    }
  }
  process.stdout.write(JSON.stringify(answers), () => process.exit(0));
}

async function timed(call, options, seconds) {
  await operations[call.op](call, options);
  const start = process.cpuUsage();
  let count = 0;
  let spent = 0;
  while (spent < seconds * 1e6 || count < 2) {
    await operations[call.op](call, options);
    count += 1;
    const used = process.cpuUsage(start);
    spent = used.user + used.system;
  }
  return { milliseconds: spent / 1e3 / count };
}

main().catch((error) => {
  process.stderr.write(String(error.stack));
  process.exit(1);
});
