"""`examine(json.load(…))`, and str and Path: AttributeError: 'dict' object has no attribute 'notes'."""

from lab import INPUTS, end, load

from ebl.errors import Error
from ebl.policy import IssuedBy
from ebl.sources import offline
from ebl.verify import examine

name, crashed = "compat_v2_mixed_issuers.json", []
for value in (load(name), (INPUTS / name).read_text(), INPUTS / name):
    try:
        print(type(value).__name__, examine(value, IssuedBy("carrier.example"), sources=offline()).verdict)
    except (Error, TypeError) as no:
        print(type(value).__name__, "refused:", no)
    except Exception as no:
        print(type(value).__name__, f"{type(no).__name__}: {no}")
        crashed.append(type(value).__name__)
end(
    not crashed,
    "they are taken, or refused by an InvalidInput that says what to give (the same in verify and fragments)",
)
