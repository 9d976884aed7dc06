"""Two nodes must agree; one says that the newest block is one of yesterday. A bill revoked since is VALID, agreed: 2."""

import time

from lab import Node, World, bill, end


class Old(World):
    """A world whose chain is behind the clock of this machine, as the commands that make it are told."""

    def done(self, *args, **who):
        return super().done(*args, "--max-age", 10**7, **who)


clock = [time.time() - 86400]
with Old(clock=lambda: clock[0]) as w:
    store = w.store()
    file = w.wrap(bill({"documentStore": store}))
    old = w.done("store", "issue", store, file)["block_number"]
    w.done("store", "revoke", store, file)
    clock[0] = time.time()
    w.chain.mine(300)  # the bill was revoked a day ago, and 300 blocks

    def behind(method, params):
        if method == "eth_getBlockByNumber" and params[0] == "latest":
            params = [hex(old), *params[1:]]
        return w.chain.rpc(method, *params)

    alone = w.verify(file)
    both = w.verify(file, "--nodes-agree", 2, rpc=(w.chain.url, Node(behind).url))
    print(
        "the honest node alone: exit code",
        alone.returncode,
        "\nboth must agree: exit code",
        both.returncode,
        "\n" + both.stdout,
        both.stderr,
    )
end(
    alone.returncode == 1 and both.returncode != 0,
    "the block that they agree on may lag the newest that any of them names by a bound only; "
    "beyond it, chain.disagreement and the node's name (3)",
)
