"""`ebl verify FOLDER > report` on a terminal shows nothing while it works through thousands of files."""

import json
import os
import pty
import select
import subprocess
import time

from lab import EBL, ENV, bill, end, folder, salted, wrapped_v2

at = folder()
text = json.dumps(wrapped_v2(salted(bill({"documentStore": "0x" + "11" * 20}, cargo=["a box"] * 300))))
for n in range(2500):
    (at / f"{n}.json").write_text(text)
ours, theirs = pty.openpty()
environment = {name: value for name, value in ENV.items() if name != "NO_COLOR"} | {"TERM": "xterm"}
command = [*EBL, "verify", "--offline", str(at)]
run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment)
os.close(theirs)
shown, begun = b"", time.time()
while run.poll() is None:
    if select.select([ours], [], [], 0.2)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:
            break
run.wait()
print(f"{time.time() - begun:.1f} s; on the terminal before the last line:", shown[:200])
end(
    b"Traceback" not in shown and (len(shown.splitlines()) > 1 or b"\r" in shown.rstrip(b"\r\n")),
    "a bar on stderr when stdout is a file, as `ebl wrap` has one",
)
