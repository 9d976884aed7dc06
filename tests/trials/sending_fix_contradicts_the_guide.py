"""Not in a block in time: the error says "Do not send it again", docs/shipper/titles.md says "Run the same command again"."""

import time
from pathlib import Path

import rlp
from lab import Node, cli, end

BLOCK, sent, estimates = "0x" + "11" * 32, [], [0]


def answer(method, params):
    dear = False
    if method == "eth_estimateGas":
        estimates[0] += 1
        return hex(1_000_000)
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


ran = cli(
    "store",
    "deploy",
    "--name",
    "X",
    "--rpc",
    f"4242={node.url}",
    "--timeout",
    1,
    "--yes",
    "--max-cost",
    "1",
    key="01" * 32,
)
guide = [
    line.strip()
    for page in Path("docs").glob("*.md")
    for line in page.read_text().splitlines()
    if "same command" in line.lower()
]
print("exit code", ran.returncode, ran.stderr, "\nthe guides:", guide)
end(
    "not send it again" not in ran.stderr,
    "one story: the error says what the guide says, that the same command waits for the first transaction",
)
