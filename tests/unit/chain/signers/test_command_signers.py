"""Another program signs, is shown what it signs, and is not believed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.chain.signers import CommandSigner, LocalKey
from ebl.errors import InvalidInput, TransactionError
from ebl.ethereum import secp256k1
from tests.unit.chain.titles.test_title_challenge import asked as challenged

KEY = LocalKey(b"\5" * 32)
UNSIGNED = Unsigned(1, 7, KEY.address, b"\1\2", 21_000, Fees(10, 1))

PROGRAM = """
import json, sys
sys.path.insert(0, {root!r})
from ebl.ethereum import secp256k1
from ebl.chain.signers import LocalKey
key = LocalKey(bytes([{signs_with}]) * 32)
asked = json.load(sys.stdin)
open({log!r}, "a").write(json.dumps(asked) + "\\n")
if asked["ask"] == "address":
    print(json.dumps({{"address": LocalKey(bytes([5]) * 32).address.lower()}}))
elif asked["ask"] in ("transaction", "typed_data"):
    signature = secp256k1.sign(bytes.fromhex(asked["digest"][2:]), key.secret)
    print(json.dumps({{"signature": signature[:64].hex() + bytes([signature[64] - 27]).hex()}}))
else:
    print(json.dumps({{"signature": key.sign_message(bytes.fromhex(asked["message"][2:])).hex()}}))
"""
ROOT = str(Path(__file__).parents[4])


def program(tmp_path: Path, *, signs_with: int = 5) -> list[str]:
    script = tmp_path / "signer.py"
    script.write_text(PROGRAM.format(root=ROOT, signs_with=signs_with, log=str(tmp_path / "asked")))
    return [sys.executable, str(script)]


@pytest.mark.slow
def test_a_program_signs_transactions_and_messages_and_sees_all_of_them(tmp_path: Path) -> None:
    signer = CommandSigner(program(tmp_path))
    assert signer.address == KEY.address
    assert signer.sign_transaction(UNSIGNED) == KEY.sign_transaction(UNSIGNED)
    assert signer.sign_message(b"hello") == KEY.sign_message(b"hello")
    data = challenged().typed_data(KEY.address)
    assert signer.sign_typed_data(data) == KEY.sign_typed_data(data)
    asked = [json.loads(line) for line in (tmp_path / "asked").read_text().splitlines()]
    assert asked[1]["transaction"] == UNSIGNED.to_dict()
    assert asked[1]["digest"] == f"0x{UNSIGNED.digest.hex()}"
    assert asked[3] == {"ask": "typed_data", "digest": f"0x{data.digest.hex()}", "typed_data": data.to_dict()}


def test_a_program_that_signs_with_another_key_is_caught(tmp_path: Path) -> None:
    signer = CommandSigner(program(tmp_path, signs_with=6))
    with pytest.raises(TransactionError, match="signed as"):
        signer.sign_transaction(UNSIGNED)


NO_ADDRESS = (
    "print('{}')",
    "print('nonsense')",
    "print('[]')",
    "print('{\"address\": 5}')",
    'print(\'{"address": "0x12"}\')',
    "exit(3)",
    "print('[' * 100000)",
    "print('x' * 100000)",
)


@pytest.mark.parametrize("code", NO_ADDRESS)
def test_a_program_that_names_no_address_is_refused(code: str) -> None:
    with pytest.raises(InvalidInput, match="returned no address"):
        CommandSigner([sys.executable, "-c", code])


def test_a_program_that_is_not_there_or_too_slow_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be run"):
        CommandSigner([str(tmp_path / "nothing")])
    with pytest.raises(InvalidInput, match="did not respond within"):
        CommandSigner([sys.executable, "-c", "import time; time.sleep(30)"], seconds=0.2)
    with pytest.raises(InvalidInput, match="command is empty"):
        CommandSigner([])


def test_an_upper_s_is_brought_down_and_stays_by_the_same_key() -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    lower = KEY.sign_transaction(UNSIGNED)
    s = order - int.from_bytes(lower[32:64])
    upper = lower[:32] + s.to_bytes(32) + bytes([55 - lower[64]])
    assert secp256k1.recover(UNSIGNED.digest, upper) == KEY.address
    assert secp256k1.normalize_signature(upper) == lower
