"""A node shows a cheap plan, waits for the y, and then has a transaction signed that may cost 300,000 times as much."""

import re
import time

import rlp
from lab import Node, end, tty

BLOCK, sent, estimates = "0x" + "11" * 32, [], [0]


def answer(method, params):
    dear = estimates[0] >= 2  # the second estimate is the one that is signed
    if method == "eth_estimateGas":
        estimates[0] += 1
        return hex(1_000_000 if estimates[0] < 2 else 25_000_000)
    if method == "eth_sendRawTransaction":
        sent.append(params[0])
        return BLOCK
    known = {
        "eth_chainId": hex(4242),
        "eth_getCode": "0x60",
        "eth_call": "0x" + "00" * 32,
        "eth_gasPrice": hex(10**9),
        "eth_getBalance": hex(10**27),
        "eth_maxPriorityFeePerGas": hex(40_000 * 10**9 if dear else 10**9),
        "eth_getTransactionCount": "0x0",
        "eth_getTransactionReceipt": None,
        "eth_getTransactionByHash": {},
        "eth_getBlockByNumber": {
            "number": "0x10",
            "hash": BLOCK,
            "timestamp": hex(int(time.time())),
            "gasLimit": hex(30_000_000),
            "baseFeePerGas": hex(10**9),
        },
    }
    return known[method]


def most(raw):
    """The most that a signed transaction may cost, in coins."""
    fields = rlp.decode(bytes.fromhex(raw[4:]))  # EIP-1559, behind its first byte
    return int.from_bytes(fields[3]) * int.from_bytes(fields[4]) / 1e18


node = Node(answer)

shown = tty("store", "deploy", "--name", "X", "--rpc", f"4242={node.url}", "--timeout", 2, key="01" * 32)
print(shown)
promised = [float(n) for n in re.findall(r"([0-9.]+) of the chain's coin", shown)]
cost = most(sent[0]) if sent else 0
print("shown: at most", promised[0], "coins; signed and sent: at most", cost, "coins")
end(
    bool(promised) and cost <= max(promised) * 1.001,
    "what is signed is the plan that was shown: gas and fees do not change behind the question; if they must, it is asked again",
)
