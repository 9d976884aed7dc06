"""Evidence: the requests and responses of one run in a file, to be inspected and replayed later without a network.

::

    run = Run(online(…))
    report = examine(raw, policy, sources=run.once)
    file.write_bytes(record(run))                                        # now, or when the bill is issued
    again = examine(raw, policy, sources=replay(read(file.read_bytes())))    # years later

A replay takes no stored verdict: the checks run again over the recorded responses, as of the recorded time. The maker of the
file could have invented the responses, except those with a proof. DNS records with DNSSEC signatures are validated again, as
of the file's time, and refused if the proof does not hold; proved storage is checked against its block's hash. Not supported
yet: a signature and a timestamp (RFC 3161) over the file, which would bind its time. Until then a DNSSEC proof shows that the
zone published the records within the validity of its signatures.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

from ebl import __version__, dnssec
from ebl.checking.memo import Run
from ebl.checking.memory import Question, Trouble
from ebl.codec.timestamp import format_timestamp, parse_timestamp
from ebl.codec.uri import host_of
from ebl.codes import Doubt
from ebl.config.networks import pace
from ebl.dnssec import IANA, Anchors, DnssecProofError, Status
from ebl.errors import InvalidInput, SourceError, Unreadable
from ebl.messages import Message, parse
from ebl.model.broken_input import read_json
from ebl.model.ports import AccountProof, Answer, Block, Chain, CodeAt, Log, Page, Read, Sources, TxtRecords

__all__ = ["Evidence", "Question", "read", "record", "replay"]

TYPE = "ebl-evidence-2"
_MAX_BYTES = 32 << 20
_MAX_NUMBER = 2 + 64  # the hex digits of a word of a chain, with 0x
# The assurances that a response may have: reports show them as they are, and ``dnssec`` requires its proof.
_ASSURANCE = re.compile(r"single|dnssec|quorum\([0-9]{1,3}\)")
_FINALITY = re.compile(r"[a-z]{1,20}")
_DNSSEC = ("secure", "insecure", "unchecked")
# For each kind of request (see `ebl.checking.memo.Run.answers`) its arguments, and its response.
_KINDS: dict[str, tuple[tuple[Any, ...], Any]] = {
    "only": ((), Block),
    "chain": ((int,), Block),
    "read": ((int, Read | CodeAt), Answer),
    "code": ((int, str), bytes),
    "logs": ((int, tuple[str, ...], int, int | None), tuple[Log, ...]),
    "proof": ((int, str, tuple[bytes, ...]), AccountProof),
    "txt": ((str,), TxtRecords),
    "page": ((str, tuple[str, ...]), Page),
}
_WORDS = {
    "only": "the only chain",
    "chain": "the chain",
    "read": "a call",
    "code": "the code",
    "logs": "the events",
    "proof": "a proof",
    "txt": "the TXT records",
    "page": "a page",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The content of a file: the time of its requests, and each with its response, or why there was none."""

    time: datetime
    answers: dict[Question, Any]


