"""An address that somebody will publish follows from what was signed, or from the deployer's own event, and is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ebl.chain.contracts import events, title_escrow_factory, token_registry_v5
from ebl.chain.contracts import role_names as roles
from ebl.chain.sending.node import Receipt
from ebl.codes import Doubt
from ebl.errors import SourceError, TransactionError
from ebl.ethereum import abi
from ebl.messages import own_words
from ebl.model.ports import Answer, Block, CodeAt, Log, Read, Reverted
from ebl.registry import deploy_registry_through, deploy_store, deployed, deployment


def address(number: int) -> str:
    return abi.decode(("address",), number.to_bytes(32))[0]  # type: ignore[no-any-return]


DEPLOYER, IMPLEMENTATION, CARRIER, REGISTRY, OTHER = (address(number) for number in (0xD1, 0xD2, 0xD3, 0xD4, 0xD5))
CALL = deploy_registry_through(
    5, deployer=DEPLOYER, implementation=IMPLEMENTATION, name="Straits Line", symbol="SCL", admin=CARRIER
)
PARAMS = abi.encode(("string", "string", "address"), ("Straits Line", "SCL", CARRIER))
TOPIC = next(topic for topic, shape in events.BY_TOPIC.items() if shape.makes is events.RegistryDeployed)
HASH = "0x" + "ab" * 32


def word(value: str) -> bytes:
    return bytes(12) + bytes.fromhex(value[2:])


def log(
    *,
    emitter: str = DEPLOYER,
    registry: str = REGISTRY,
    implementation: str = IMPLEMENTATION,
    by: str = CARRIER,
    params: bytes = PARAMS,
) -> Log:
    data = abi.encode(("address", "bytes"), (OTHER, params))
    topics = (TOPIC, word(registry), word(implementation), word(by))
    return Log(emitter, topics, data, 7, 0, HASH, 0, HASH)


def receipt(*logs: Log, **other: Any) -> Receipt:
    return replace(Receipt(HASH, True, 7, HASH, CARRIER, None, 1, 1, logs, call=CALL), **other)


class Chain:
    """One that answers of the registry as it should, but for what a test changes."""

    id, block = 5, Block(5, 7, HASH, datetime(2026, 11, 30, tzinfo=UTC))

    def __init__(self, **other: Any) -> None:
        self.answers: dict[bytes, Answer] = {
            b"code": title_escrow_factory.clone(IMPLEMENTATION),
            roles.HAS_ROLE(roles.DEFAULT_ADMIN, CARRIER): bytes(31) + b"\1",
            token_registry_v5.NAME(): abi.encode(("string",), ("Straits Line",)),
            token_registry_v5.SYMBOL(): abi.encode(("string",), ("SCL",)),
        }
        names = dict(zip(("code", "admin", "name", "symbol"), self.answers, strict=True))
        self.answers |= {names[name]: value for name, value in other.items()}

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        assert all(read.to == REGISTRY for read in reads)
        answers = [self.answers[b"code" if isinstance(read, CodeAt) else read.data] for read in reads]
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return tuple(answers)

    def code(self, address: str) -> bytes:
        (answer,) = self.read(CodeAt(address))
        return answer if isinstance(answer, bytes) else b""

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        raise NotImplementedError

    def proof(self, address: str, slots: Sequence[bytes]) -> Any:
        raise NotImplementedError


def test_the_deployers_own_event_of_what_was_asked_for_is_confirmed_at_its_address() -> None:
    assert deployed(receipt(log())) == REGISTRY
    made = deployment(receipt(log()), chain=Chain())
    assert made.to_dict() == {"address": REGISTRY, "confirmed": True, "doubts": []}


FALSE = (
    log(emitter=OTHER, registry=OTHER),
    log(registry=OTHER, implementation=OTHER),
    log(registry=OTHER, by=OTHER),
    log(registry=OTHER, params=PARAMS + bytes(32)),
    log(registry=OTHER, params=abi.encode(("string", "string", "address"), ("Straits Line", "SCL", OTHER))),
    replace(log(registry=OTHER), topics=log().topics[:2]),
    replace(log(registry=OTHER), data=b"\1"),
    replace(log(registry=OTHER), topics=()),
)


@pytest.mark.parametrize("false", FALSE)
def test_an_event_of_another_contract_or_of_another_deployment_is_passed_over(false: Log) -> None:
    assert deployed(receipt(false, log(), false)) == REGISTRY
    with pytest.raises(TransactionError, match="emitted no event of this deployment"):
        deployed(receipt(false))
    made = deployment(receipt(false, contract=OTHER), chain=Chain())
    assert (made.address, made.confirmed) == (None, False)


def test_two_events_of_one_deployment_name_no_address() -> None:
    with pytest.raises(TransactionError, match="more than one event"):
        deployed(receipt(log(), log(registry=OTHER)))


@pytest.mark.parametrize(
    ("other", "doubt"),
    (
        ({"code": b""}, "no contract code"),
        ({"code": b"\x60\x01"}, "not a clone"),
        ({"code": title_escrow_factory.clone(OTHER)}, "not a clone"),
        ({"admin": bytes(32)}, "is not its admin"),
        ({"admin": b""}, "is not its admin"),
        ({"admin": Reverted(b"")}, "is not its admin"),
        ({"name": abi.encode(("string",), ("Straits Lime",))}, "its name is not"),
        ({"symbol": Reverted(b"")}, "its symbol is not"),
        ({"name": SourceError(Doubt.CHAIN_TIMEOUT, own_words("late"))}, "could not read it"),
        ({"code": b"", "admin": Reverted(b"")}, "no contract code"),
    ),
)
def test_a_registry_that_is_not_what_was_asked_for_is_not_confirmed(other: dict[str, Any], doubt: str) -> None:
    made = deployment(receipt(log()), chain=Chain(**other))
    assert made.address == REGISTRY and not made.confirmed
    assert doubt in "; ".join(map(str, made.doubts))
    assert made.pending == (doubt in ("no contract code", "could not read it"))


def test_a_contract_that_was_created_directly_must_be_there() -> None:
    create = deploy_store(5, name="Straits Line", owner=CARRIER)
    made = receipt(log(registry=OTHER), contract=REGISTRY, call=create)  # the event of a stranger changes nothing
    assert deployed(made) == REGISTRY
    assert deployment(made, chain=Chain()).confirmed
    missing = deployment(made, chain=Chain(code=b""))
    assert (missing.address, missing.confirmed, missing.pending) == (REGISTRY, False, True)


def test_a_receipt_that_does_not_say_what_was_sent_names_no_contract() -> None:
    with pytest.raises(TransactionError, match=r"Pass a receipt that `ebl.registry.send` returned"):
        deployed(receipt(log(), contract=OTHER, call=None))
    moves = replace(CALL, data=b"\1\2\3\4")
    with pytest.raises(TransactionError, match="created no contract"):
        deployed(receipt(log(), contract=OTHER, call=moves))
