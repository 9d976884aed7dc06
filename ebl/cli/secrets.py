"""Where commands get keys and passwords: a file, a descriptor, the environment or a prompt, but never an option's value.

Every user of the system can see the words of a command line, and the shell's history keeps them.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ebl.chain.signers import AwsKms, CommandSigner, KmsSigner, LocalKey
from ebl.cli import own_files as files
from ebl.cli.output import printable, say
from ebl.config.files import MAX_SECRET, whole
from ebl.errors import InvalidInput

SIGNING_KEY = ("EBL_PRIVATE_KEY", "OA_PRIVATE_KEY")
_PASSWORD = "EBL_KEYSTORE_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """The place from which a secret is read: the one that an option names, else the first ``usual`` variable that is set."""

    what: str
    usual: tuple[str, ...] = ()
    file: str | None = None
    fd: int | None = None
    env: str | None = None

    @property
    def is_named(self) -> bool:
        """Whether an option names a place."""
        return any(place is not None for place in (self.file, self.fd, self.env))

    def read(self) -> str:
        """The text of the secret. Raises `ebl.cli.output.OwnInput` if there is none, or it cannot be read."""
        if sum(place is not None for place in (self.file, self.fd, self.env)) > 1:
            raise click.UsageError(f"Name one place only for the {self.what}.")
        with files.own(f"the {self.what}"):
            return self._read()

    def _read(self) -> str:
        if self.file is not None:
            warn_of_open_file(self.file, self.what)
            return _decoded(files.load(self.file, limit=MAX_SECRET), self.what)
        if self.fd is not None:
            try:
                with open(self.fd, "rb", closefd=False) as stream:
                    # Refused if it is larger, because a cut password would be another password.
                    return _decoded(whole(stream, limit=MAX_SECRET), self.what)
            except OSError as trouble:
                raise InvalidInput(f"Descriptor {self.fd} cannot be read: {trouble.strerror}.") from None
        for name in (self.env,) if self.env is not None else self.usual:
            if value := os.environ.get(name):
                return value
        if self.env is not None:
            raise InvalidInput(f"The variable {printable(self.env)} is not set.")
        raise InvalidInput(
            f"There is no {self.what}.", fix=f"Set {self.usual[0]}, or name a file that contains it with --key-file."
        )


def with_key(what: str, *, usual: tuple[str, ...]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the options that name the place of a key in hex. The command gets ``key``, a `SecretPlace`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @click.option("--key-file", metavar="FILE", help=f"A file with the {what} in hex; - for stdin.")
        @click.option("--key-fd", type=int, metavar="N", help=f"An open descriptor with the {what} in hex.")
        @click.option(
            "--key-env", metavar="NAME", help=f"The variable that contains it (default: {' or '.join(usual)})."
        )
        @wraps(command)
        def run(*args: Any, key_file: str | None, key_fd: int | None, key_env: str | None, **options: Any) -> Any:
            return command(*args, key=SecretPlace(what, usual, key_file, key_fd, key_env), **options)

        return run

    return decorate


def with_signer(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that name the signer. The command gets ``signer``, a function that opens the key when it is called."""

    @with_key("private key", usual=SIGNING_KEY)
    @click.option("--keystore", metavar="FILE", help="A keystore v3 file; its password is asked for.")
    @click.option("--password-file", metavar="FILE", help=f"The keystore's password (or {_PASSWORD}, or the prompt).")
    @click.option(
        "--signer", "elsewhere", metavar="SPEC", help="cmd:PROGRAM ARGUMENTS, or kms:KEY for a key in AWS KMS."
    )
    @wraps(command)
    def run(
        *args: Any,
        key: SecretPlace,
        keystore: str | None,
        password_file: str | None,
        elsewhere: str | None,
        **options: Any,
    ) -> Any:
        if key.is_named + (keystore is not None) + (elsewhere is not None) > 1:
            raise click.UsageError("Give a key, a keystore or --signer, not both.")
        if password_file is not None and keystore is None:
            raise click.UsageError("--password-file goes with --keystore.")

        def signer() -> LocalKey | CommandSigner | KmsSigner:
            if elsewhere is not None:
                return _elsewhere(elsewhere)
            if keystore is not None:
                with files.own("the keystore"):
                    return LocalKey.from_keystore(files.load(keystore, limit=MAX_SECRET), password(password_file))
            with files.own(f"the {key.what}"):
                return LocalKey.from_hex(key.read())

        return command(*args, signer=signer, **options)

    return run


def _elsewhere(spec: str) -> CommandSigner | KmsSigner:
    """The signer that ``--signer`` names."""
    kind, _, rest = spec.partition(":")
    if kind == "cmd" and rest.strip():
        try:
            argv = shlex.split(rest)
        except ValueError as bad:
            raise click.BadParameter(
                f"expected words as a shell would read them: {bad}", param_hint="--signer"
            ) from bad
        return CommandSigner(argv)
    if kind == "kms" and rest.strip():
        return KmsSigner(AwsKms(rest))
    raise click.BadParameter("expected cmd:PROGRAM ARGUMENTS or kms:KEY", param_hint="--signer")


def password(file: str | None, *, new: bool = False) -> str:
    """The password of a keystore: from a file, the environment, or the prompt (twice if it is ``new``)."""
    if file is not None:
        return SecretPlace("password", file=file).read().removesuffix("\n").removesuffix("\r")
    if password := os.environ.get(_PASSWORD):
        return password
    if sys.stdin is None or not sys.stdin.isatty():
        raise InvalidInput("There is no password for the keystore.", fix=f"Set {_PASSWORD}, or use --password-file.")
    words = "New password of the keystore" if new else "Password of the keystore"
    return str(click.prompt(words, hide_input=True, err=True, confirmation_prompt=new))


def warn_of_open_file(name: str, what: str) -> None:
    """Warns on stderr if other users of this system may read a file with a secret."""
    if os.name == "posix" and name != "-" and Path(name).is_file():
        mode = Path(name).stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            say(f"Other users of this system may read the {what} in {printable(name)}: chmod 600 it.")


def _decoded(raw: bytes, what: str) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise InvalidInput(f"The file with the {what} is not text in UTF-8.") from None
    if text.startswith("\ufeff"):  # it would become a part of the password
        raise InvalidInput(
            f"The file with the {what} starts with a byte order mark.", fix="Save it as UTF-8 without one."
        )
    return text
