"""``ebl title challenge`` and ``ebl title answer``: who presents a title controls the account that holds it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebl.cli import own_files as files
from ebl.cli.challenges_option import with_challenges
from ebl.cli.output import json_dumps, printable, result, say
from ebl.cli.place import Whereabouts, with_whereabouts
from ebl.cli.secrets import with_signer
from ebl.cli.titled import looked_at
from ebl.codec.timestamp import format_timestamp
from ebl.errors import InvalidInput
from ebl.model.given_address import require_address

if TYPE_CHECKING:
    from ebl.registry import TitleAnswer, TitleChallenge


@click.command()
@click.argument("word", metavar="FILE|TOKEN")
@click.option("--registry", metavar="ADDRESS", help="The registry of a TOKEN; a FILE names its own.")
@click.option("--domain", required=True, metavar="DOMAIN", help="Your own domain, which the answer is bound to.")
@click.option(
    "--minutes", type=click.IntRange(1, 24 * 60), default=60, show_default=True, help="How long it may be answered."
)
@click.option("-o", "--output", default="-", metavar="FILE", help="The file to write and send; default: stdout.")
@with_challenges
@with_whereabouts
def challenge(
    where: Whereabouts,
    word: str,
    registry: str | None,
    domain: str,
    minutes: int,
    output: str,
    challenges: Path | None,
) -> None:
    """Make a challenge for a title: send it to the party that presents the title, and keep it for ebl verify --answer.

    \b
      ebl title challenge bill.json \\
        --domain bank.example -o ask.json
    """
    from ebl.registry import ChallengeFile, TitleChallenge
    from ebl.sources import offline

    which = looked_at(word, registry)
    chain_id = which.chain_id if which.chain_id is not None and not where.is_enough else which.place(where).chain_id
    try:
        made = TitleChallenge.new(
            verifier=domain.lower().rstrip("."),
            chain_id=chain_id,
            registry=which.registry,
            token_id=which.token_id,
            now=offline().now,
            lasts=timedelta(minutes=minutes),
        )
    except InvalidInput as bad:
        raise click.BadParameter(str(bad), param_hint="--domain") from bad
    with files.own("the file of challenges"):
        (ChallengeFile(challenges) if challenges else ChallengeFile.usual()).remember(made)
    files.put(output, f"{json_dumps(made.to_dict(), ensure_ascii=False)}\n".encode())
    say(
        f"It can be answered once, until {format_timestamp(made.expires)}: ebl title answer. Keep nothing of it secret."
    )


@click.command()
@click.argument("name", metavar="CHALLENGE")
@with_signer
@click.option("--account", metavar="ADDRESS", help="The account that holds the title, if its key is elsewhere.")
@click.option("--typed-data", metavar="FILE", help="Write what the account signs, for a wallet; - for stdout.")
@click.option("--qr", metavar="FILE", help="The same as a QR code: a new .svg or .png file.")
@click.option("--signature", metavar="HEX", help="The signature that the wallet made.")
@click.option("-o", "--output", default="-", metavar="FILE", help="The file to write and send; default: stdout.")
def answer(
    signer: Callable[[], Any],
    name: str,
    account: str | None,
    typed_data: str | None,
    qr: str | None,
    signature: str | None,
    output: str,
) -> None:
    """Answer a challenge: sign it with the account that holds the title. Nothing is sent, and nothing is transferred.

    With a key of yours this is one step. With a wallet elsewhere, write what it signs, let it sign (eth_signTypedData_v4),
    and give the signature:

    \b
      ebl title answer ask.json \\
        --account 0x… --typed-data s.json
      ebl title answer ask.json \\
        --account 0x… --signature 0x…
    """
    from ebl.registry import TitleAnswer, read_challenge

    asked = read_challenge(files.load(name))
    for line in _told(asked):
        say(line)
    if account is not None:
        account = require_address(account, "--account")
    if typed_data or qr:
        if account is None or signature is not None:
            raise click.UsageError("--typed-data and --qr need --account, and come before --signature.")
        _write_for_wallet(asked, account, typed_data, qr)
        return
    if signature is not None:
        if account is None:
            raise click.UsageError("--signature needs --account.")
        made = _pasted(asked, account, signature)
    else:
        key = signer()
        if account not in (None, key.address):
            raise InvalidInput(f"The key is of {key.address}, not of {account}.", fix="Leave --account out.")
        made = TitleAnswer(
            challenge=asked, account=key.address, signature=key.sign_typed_data(asked.typed_data(key.address))
        )
    files.put(output, f"{json_dumps(made.to_dict(), ensure_ascii=False)}\n".encode())


def _told(asked: TitleChallenge) -> list[str]:
    """What the presenter signs, in words."""
    return [
        f"{printable(asked.verifier)} asks whether you control the account that holds this title:",
        f"  token 0x{asked.token_id:064x}",
        f"  registry {asked.registry} on chain {asked.chain_id}",
        f"  until {format_timestamp(asked.expires)}. Signing transfers nothing.",
    ]


def _write_for_wallet(asked: TitleChallenge, account: str, typed_data: str | None, qr: str | None) -> None:
    text = json.dumps(asked.typed_data(account).to_dict(), separators=(",", ":"))
    if typed_data:
        files.put(typed_data, f"{text}\n".encode())
    if qr:
        from ebl.sharing.links import qr_png, qr_svg

        draw = {".svg": qr_svg, ".png": qr_png}.get(Path(qr).suffix.lower())
        if draw is None:
            raise click.BadParameter("expected a name that ends in .svg or .png", param_hint="--qr")
        files.save(Path(qr), draw(text))
        if not typed_data:
            result(f"{printable(qr)}: a QR code of what {account} signs")


def _pasted(asked: TitleChallenge, account: str, text: str) -> TitleAnswer:
    """The answer with a signature of a wallet; one by the account's key is checked, one of a contract wallet cannot be."""
    from ebl.ethereum.secp256k1 import recover
    from ebl.registry import TitleAnswer

    try:
        signature = bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError as bad:
        raise InvalidInput("The signature is not hex.", fix="Give it as 0x and hex digits.") from bad
    if len(signature) == 65 and signature[64] < 2:  # as some hardware wallets write it
        signature = signature[:64] + bytes([signature[64] + 27])
    made = TitleAnswer(challenge=asked, account=account, signature=signature)
    try:
        signer = recover(made.digest, signature)
    except ValueError:
        signer = ""
    if signer != account:
        say(
            f"Careful: the key of {account} did not make this signature. Only if that account is a contract (ERC-1271) can the "
            "verifier accept it."
        )
    return made
