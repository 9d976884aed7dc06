"""Who signs: a key in memory or in a keystore file, a function, another program, or a key management service."""

from ebl.signers.command import CommandSigner
from ebl.signers.kms import AwsKms, Kms, KmsSigner
from ebl.signers.local import CallableSigner, LocalKey, Signer
from ebl.transactions.unsigned import TransactionSigner

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
