"""A key in a KMS signs what Ethereum takes: the lower s, the right v, and only as itself."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)

from ebl.chain.sending.transaction import Fees, Unsigned
from ebl.chain.signers import AwsKms, KmsSigner, LocalKey
from ebl.errors import InvalidInput, TransactionError
from ebl.ethereum import secp256k1
from tests.unit.chain.titles.test_title_challenge import asked

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
UNSIGNED = Unsigned(1, 7, "0x5FbDB2315678afecb367f032d93F642f64180aa3", b"\1\2", 21_000, Fees(10, 1))


class StandIn:
    """Answers as the AWS client does, with a key of its own; ``upper`` makes every s the upper one, or the lower."""

    def __init__(self, *, curve: Any = None, upper: bool | None = None) -> None:
        self.key = ec.generate_private_key(curve or ec.SECP256K1())
        self.upper = upper
        self.asked: list[dict[str, Any]] = []

    def get_public_key(self, **asked: Any) -> dict[str, Any]:
        der = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {"PublicKey": der, "KeyId": asked["KeyId"]}

    def sign(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        r, s = decode_dss_signature(self.key.sign(asked["Message"], ec.ECDSA(Prehashed(hashes.SHA256()))))
        if self.upper is not None and (s > ORDER // 2) != self.upper:
            s = ORDER - s
        return {"Signature": encode_dss_signature(r, s)}


@pytest.mark.parametrize("upper", [True, False])
def test_a_transaction_signed_by_a_kms_is_by_its_address_with_the_lower_s(upper: bool) -> None:
    from eth_account import Account

    client = StandIn(upper=upper)
    signer = KmsSigner(AwsKms("alias/carrier", client))
    for _ in range(4):
        signature = signer.sign_transaction(UNSIGNED)
        assert int.from_bytes(signature[32:64]) <= ORDER // 2
        assert Account.recover_transaction(UNSIGNED.signed(signature)) == signer.address
    assert client.asked[0] == {
        "KeyId": "alias/carrier",
        "Message": UNSIGNED.digest,
        "MessageType": "DIGEST",
        "SigningAlgorithm": "ECDSA_SHA_256",
    }


def test_a_message_is_signed_as_wallets_do() -> None:
    signer = KmsSigner(AwsKms("key", StandIn()))
    signature = signer.sign_message(b"hello")
    assert secp256k1.recover(secp256k1.personal_digest(b"hello"), signature) == signer.address


def test_typed_data_is_signed_in_the_one_form_that_is_accepted() -> None:
    signer = KmsSigner(AwsKms("key", StandIn(upper=True)))
    data = asked().typed_data(signer.address)
    signature = signer.sign_typed_data(data)
    assert secp256k1.recover(data.digest, signature) == signer.address
    assert int.from_bytes(signature[32:64]) <= ORDER // 2 and signature[64] in (27, 28)


def test_the_address_is_that_of_the_key() -> None:
    client = StandIn()
    secret = client.key.private_numbers().private_value.to_bytes(32)
    assert KmsSigner(AwsKms("key", client)).address == LocalKey(secret).address


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_a_key_of_another_curve_is_refused(curve: Any) -> None:
    with pytest.raises(InvalidInput, match="secp256k1"):
        KmsSigner(AwsKms("key", StandIn(curve=curve)))


@pytest.mark.parametrize(
    "answer", [b"", b"\x30\x00", os.urandom(70), encode_dss_signature(1, 1), encode_dss_signature(0, 5)]
)
def test_an_answer_that_is_no_signature_of_the_key_sends_nothing(answer: bytes) -> None:
    client = StandIn()
    signer = KmsSigner(AwsKms("key", client))
    client.sign = lambda **_: {"Signature": answer}  # type: ignore[method-assign]
    with pytest.raises(TransactionError, match="nothing was sent"):
        signer.sign_transaction(UNSIGNED)


def test_a_service_that_refuses_is_named_by_its_code_only() -> None:
    class Denied(Exception):
        response = {"Error": {"Code": "AccessDeniedException", "Message": "arn:aws:iam::123456789012:user/secret"}}

    client = StandIn()
    signer = KmsSigner(AwsKms("key", client))

    def refuse(**_: Any) -> dict[str, Any]:
        raise Denied("arn:aws:iam::123456789012:user/secret")

    client.sign = refuse  # type: ignore[method-assign]
    with pytest.raises(TransactionError, match="AccessDeniedException") as refused:
        signer.sign_transaction(UNSIGNED)
    assert "123456789012" not in str(refused.value)


def test_a_machine_that_is_not_set_up_for_the_service_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with pytest.raises(InvalidInput, match="NoRegionError") as no:
        AwsKms("alias/carrier")
    assert "AWS_REGION" in no.value.fix


def test_the_real_client_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3
    import moto

    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "DEFAULT_REGION": "ap-southeast-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with moto.mock_aws():
        made = boto3.client("kms").create_key(KeySpec="ECC_SECG_P256K1", KeyUsage="SIGN_VERIFY")
        service = AwsKms(made["KeyMetadata"]["KeyId"])
        signed = service.sign_digest(UNSIGNED.digest)
        # the stand-in hashes even what it is told to be a digest, so the signature is of the digest's hash
        hashed = hashlib.sha256(UNSIGNED.digest).digest()
        assert secp256k1.from_der(signed, hashed, KmsSigner(service).address)
        with pytest.raises(TransactionError, match="NotFoundException"):
            AwsKms("11111111-2222-3333-4444-555555555555").public_key()
