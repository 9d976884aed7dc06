"""Signers: a key in memory or in a keystore file, a function, another program, or a key management service."""

from ebl.chain.sending.transaction import TransactionSigner
from ebl.chain.signers.command_signer import CommandSigner
from ebl.chain.signers.kms import AwsKms, Kms, KmsSigner
from ebl.chain.signers.local_key import CallableSigner, LocalKey, Signer

__all__ = [
    "AwsKms",
    "CallableSigner",
    "CommandSigner",
    "Kms",
    "KmsSigner",
    "LocalKey",
    "Signer",
    "TransactionSigner",
]
