"""`ebl decrypt` on a terminal (stdout is its default) prints any byte of a stranger's document, ESC included."""

from lab import end, folder, tty

from ebl.sharing.encryption import encrypt

at = folder()
(at / "secret.json").write_bytes(encrypt("\x1b]0;title\x07\x1b[2J VALID  bill.json", b"\1" * 32).to_json())
(at / "key").write_text("01" * 32)
(at / "key").chmod(0o600)
shown = tty("decrypt", at / "secret.json", "--key-file", at / "key")
print(repr(shown))
end(
    "\x1b" not in shown,
    "to a terminal only with -o - or the like said on purpose, or escaped. To a pipe or a file the bytes stay as they are",
)
