"""Random and mutated documents with the core in C and in pure Python: the same digests, bytes, findings and first errors.

    python tests/differential.py [COUNT] [SEED]

COUNT documents of each format; the documents of one seed are always the same.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Literal

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "interop"), str(HERE.parent / "benchmarks")]

import bills  # noqa: E402
import fuzz  # noqa: E402

from ebl.codec.javascript_json import WHITE_SPACE, json_member  # noqa: E402
from ebl.errors import Error, InvalidInput  # noqa: E402
from ebl.ethereum import merkle  # noqa: E402
from ebl.ethereum.keccak import keccak256  # noqa: E402
from ebl.model import paths  # noqa: E402
from ebl.native import core as native  # noqa: E402
from ebl.openattestation import v2 as oa2  # noqa: E402
from ebl.openattestation import v2_digest  # noqa: E402
from ebl.openattestation import v2_integrity as proofs2  # noqa: E402
from ebl.openattestation import v3 as oa3  # noqa: E402
from ebl.openattestation import v3_integrity as proofs3  # noqa: E402
from ebl.openattestation.salting import unsalted  # noqa: E402
from ebl.openattestation.salts import words  # noqa: E402
from ebl.policy import UnsafeAnyIssuer  # noqa: E402
from ebl.sources import offline  # noqa: E402
from ebl.verify import examine  # noqa: E402
from ebl.wrap import Options, wrap, wrap_batch  # noqa: E402
from tests.unit.hostile.mutation import mutated  # noqa: E402

Kind = Literal["oa2", "oa3"]
PURE = native.Pure()
OFFLINE = offline(now=datetime(2026, 11, 22, tzinfo=UTC))
POLICY = UnsafeAnyIssuer()


@contextmanager
def using(core: native.Core) -> Iterator[None]:
    """Use a core for a while."""
    before, native.CORE = native.CORE, core
    try:
        yield
    finally:
        native.CORE = before


def outcome(work: Callable[[], object]) -> object:
    """What comes of some work, or the error."""
    try:
        return work()
    except AssertionError:
        raise
    except Exception as no:  # a fault is to be the same, too
        return f"{type(no).__name__}: {no}"


def documents(kind: Kind, random: Random) -> dict[str, Any]:
    """A wrapped document: of a bill, of random data, or of both."""
    number, size = random.randrange(10**6), random.choice((20, 25, 40, 60, 60, 60, 90))
    signs = "." if kind == "oa2" else ".[]"
    odd = fuzz.document(random, signs) if random.random() < 0.6 else {}
    data = bills.oa2(number, size) if kind == "oa2" else bills.oa3(number, size)
    if kind == "oa3":
        odd = fuzz.without_unclear_paths(odd)
    place = data if kind == "oa2" else data["credentialSubject"]
    place.update(
        {name: value for name, value in odd.items() if name not in data and name not in ("", *v2_digest.RESERVED)}
    )
    options = Options(version=kind, allow_unprotected=True, allow_white_space=True)
    try:
        made = wrap(data, options)
    except InvalidInput:  # by names that no JSON-LD context defines, for instance
        return wrapped_anyway(kind, data)
    if random.random() < 0.2:
        made = wrap_batch([data, bills.oa2(1, 20) if kind == "oa2" else bills.oa3(1, 20)], options).documents[0]
    return withholding(made, random) if kind == "oa2" and random.random() < 0.2 else made


def wrapped_anyway(kind: Kind, data: dict[str, Any]) -> dict[str, Any]:
    """A document of data that `ebl.wrap` refuses."""
    format_ = oa2 if kind == "oa2" else oa3
    if kind == "oa2":
        document, target = oa2.prepare(data, any_end=True)
    else:
        data = oa3.completed(data)
        document, target = oa3.prepare(data, proofs3.flatten(data), words, dialect="tradetrust")
    format_.seal(document, target, [], target.hex())
    return document


SALT = "0f8d2c51-63b7-4e0a-9d14-5c7f3a1b2e60"
TYPES = (
    ":odd:x",
    ":boolean",
    ":boolean:true",
    ":booleanx",
    ":null:null",
    ":nullx",
    ":null:nx",
    ":number:1e5",
    ":number:x",
)
TYPES += (":undefined:undefined", ":string", ":string:", "", ":", "x:string:y")
NAMES = (
    "a.b",
    ".",
    "0",
    "1",
    "",
    "__proto__",
    "constructor",
    "prototype",
    "proto",
    "a[0]",
    "a[",
    "]",
    '"',
    "\\",
    "\n",
    "é" * 90,
)
VALUES = (
    "",
    0,
    False,
    None,
    -0.0,
    1.5,
    1e21,
    1e-7,
    7,
    True,
    {},
    [],
    [{}],
    "1e5",
    "1e+21",
    "-0",
    "1.0",
    "12",
    "-1.5e-7",
    "nan",
)
VALUES += ("true", "false", "null", "Infinity", "0x10", "-", "1-1")


def spoilt(kind: Kind, document: dict[str, Any], random: Random) -> dict[str, Any]:
    """A copy with one to three odd places in what is hashed, and hashes that are right nevertheless: an issuer may do so."""
    document = deepcopy(document)
    content = document["data"] if kind == "oa2" else {name: v for name, v in document.items() if name != "proof"}
    for _ in range(random.choice((1, 1, 2, 3))):
        (path, value), (_, other) = random.choices(list(paths.leaves(content)), k=2)
        holder = content
        for step in path[:-1]:
            holder = holder[step]
        name = path[-1]
        if isinstance(holder, dict) and random.random() < 0.3:
            places = list(holder.items())
            holder.clear()
            new = random.choice(NAMES)
            holder.update((new if key == name else key, member) for key, member in places)
        elif kind == "oa3":
            holder[name] = random.choice(VALUES)
        elif isinstance(value, str):
            at, salt = random.randrange(37), value[:36]
            change = random.randrange(7)
            if change == 0 and isinstance(other, str):
                salt = other[:36]
            elif change == 1:
                salt = salt[:14] + random.choice("1235") + salt[15:]
            elif change == 2:
                salt = salt[:19] + random.choice("0127cdef") + salt[20:]
            elif change == 3:
                salt = salt.upper()
            elif change == 4:
                salt = salt[:at] + random.choice("gZ-:é0") + salt[at + 1 :]
            kept = value[36:] if random.random() < 0.7 else random.choice(TYPES)
            holder[name] = random.choice(
                (salt + kept, salt + kept, salt + kept, kept, {}, [], 1, None, [salt + kept, {}])
            )
    return resealed(kind, document, content, random)


def resealed(kind: Kind, document: dict[str, Any], content: dict[str, Any], random: Random) -> dict[str, Any]:
    """The document with the digest that its content has, in Python, if it has one."""
    with using(PURE):
        try:
            if kind == "oa2":
                target = v2_digest.digest(content, document.get("privacy", {}).get("obfuscatedData", ()))
                document["signature"].update(targetHash=target.hex(), merkleRoot=target.hex(), proof=[])
                return document
            flat = proofs3.flatten(content, in_order=False)
            old = dict(proofs3.decode_salts(document["proof"]["salts"]))
            rows = [(path, old.get(path) or random.randbytes(32).hex()) for path in flat.paths]
            with_salts(rows, random)
            target = proofs3.digest(flat, dict(rows), dialect=random.choice(("tradetrust", "govtech")))
            document["proof"].update(targetHash=target.hex(), merkleRoot=target.hex(), proofs=[])
            document["proof"]["salts"] = proofs3.encode_salts(rows)
            return {**content, "proof": document["proof"]}
        except (Error, KeyError, TypeError, ValueError):
            return document


def with_salts(rows: list[tuple[str, str]], random: Random) -> None:
    """Sometimes something odd among salts."""
    at, other = random.randrange(len(rows)), random.randrange(len(rows))
    match random.randrange(12):
        case 0:
            rows[at] = rows[at][0], rows[other][1]
        case 1:
            rows[at], rows[other] = rows[other], rows[at]
        case 2:
            rows[at] = rows[at][0], rows[at][1].upper()
        case 3:
            rows.insert(at, rows[other])
        case 4:
            rows.append((random.choice(NAMES), "1" * 64))


def odd_text(random: Random) -> str:
    """A text with an end that may be white space."""
    return "x" + random.choice((*WHITE_SPACE, "\u200b", "\u0085", "\x1f", "\u180e", "\u2060", "\xa1", "y"))


def withholding(document: dict[str, Any], random: Random) -> dict[str, Any]:
    """Some leaves of the root replaced by their hashes."""
    data = dict(document["data"])
    names = [name for name, value in data.items() if isinstance(value, str)]
    gone = random.sample(names, min(len(names), random.randint(1, 4)))
    hashes = [keccak256(json_member(name, data.pop(name))).hex() for name in gone]
    return {**document, "data": data, "privacy": {"obfuscatedData": hashes}}


def verifying(kind: Kind, document: Any, text: bytes) -> list[object]:
    """Everything that a verifier may see of a document; parsed, and as the bytes of a file."""

    def checked() -> object:
        claim2 = oa2.integrity_of(document) if kind == "oa2" else None
        fact = claim2.check(OFFLINE) if claim2 else oa3.integrity_of(document).check(OFFLINE)
        return str(fact), fact.notes

    def digested() -> object:
        if kind == "oa2":
            return v2_digest.digest(document["data"], document.get("privacy", {}).get("obfuscatedData", ()))
        content = {name: value for name, value in document.items() if name != "proof"}
        return proofs3.digest_of(content, document["proof"]["salts"], tuple(document["proof"]["privacy"]["obfuscated"]))

    def examined() -> object:
        report = examine(text, POLICY, sources=OFFLINE)
        data = report.document and outcome(lambda: json.dumps(dict(report.document.data)))
        return str(report), report.verdict, data

    return [outcome(work) for work in (checked, digested, examined)]


def without_salts(node: Any) -> Any:
    """A salted copy with each salt left out, and its members in order."""
    if isinstance(node, dict):
        return [(name, without_salts(value)) for name, value in node.items()]
    return [without_salts(value) for value in node] if isinstance(node, list) else node[36:]


def wrapping(data: Any, any_end: bool) -> Callable[[], object]:
    """What wrapping makes of v2 data but for its salts, which are new each time; and that its digest is the right one."""

    def work() -> object:
        copy, target = oa2.prepare(data, any_end=any_end)
        with using(PURE):
            assert v2_digest.digest(copy["data"]) == target
            flat = v2_digest.flatten(copy["data"])
            assert all(isinstance(value, dict | list) for _, value in flat.others)
            assert proofs2._is_well_salted(flat), data
        return without_salts(copy["data"])

    return work


def batch(random: Random) -> Callable[[], object]:
    found = [random.randbytes(32) for _ in range(random.choice((1, 2, 3, 7, 8, 9, 30)))]
    found += random.sample(found, random.randint(0, 1))

    def work() -> object:
        tree = merkle.Tree(found)
        proof = tree.proof(found[0])
        wrong = (*proof[:-1], bytes(32)) if proof else (bytes(32),)
        return [tree.root, proof, merkle.leads(found[0], proof, tree.root), merkle.leads(found[0], wrong, tree.root)]

    return work


def differences(core: native.Core, kind: Kind, count: int, seed: int) -> list[str]:
    """Compare so many documents of one format; what differs."""
    random, found = Random(f"{kind} {seed}"), []

    def compare(what: str, about: object, work: Callable[[], object]) -> None:
        with using(core):
            fast = outcome(work)
        with using(PURE):
            slow = outcome(work)
        if fast != slow:
            found.append(f"{what}: {fast!r} with the core, {slow!r} in Python, of {about!r}")

    document: dict[str, Any] = {}
    for done in range(count):
        others = [document] if document else []
        document = documents(kind, random)
        changed = deepcopy(document)
        if (chosen := random.random()) < 0.6:
            changed = spoilt(kind, document, random)
        elif chosen < 0.9:
            changed = mutated(document, random, others)
        text = json.dumps(changed).encode()
        compare("verifying", changed, lambda c=changed, t=text: verifying(kind, c, t))  # type: ignore[misc]
        if isinstance(changed, dict) and isinstance(data := changed.get("data"), dict):
            compare("reading back", data, lambda d=data: unsalted(d))  # type: ignore[misc]
        if kind == "oa2":
            raw = fuzz.document(random, random.choice((".", ""))) | random.choice(({}, {"x": changed}))
            raw[random.choice(("end", "a.b", "e"))] = [odd_text(random)]
            raw = {
                name: value for name, value in raw.items() if name not in ("", *v2_digest.RESERVED)
            }  # refused before
            compare("wrapping", raw, wrapping(raw, random.random() < 0.5))
            compare("a batch", random, batch(random))
        if sys.stderr.isatty() and done % 1000 == 0:
            print(f"\r{kind} {done:,} of {count:,}", end="", file=sys.stderr)
    return found


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    if isinstance(native.CORE, native.Pure):
        print(f"there is no core to compare: {native.WHY}", file=sys.stderr)
        return 2
    found = [line for kind in ("oa2", "oa3") for line in differences(native.CORE, kind, count, seed)]
    print(*found[:20], sep="\n")
    print(f"{count:,} documents of each format, of seed {seed}: {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
