"""Whether the contexts of a v3 credential define its members: JSON-LD drops a member that no context defines.

Only available contexts are used: those included in the library, OpenAttestation's, and objects in the credential.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from ebl.codec.javascript_json import WHITE_SPACE, stringify
from ebl.codec.json_pointer import escape
from ebl.errors import Problem
from ebl.jsonld.active_context import Context, Term, process
from ebl.jsonld.contexts import Contexts, known, parse
from ebl.jsonld.faults import BadContext, UnknownContext
from ebl.model.broken_input import read_json

_SPACE = re.compile(f"[{WHITE_SPACE}]")
_ABSOLUTE = re.compile(f"(?:[A-Za-z][A-Za-z0-9+,.-]*|_):[^{WHITE_SPACE}]*")
_OPENATTESTATION = """\
url https://schemata.openattestation.com/com/openattestation/1.0/OpenAttestation.v3.json
sha256 2cebf358c01d77f53808c41ceba029bc6838f7b088b28fe6f888f38db739dfd5
short oa https://schemata.openattestation.com/vocab/#
terms
OpenAttestationCredential oa:OpenAttestationCredential {open
  openAttestationMetadata oa:openAttestationMetadata {open
    identityProof oa:identityProof {
      id @id
      type @type
      identifier xsd:string
      DNS-TXT xsd:string
    }
    template oa:template {
      id @id
      type @type
      name xsd:string
      url xsd:string
      EMBEDDED_RENDERER xsd:string
    }
  }
  attachments oa:openAttestationMetadata {open
    data xsd:string
    fileName xsd:string
    mimeType xsd:string
  }
  reference xsd:string
  name xsd:string
  network oa:network {open
    chain xsd:string
    chainId xsd:string
  }
}
OpenAttestationIssuer oa:OpenAttestationIssuer {open
  name xsd:string
}
OpenAttestationProofMethod oa:OpenAttestationCredential {open
  method xsd:string
  value xsd:string
  revocation oa:openAttestationRevocation {open
    location xsd:string
  }
}
"""


def problems(credential: Mapping[str, Any]) -> Iterator[Problem]:
    """Yields the members that the credential's contexts do not define.

    Yields nothing if this cannot be determined: a context is at a URL that is not included (nothing is fetched), or has a
    form that is not supported.
    """
    try:
        root = _compiled(stringify(credential["@context"]))
        yield from [
            Problem(
                pointer,
                'a name that @context defines (or add {"@vocab": "https://…#"} to it)',
                "a name that it does not",
            )
            for pointer in _undefined(credential, root)
        ]
    except (BadContext, UnknownContext):
        return


def _undefined(credential: Mapping[str, Any], root: Context) -> list[str]:
    found: list[str] = []
    stack: list[tuple[str, Any, Context, Term | None]] = [("", credential, root, None)]
    while stack:
        pointer, value, active, term = stack.pop()
        if isinstance(value, list | tuple):
            stack += [(f"{pointer}/{at}", item, active, term) for at, item in enumerate(value)]
        elif isinstance(value, dict):
            context = _within(value, active, term) if pointer else _typed(value, active)
            for name, member in value.items():
                below = context.terms.get(name)
                if _is_keyword(name, below):
                    continue
                if not _has_meaning(name, below, context):
                    found.append(f"{pointer}/{escape(name)}")
                elif isinstance(member, dict | list | tuple) and not _holds_no_terms(below):
                    stack.append((f"{pointer}/{escape(name)}", member, context, below))
    return found


def _is_keyword(name: str, term: Term | None) -> bool:
    """Whether a member is a keyword of JSON-LD, or an alias of one."""
    return name.startswith("@") or (term is not None and term.iri is not None and term.iri.startswith("@"))


def _holds_no_terms(term: Term | None) -> bool:
    """Whether the names in a member's value are not terms: JSON as it is, languages, or a form that is not examined."""
    return term is not None and (bool(term.unsupported) or term.type == "@json" or "@language" in term.container)


def _has_meaning(name: str, term: Term | None, context: Context) -> bool:
    """Whether a name is a term with an IRI, or expands to one: as a compact IRI, as an absolute IRI, or with ``@vocab``."""
    if term is not None:
        return term.iri is not None
    prefix, colon, rest = name.partition(":")
    if colon and (scheme := context.terms.get(prefix)) is not None and scheme.iri is not None:
        return not _SPACE.search(rest)
    return _is_absolute(name, context.vocab)


@lru_cache(maxsize=4096)  # every document has the same names
def _is_absolute(name: str, vocab: str | None) -> bool:
    return bool(_ABSOLUTE.fullmatch(name) or (vocab and _ABSOLUTE.fullmatch(vocab + name)))


def _within(node: Mapping[str, Any], active: Context, term: Term | None) -> Context:
    """Returns the context inside an object (JSON-LD-API 5.1.2, steps 7 to 11)."""
    if active.previous is not None and "@value" not in node and set(node) != {"@id"}:
        active = active.previous
    if term is not None:
        active = active.of_property(term)
    if "@context" in node:
        active = _extended(active, node["@context"])
    return _typed(node, active)


def _typed(node: Mapping[str, Any], active: Context) -> Context:
    types: list[Any] = []
    for name, value in node.items():
        if name == "@type" or ((term := active.terms.get(name)) is not None and term.iri == "@type"):
            types += value if isinstance(value, list | tuple) else [value]
    found = active
    for name in sorted(name for name in types if isinstance(name, str)):
        if (scoped := active.terms.get(name)) is not None:
            found = found.of_type(scoped)
    return found


@lru_cache(maxsize=64)
def _compiled(contexts: bytes) -> Context:
    return _extended(Context({}), read_json(contexts, any_number=True))


def _extended(active: Context, contexts: Any) -> Context:
    for context in contexts if isinstance(contexts, list | tuple) else [contexts]:
        active = process(active, _contexts().get(context) if isinstance(context, str) else context)
    return active


@cache
def _contexts() -> Contexts:
    (own,) = parse(_OPENATTESTATION)
    return Contexts(MappingProxyType({**known().by_url, own.url: own}))
