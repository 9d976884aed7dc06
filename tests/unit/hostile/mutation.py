"""Changes of JSON at random, with a taste for what matters in documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from ebl.codec.javascript_json import text
from tests.unit.hostile.world import DID, DOMAIN, KEY_ID, STORE

Path = tuple[Any, ...]

_SALT = "00000000-0000-4000-8000-000000000000"
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, 1e21, 2**53 + 2, -0.0, float("inf"), 12345678901234567890),
    *("", " ", "a", "\ud800", "\u202e\x1b[31m", "[object Object]", "0x", "a" * 300, "9" * 5_000),
    *([], {}, [[]], [{}], {"": 1}, {"a.b": 1}, {"__proto__": {}}, {"0": 1}, {"constructor": 1}),
    *(_SALT, f"{_SALT}:", f"{_SALT}:string:", f"{_SALT}:number:0x10", f"{_SALT}:number:1e400", f"{_SALT}:odd:1"),
    *(f"{_SALT}:null:null", f"{_SALT}:undefined:undefined", f"{_SALT}:boolean:TRUE", f"{_SALT}:string:{STORE}"),
    *(STORE, STORE.lower(), "0x" + "0" * 40, f"{DOMAIN}.", DOMAIN.upper(), "xn--a", "1337", "01337", "1", "-1"),
    *(DID, KEY_ID, f"{DID}?a=1", "did:key:z", "did:web:carrier.example", "did:web:127.0.0.1%3A80"),
    *("11" * 32, "AA" * 32, ["11" * 32], ["11" * 32] * 70, "2020-01-01T00:00:00Z", "e30=", "W10=", "bnVsbA=="),
    *("DNS-TXT", "DNS-DID", "DID", "DOCUMENT_STORE", "TOKEN_REGISTRY", "NONE", "REVOCATION_STORE", "OCSP_RESPONDER"),
    *("https://schema.openattestation.com/2.0/schema.json", "https://schema.openattestation.com/3.0/schema.json"),
    *("https://responder.example", {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023"}),
)
_NAMES = (
    *("", "__proto__", "constructor", "a.b", "0", "length", "\ud800", "\x00", "data", "signature", "proof", "issuers"),
    *("network", "privacy", "obfuscatedData", "obfuscated", "version", "schema", "@context", "type", "id"),
    *("openAttestationMetadata", "credentialStatus", "verifiableCredential", "tokenRegistry", "documentStore"),
    *("certificateStore", "identityProof", "location", "revocation", "expirationDate", "validUntil", "chainId"),
)
_TELLING = {"signature", "proof", "issuers", "network", "privacy", "openAttestationMetadata", "version", "schema"}


def mutated(document: Any, random: Random, others: Sequence[Any]) -> Any:
    """A copy with one to three changes, some of them parts of itself or of ``others``."""
    root = [deepcopy(document)]
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        places = [path for path in _paths(root) if path]
        telling = [path for path in places if _TELLING & set(path[1:3])]
        _change(root, random.choice(telling if telling and random.random() < 0.4 else places), places, random, others)
    return root[0]


def _change(root: list[Any], path: Path, places: list[Path], random: Random, others: Sequence[Any]) -> None:
    holder, last = _at(root, path[:-1]), path[-1]
    value = holder[last]
    other = random.choice([root[0], *others])
    foreign = deepcopy(_at(other, random.choice(list(_paths(other)))))
    match random.randrange(8):
        case 0 if len(path) > 1:
            del holder[last]
        case 1:
            holder[last] = deepcopy(random.choice(ODD))
        case 2:
            holder[last] = foreign
        case 3 if isinstance(value, dict):
            value[random.choice(_NAMES)] = random.choice((foreign, deepcopy(random.choice(ODD))))
        case 3 if isinstance(value, list):
            value.insert(random.randint(0, len(value)), random.choice((foreign, deepcopy(random.choice(ODD)))))
        case 4 if isinstance(holder, dict):
            holder[random.choice(_NAMES)] = holder.pop(last)
        case 5:
            holder[last] = [value]
        case 6 if isinstance(value, list):
            holder[last] = {str(at): item for at, item in enumerate(value)}
        case 6 if isinstance(value, dict):
            holder[last] = list(value.values())
        case 6 if isinstance(value, str):
            at = random.randint(0, len(value))
            inserted = random.choice(("", ":", "0", "a", "A", " ", "\t", "\ufeff", "\ud800"))
            holder[last] = value[:at] + inserted + value[at + random.randint(0, 1) :]
        case 7 if isinstance(value, str):
            holder[last] = random.choice((value.upper(), value.lower(), f"{value} ", f" {value}", value * 2))


def written(value: Any, random: Random) -> bytes:
    """JSON of any kind, sometimes with the bytes of lone surrogates, which UTF-8 has not."""
    return json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")


def content(document: Any) -> list[tuple[Path, str]]:
    """What a document says, in an order of its own: every leaf with its path, as far as its format binds it."""
    if "data" in document:
        return sorted((path, repr(leaf)) for path, leaf in _leaves(document["data"], ()))
    rest = {name: value for name, value in document.items() if name != "proof"}
    return sorted((path, text(leaf)) for path, leaf in _leaves(rest, ()) if not isinstance(leaf, dict | list))


def _leaves(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if node and isinstance(node, dict | list):
        for step, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _leaves(value, (*path, str(step)))
    else:
        yield path, node


def _paths(node: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(node, dict | list):
        for step, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _paths(value, (*path, step))


def _at(node: Any, path: Path) -> Any:
    for step in path:
        node = node[step]
    return node