def record(run: Run) -> bytes:
    """Returns the file of a run: JSON, in the order of the requests. It holds no secrets: no URL of a node, and no key.

    Raises `InvalidInput` if it would be too large for `read`: otherwise the failure would surface only on replay.
    """
    blocks = {block.chain_id: block for block in run.blocks}  # the only chain may have been opened by its id earlier
    entries = [
        entry_of(question, blocks.get(answer.id, answer.block) if question[0] in ("only", "chain") else answer)
        if not isinstance(answer, Trouble)
        else entry_of(question, answer)
        for question, answer in run.answers
    ]
    made = {"type": TYPE, "made_by": f"ebl {__version__}", "time": _plain(run.once.now), "answers": entries}
    raw = (json.dumps(made, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
    try:
        read(raw)
    except InvalidInput as bad:
        fix = "Verify fewer documents at once, with one evidence file for each run."
        raise InvalidInput(
            f"The evidence could not be read again, so it is not stored. {bad.message}", fix=fix
        ) from bad
    return raw


def entry_of(question: Question, answer: Any) -> dict[str, Any]:
    """Returns a request and its response, or why there was none, as JSON data; the response about a chain is its `Block`."""
    kind, *about = question
    entry: dict[str, Any] = {"kind": kind, "about": _plain(tuple(about))}
    if isinstance(answer, Trouble):
        entry["trouble"] = {"code": str(answer.doubt), **answer.message.to_dict()}
    else:
        entry["answer"] = _plain(answer)
    return entry


def read(raw: bytes) -> Evidence:
    """Reads a file of `record`, or of other software. Raises `InvalidInput` if it is not evidence of this version."""
    try:
        made = read_json(raw, max_bytes=_MAX_BYTES, with_mark=False)
    except Unreadable as bad:
        raise InvalidInput(f"The evidence cannot be read: {bad.detail}") from bad
    if not isinstance(made, dict) or made.get("type") != TYPE:
        raise InvalidInput(
            f"Expected evidence of the type {TYPE}; found another file.",
            fix="Name a file that `ebl verify --evidence` wrote.",
        )
    try:
        return Evidence(_typed(datetime, made["time"]), _answers(made["answers"]))
    except InvalidInput:
        raise
    except (KeyError, TypeError, ValueError, OverflowError) as bad:
        raise InvalidInput(f"The evidence is malformed: {bad!r:.200}") from bad


def replay(evidence: Evidence, *, anchors: Anchors = IANA, trust_keeper: bool = False) -> Sources:
    """Returns sources that hold the evidence, as of its time; any other request raises ``source.offline``.

    DNS records with the assurance ``dnssec`` are validated from the ``anchors`` down, as of the evidence's time. If their
    proof does not hold, the result is ``dns.bogus``.

    The file is not signed, so every other response can have been changed since. Without ``trust_keeper`` no report over
    these sources is VALID (``source.unsealed``); with it, a VALID has the condition ``source.replayed``.
    """
    kept = _Kept(evidence, anchors)
    return Sources(
        chain=kept.chain,
        dns=kept,
        fetch=kept.fetch,
        now=evidence.time,
        replayed=True,
        trusts_keeper=trust_keeper,
        pace=pace,
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    evidence: Evidence
    anchors: Anchors

    def ask(self, kind: str, *about: Any) -> Any:
        answer = self.evidence.answers.get((kind, *about))
        if answer is None:
            if not (shown := [_shown(one) for one in about[:2]]):
                raise SourceError(Doubt.OFFLINE, "not_kept", kind=_WORDS[kind])
            raise SourceError(Doubt.OFFLINE, "not_kept_about", kind=_WORDS[kind], about=shown)
        if isinstance(answer, Trouble):
            raise answer.error()
        return answer

    def chain(self, chain_id: int | None) -> Chain:
        block: Block = self.ask("only") if chain_id is None else self.ask("chain", chain_id)
        if chain_id not in (None, block.chain_id):
            raise SourceError(Doubt.CHAIN_WRONG_ID, "of_evidence", came=block.chain_id, expected=chain_id)
        return _KeptChain(self, block)

    def txt(self, name: str) -> TxtRecords:
        records: TxtRecords = self.ask("txt", name)
        if records.assurance == "dnssec":
            _require_proof(name, records, self.evidence.time, self.anchors)
        return records

    def fetch(self, url: str, *, accept: Sequence[str]) -> Page:
        page: Page = self.ask("page", url, tuple(accept))
        return page


@dataclass(frozen=True, slots=True)
class _KeptChain:
    kept: _Kept
    block: Block

    @property
    def id(self) -> int:
        return self.block.chain_id

    def read(self, *reads: Read | CodeAt) -> tuple[Answer, ...]:
        return tuple(self.kept.ask("read", self.id, read) for read in reads)

    def code(self, address: str) -> bytes:
        code: bytes = self.kept.ask("code", self.id, address)
        return code

    def logs(self, addresses: Sequence[str], *, start: int, end: int | None = None) -> tuple[Log, ...]:
        logs: tuple[Log, ...] = self.kept.ask("logs", self.id, tuple(addresses), start, end)
        return logs

    def proof(self, address: str, slots: Sequence[bytes]) -> AccountProof:
        proof: AccountProof = self.kept.ask("proof", self.id, address, tuple(slots))
        return proof


def _shown(about: Any) -> str:
    """Returns the arguments of a request in the form that messages may show: of a URL its host."""
    match about:
        case Read(to=to) | CodeAt(to=to):
            return to
        case tuple():
            return " ".join(map(str, about[:5]))
        case str() if "://" in about:
            return host_of(about)
    return str(about)


def _require_proof(name: str, records: TxtRecords, time: datetime, anchors: Anchors) -> None:
    try:
        proved = dnssec.recheck(records.proof, name, "TXT", now=time, anchors=anchors)
    except DnssecProofError as bad:
        raise SourceError(Doubt.DNS_BOGUS, "no_proof", name=name, because=bad.reason) from bad
    except ValueError as bad:
        raise SourceError(Doubt.DNS_BOGUS, "not_a_name", name=name) from bad
    if proved.status is not Status.SECURE:
        assert proved.reason is not None
        raise SourceError(Doubt.DNS_BOGUS, "proof_fails", time=time, because=proved.reason)
    texts = {b"".join(getattr(record, "strings", ())).decode("utf-8", "replace") for record in proved.records}
    if texts != set(records.texts) or proved.wildcard != records.wildcard:
        raise SourceError(Doubt.DNS_BOGUS, "proof_differs", name=name)


# JSON <-> values, by their types --------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Returns a value as JSON data: bytes in hex, times in ISO 8601, numbers that JSON readers would round in hex."""
    match value:
        case bytes():
            return "0x" + value.hex()
        case bool():
            return value
        case int() if value >= 2**53:
            return hex(value)
        case datetime():
            return format_timestamp(value, to="auto")
        case tuple():
            return [_plain(one) for one in value]
        case Message():
            return value.to_dict()
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _answers(entries: Any) -> dict[Question, Any]:
    """Returns the responses by request. Raises `InvalidInput` if a request has two, because neither could be preferred."""
    answers: dict[Question, Any] = {}
    for question, answer in map(read_entry, _list(entries)):
        if question in answers:
            raise _twice(question)
        answers[question] = answer
    only = answers.get(("only",))
    if isinstance(only, Block):
        named = answers.get(("chain", only.chain_id))
        if isinstance(named, Block) and named.chain_id == only.chain_id and named != only:
            raise _twice(("chain", only.chain_id))
    return answers


def _twice(question: Question) -> InvalidInput:
    what = " ".join(str(getattr(one, "to", one))[:100] for one in question[:3])
    return InvalidInput(
        f"The evidence has two responses to one request: {what}.",
        fix="Use the file as it was written: it does not show which response was given.",
    )


def read_entry(entry: Any) -> tuple[Question, Any]:
    """Reads what `entry_of` wrote. Raises `KeyError`, `TypeError` or `ValueError` if it is anything else."""
    about, answer = _KINDS[entry["kind"]]
    question = (entry["kind"], *_typed_all(about, entry["about"]))
    if "trouble" in entry:
        code, message = entry["trouble"]["code"], dict(entry["trouble"])
        del message["code"]
        return question, Trouble(Doubt(code), parse(message))
    made = _typed(answer, entry["answer"])
    if isinstance(made, TxtRecords):
        if not (_ASSURANCE.fullmatch(made.assurance) and made.dnssec in _DNSSEC):
            raise ValueError(
                f"expected records of a known assurance; found {made.assurance!r:.40}, {made.dnssec!r:.40}"
            )
        made = replace(
            made, name=question[1]
        )  # reports show the name, so it is the one requested, whatever the file has
    if isinstance(made, Block) and not _FINALITY.fullmatch(made.finality):
        raise ValueError(f"expected a finality such as safe; found {made.finality!r:.40}")
    return question, made


def _typed(kind: Any, value: Any) -> Any:
    """Makes a value of a type from JSON data. Raises `TypeError`, `KeyError` or `ValueError` if the data does not fit."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _first(get_args(kind), value)
    if origin is tuple:
        return _tuple(get_args(kind), _list(value))
    if kind is Message:
        return parse(value)
    if kind is bytes:
        return bytes.fromhex(_hex(value))
    if kind is datetime:
        return parse_timestamp(value)
    if kind is int and type(value) is not int:
        return _number(value)
    if is_dataclass(kind):
        return _object(kind, value)
    if kind is None or kind is types.NoneType:
        return _wrong("null", value) if value is not None else None
    return value if type(value) is kind else _wrong(kind.__name__, value)


def _tuple(args: tuple[Any, ...], items: list[Any]) -> tuple[Any, ...]:
    """Makes a tuple of items of one type (``X, ...``), or of one type each."""
    return tuple(_typed(args[0], item) for item in items) if args[-1] is ... else tuple(_typed_all(args, items))


def _number(value: Any) -> int:
    """Reads a whole number in another form: in hex, because JSON readers would round it, or with a decimal point."""
    if isinstance(value, str) and len(value) <= _MAX_NUMBER:
        return int(_hex(value), 16)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(_wrong("int", value))


def _object(kind: Any, value: Any) -> Any:
    """Makes a dataclass. A field with a default may be missing: it did not exist when the file was made."""
    hints = get_type_hints(kind)
    if not isinstance(value, dict) or set(value) - set(hints):
        return _wrong(", ".join(hints), value)
    return kind(**{name: _typed(hints[name], one) for name, one in value.items()})


def _typed_all(kinds: Sequence[Any], values: Any) -> list[Any]:
    return [_typed(kind, value) for kind, value in zip(kinds, _list(values), strict=True)]


def _first(kinds: Sequence[Any], value: Any) -> Any:
    for kind in kinds:
        try:
            return _typed(kind, value)
        except (KeyError, TypeError, ValueError):
            continue
    return _wrong(" or ".join(str(kind) for kind in kinds), value)


def _hex(value: Any) -> str:
    return value[2:] if isinstance(value, str) and value.startswith("0x") else _wrong("0x and hex digits", value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else _wrong("a list", value)


def _wrong(expected: str, value: Any) -> Any:
    raise ValueError(f"expected {expected}; found {value!r:.80}")
