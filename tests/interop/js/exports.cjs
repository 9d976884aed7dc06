// The names that every entry of @trustvc/trustvc exports, but for those whose modules do not load by themselves.
const fs = require("fs");
const path = require("path");

const home = path.join(__dirname, "..", "node_modules", "@trustvc", "trustvc");
const found = {};
for (const [entry, target] of Object.entries(JSON.parse(fs.readFileSync(path.join(home, "package.json"))).exports))
  if (target.require) found[entry] = Object.keys(require(path.join(home, target.require)));
console.log = () => {};
process.stdout.write(JSON.stringify(found));
