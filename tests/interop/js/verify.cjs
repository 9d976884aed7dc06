// Runs the official verifier on one document: JSON on stdin {document, zone: {name: [txt]}, rpc}, JSON on stdout.
const dnsprove = require("@tradetrust-tt/dnsprove");
const { verificationBuilder, openAttestationVerifiers, isValid } = require("@tradetrust-tt/tt-verify");
const { ethers } = require("ethers");

async function main() {
  const { document, zone, rpc } = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const resolver = async (name) => {
    const texts = zone[String(name).toLowerCase()];
    return texts
      ? { Status: 0, AD: false, Answer: texts.map((data) => ({ name, type: 16, TTL: 60, data })) }
      : { Status: 3, AD: false };
  };
  dnsprove.defaultDnsResolvers.splice(0, dnsprove.defaultDnsResolvers.length, resolver);
  const Provider = ethers.providers ? ethers.providers.JsonRpcProvider : ethers.JsonRpcProvider;
  const provider = new Provider(rpc);
  const fragments = await verificationBuilder(openAttestationVerifiers, { provider })(document);
  process.stdout.write(JSON.stringify({ valid: isValid(fragments), fragments }));
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
