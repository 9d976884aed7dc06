"""The functions that compose a move take a title whose state is HOSTILE without a word. Public names only."""

from dataclasses import replace

from lab import World, end

from ebl.errors import Error
from ebl.registry import Registry, State, title, transfer_holder
from ebl.sources import online

with World() as w:
    registry = w.registry()
    w.done("registry", "mint", "0x07", "--registry", registry, "--beneficiary", w.address("bank"))
    read = title(online(rpc={1337: w.chain.url}).chain(1337), Registry(1337, registry), 7)
    try:
        print(
            "composed:",
            transfer_holder(replace(read, state=State.HOSTILE, doubts=("made up",)), w.address("shipper")).summary,
        )
        composed = True
    except Error as no:
        print("refused:", no)
        composed = False
end(not composed, "a title whose state is HOSTILE is not moved unless the caller says that it knows")
