// Moves and reads titles with the official package: JSON on stdin {rpc, registry, version, id, calls: [call]}, one answer a call.
// A call is {op: "mint" | "transferHolder" | ... , token, key, ...its parameters}, which answers the transaction's hash, or
// {op: "read", token}: the endorsement chain and the state; or {op: "verify", document, zone, known}: whether it is valid, and why.
// `zone` is the DNS, `known` what the document loader finds besides its own contexts.
const quiet = console.error;
console.error = console.warn = console.log = () => {};
const trustvc = require("@trustvc/trustvc");
const inside = require("module").createRequire(require.resolve("@trustvc/trustvc"));
const dnsprove = inside("@tradetrust-tt/dnsprove");
const { getDocumentLoader } = inside("@trustvc/w3c-context");
const { ethers } = inside("ethers");

const { rpc, registry, version, id, calls } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const provider = new ethers.providers.JsonRpcProvider(rpc);
provider.pollingInterval = 20;
const contract = { tokenRegistryAddress: registry };
const ofRegistry = new Set(["mint", "acceptReturned", "rejectReturned"]);

async function move({ op, token, key, ...parameters }) {
  const where = ofRegistry.has(op) ? contract : { ...contract, tokenId: token };
  const wallet = new ethers.Wallet(key, provider);
  const options = { chainId: 1337, titleEscrowVersion: version, id };
  const sent = await trustvc[op](where, wallet, { ...parameters, ...(ofRegistry.has(op) && { tokenId: token }) }, options);
  return (await sent.wait()).transactionHash;
}

async function read({ token }) {
  const escrow = await trustvc.getTitleEscrowAddress(registry, token, provider, { titleEscrowVersion: version });
  const { abi } = (version === "v5" ? trustvc.v5Contracts : trustvc.v4Contracts).TitleEscrow__factory;
  const title = new ethers.Contract(escrow, abi, provider);
  const names = ["holder", "beneficiary", "nominee", "active", ...(version === "v5" ? ["prevHolder", "prevBeneficiary"] : [])];
  const state = Object.fromEntries(await Promise.all(names.map(async (name) => [name, await title[name]()])));
  const chain = await trustvc.fetchEndorsementChain(registry, token, provider, id);
  return { escrow, owner: await trustvc.getDocumentOwner(registry, token, provider), state, chain };
}

async function verify({ document, zone, known }) {
  const answer = async (name) => ({ Status: 0, AD: false,
    Answer: (zone[String(name).toLowerCase()] ?? []).map((data) => ({ name, type: 16, TTL: 60, data })) });
  dnsprove.defaultDnsResolvers.splice(0, dnsprove.defaultDnsResolvers.length, answer);
  const documentLoader = await getDocumentLoader(known);
  const fragments = await trustvc.verifyDocument(document, { provider, documentLoader });
  return { valid: trustvc.isValid(fragments), fragments };
}

async function main() {
  const answers = [];
  for (const call of calls) {
    const operation = { read, verify }[call.op] ?? move;
    answers.push(await operation(call));
  }
  process.stdout.write(JSON.stringify(answers));
  process.exit(0);
}

main().catch((error) => {
  quiet(error);
  process.exit(1);
});
