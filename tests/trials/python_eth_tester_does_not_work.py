"""A Web3 over EthereumTesterProvider: `send` works, or says in an error of ebl's own that it does not.

Adapted: the object itself is a node, and eth-tester is there, as it is among the development dependencies.
"""

from lab import end, folder
from web3 import EthereumTesterProvider, Web3

from ebl.chain.signers import LocalKey
from ebl.errors import Error
from ebl.registry import Journals, deploy_store, send

w3 = Web3(EthereumTesterProvider())  # without eth-tester this fails, and so does the trial
key, ok = LocalKey(b"\x01" * 32), False
w3.eth.send_transaction({"from": w3.eth.accounts[0], "to": key.address, "value": 10**18})
call = deploy_store(w3.eth.chain_id, name="X", owner=key.address)
try:
    print(send(call, signer=key, node=w3, journals=Journals(folder() / "journals")).contract)
    ok = True
except Error as no:
    print("refused:", no)
    ok = True
except Exception as no:
    print(f"{type(no).__module__}.{type(no).__name__}: {str(no)[:200]}")
end(ok, "it works, or an error of ebl's own says that it does not")
