// The official resolver of did:ethr against a local node: {rpc, chainId, registry, dids} → {did: document}.
const { Resolver } = require("did-resolver");
const { getResolver } = require("ethr-did-resolver");

(async () => {
  const input = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const networks = [{ name: input.network, rpcUrl: input.rpc, registry: input.registry }];
  const resolver = new Resolver(getResolver({ networks }));
  const found = {};
  for (const did of input.dids) found[did] = await resolver.resolve(did);
  console.log(JSON.stringify(found));
  process.exit(0);
})();
