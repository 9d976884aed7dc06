"""Messages of findings: a key with parameters, and a catalogue of texts for each language.

`say` makes a message where a check obtains its result, and ``render`` puts it into words where the message is shown. A
language is one file in this folder (see ``ebl.messages.catalogue``).
"""

from __future__ import annotations

from ebl.codec.broken import Reason
from ebl.messages.message import Message, Parameter, explained, own_words, parse, say

__all__ = [
    "Message",
    "Parameter",
    "Reason",
    "explained",
    "own_words",
    "parse",
    "say",
]
