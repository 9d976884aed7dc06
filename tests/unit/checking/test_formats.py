"""Detection of a document's format."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ebl.checking import formats
from ebl.errors import Malformed, Unreadable
from ebl.openattestation.oa_detection import OA2, OA3, OA3_PROOF, is_oa4

CONTEXTS = (
    "https://www.w3.org/2018/credentials/v1",
    "https://www.w3.org/ns/credentials/v2",
    "https://schemata.openattestation.com/com/openattestation/4.0/context.json",
)
PROOFS = st.fixed_dictionaries(
    {}, optional={"type": st.sampled_from([OA3_PROOF, "DataIntegrityProof", 1]), "cryptosuite": st.just("x")}
)
TYPES = st.sampled_from(["VerifiableCredential", "VerifiablePresentation"])
MARKED = st.fixed_dictionaries(
    {},
    optional={
        "version": st.sampled_from([OA2, OA3, "x", None, 3]),
        "data": st.just({}),
        "signature": st.just({}),
        "openAttestationMetadata": st.just({}),
        "proof": PROOFS | st.lists(PROOFS, max_size=2) | st.none(),
        "@context": st.sampled_from(CONTEXTS) | st.lists(st.sampled_from(CONTEXTS), max_size=2),
        "type": TYPES | st.lists(TYPES, max_size=2),
    },
)


def by_all_detectors(parsed: dict[str, Any]) -> object:
    """The only format of which the object has a mark."""
    found = [name for name, _, is_one, _ in formats.FORMATS if is_one(parsed)]
    return found[0] if len(found) == 1 and not is_oa4(parsed) else None


@given(parsed=MARKED)
def test_the_usual_cases_are_detected_as_by_all_detectors(parsed: dict[str, Any]) -> None:
    try:
        found = formats._format_of(parsed)
    except (Malformed, Unreadable):
        found = None  # type: ignore[assignment]
    assert found == by_all_detectors(parsed)
