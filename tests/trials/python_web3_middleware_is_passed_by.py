"""A Web3 object that sends, reads and verifies goes through its middleware, as docs/contributor/dependencies.md says.

Adapted: the object itself is a node.
"""

from lab import World, end, folder
from web3 import HTTPProvider, Web3
from web3.middleware import Web3Middleware

from ebl.chain.signers import LocalKey
from ebl.registry import Journals, deploy_store, deployed, send, store_at
from ebl.sources import online

seen = []


class Spy(Web3Middleware):
    def request_processor(self, method, params):
        seen.append(str(method))
        return method, params


def seen_meanwhile():
    """What the middleware saw since the last time."""
    found = list(seen)
    seen.clear()
    return found


with World() as w:
    w3 = Web3(HTTPProvider(w.chain.url))
    w3.middleware_onion.add(Spy)
    _ = w3.eth.chain_id
    first, key = seen_meanwhile(), LocalKey.from_hex(w.key("carrier"))
    made = send(
        deploy_store(1337, name="X", owner=key.address), signer=key, node=w3, journals=Journals(folder() / "journals")
    )
    sending = seen_meanwhile()
    store_at(w3, deployed(made))
    reading = seen_meanwhile()
    online(rpc={1337: w3}).chain(1337).code(deployed(made))
    verifying = seen_meanwhile()
    print("the middleware saw of web3 itself:", first, "| during `send`:", sending, "| reading:", reading, verifying)
end(
    "eth_sendRawTransaction" in sending and "eth_call" in reading and "eth_getCode" in verifying,
    "requests go through the middleware",
)
