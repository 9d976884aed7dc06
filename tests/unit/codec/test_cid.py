"""Content ids are the ones that content-addressed storages give."""

from ebl.codec import cid


def test_known_content_has_its_known_id() -> None:
    assert cid.of_bytes(b"") == "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
    assert cid.of_bytes(b"hello world") == "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"


def test_other_content_has_another_id() -> None:
    assert cid.of_bytes(b"a") != cid.of_bytes(b"b")
