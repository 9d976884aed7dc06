"""Whatever verification takes, `unwrap`, `inspect` and a reader of ``Document.data`` take too, whatever a leaf says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ebl.checking.formats import read
from ebl.cli import main
from ebl.credential import Credential, derive, sign
from ebl.credentials.issuer_keys import IssuerKey
from ebl.crypto.multikey import KeyType
from ebl.errors import DocumentError, InvalidInput, Refuted
from ebl.jsonld.contexts import known
from ebl.openattestation import v2_digest
from ebl.sources import offline
from ebl.verify import check_integrity
from ebl.wrap import to_json, unwrap

SALT = "0b5b8e58-9d4b-4c1a-8f0e-0123456789ab"
KINDS = ("string", "number", "boolean", "null", "undefined", "object", "", "booleann", "Boolean", "nullable")
LEAVES = (
    st.builds(lambda kind, rest: f"{uuid4()}:{kind}{rest}", st.sampled_from(KINDS), st.text(max_size=6))
    | st.builds(
        lambda kind, colon, rest: f"{uuid4()}:{kind}{colon}{rest}", st.sampled_from(KINDS), st.just(":"), st.text()
    )
    | st.text(max_size=60)
    | st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
)


def v2(leaf: Any) -> dict[str, Any]:
    """A wrapped document, rightly hashed, that holds a leaf as it is."""
    proof = {"type": f"{uuid4()}:string:DNS-TXT", "location": f"{uuid4()}:string:carrier.example"}
    store = f"{uuid4()}:string:0x{'11' * 20}"
    data = {"issuers": [{"name": f"{uuid4()}:string:Line", "documentStore": store, "identityProof": proof}], "x": leaf}
    root = v2_digest.digest(data).hex()
    return {
        "version": "https://schema.openattestation.com/2.0/schema.json",
        "data": data,
        "signature": {"type": "SHA3MerkleProof", "targetHash": root, "proof": [], "merkleRoot": root},
    }


@pytest.mark.slow
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(leaf=LEAVES)
@example(leaf=f"{SALT}:boolean0true")
@example(leaf=f"{SALT}:boolean")
@example(leaf=f"{SALT}:nullx")
@example(leaf=f"{SALT}:null:nullable")
@example(leaf=f"{SALT}:stringx:a")
@example(leaf=f"{SALT}:number:1e400")
def test_a_document_whose_integrity_holds_is_read_by_everybody(leaf: Any, tmp_path: Path) -> None:
    raw = to_json(v2(leaf))
    try:
        document = read(raw)
        check_integrity(document)
    except (DocumentError, Refuted):
        return  # not VALID: then nobody has to read it
    content = dict(document.data)
    assert json.dumps(unwrap(json.loads(raw))) == json.dumps(content)
    file = tmp_path / "bill.json"
    file.write_bytes(raw)
    for command in ("unwrap", "inspect"):
        done = CliRunner().invoke(main, [command, str(file)])
        assert done.exit_code == 0, (command, done.output, done.exception)


GRAPHS = b"""{"@context": {"@version": 1.1, "@protected": true, "id": "@id", "type": "@type",
 "inner": {"@id": "https://example.com/inner", "@context": {
   "claim": {"@id": "https://example.com/claim", "@container": "@graph", "@context": {"says": "https://example.com/says"}}}}}}"""
URL = "https://example.com/graphs"


@pytest.mark.parametrize("kind", [KeyType.P256, KeyType.BLS12_381])
def test_what_derive_gives_is_read_or_it_refuses(kind: KeyType) -> None:
    contexts = known().adding(URL, GRAPHS, sha256=hashlib.sha256(GRAPHS).hexdigest())
    key = IssuerKey.generate(kind)
    subject = {"inner": {"claim": {"id": "urn:x:claim", "says": "sand"}}}
    made = Credential(issuer=key.did, subject=subject, contexts=[URL], known_contexts=contexts)
    signed = sign(made.to_dict(), key, contexts=contexts)
    claim = "/credentialSubject/inner/claim"
    with pytest.raises(InvalidInput, match="No verifier could read"):
        derive(signed, [f"{claim}/id"], contexts=contexts)
    from ebl.credentials import vc

    for shown in ([f"{claim}/says"], [f"{claim}/id", f"{claim}/says"], [claim], [""]):
        document = vc.read(derive(signed, shown, contexts=contexts), contexts=contexts)
        for integrity in document.integrity:
            integrity.check(offline())
