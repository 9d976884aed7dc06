"""A bank verifies the bills in a folder, and reports the reason if it will not pay.

``python examples/bank.py FOLDER DOMAIN CHAIN_ID=NODE_URL [RESOLVER]``
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from ebl.policy import IssuedBy
from ebl.sources import online
from ebl.verify import Unreadable, examine


def check_folder(folder: Path, issuer: str, *, rpc: dict[int, str], resolver: str = "system") -> Iterator[str]:
    """Yields the result for each file: valid and its conditions, or the reason why not. ``rpc`` has a node for each chain."""
    sources = online(rpc=rpc, resolver=resolver)
    for path in sorted(
        path for path in folder.rglob("*") if not path.is_dir()
    ):  # whatever its name: no file is passed over
        try:
            report = examine(path.read_bytes(), IssuedBy(issuer), sources=sources)
        except Unreadable as bad:
            yield f"{path.name}: unreadable: {bad.code}"
        except OSError as trouble:
            yield f"{path.name}: unreadable: {trouble.strerror}"
        else:  # "valid", "invalid: status.revoked: …" or "indeterminate: chain.unreachable: …"
            yield f"{path.name}: {report.summary}"
            yield from (f"{path.name}: on condition: {condition.detail}" for condition in report.conditions)


def main() -> None:
    folder, issuer, node, *resolver = sys.argv[1:]
    number, _, url = node.partition("=")
    for line in check_folder(
        Path(folder), issuer, rpc={int(number): url}, resolver=resolver[0] if resolver else "system"
    ):
        print(line)


if __name__ == "__main__":
    main()
