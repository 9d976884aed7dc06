"""What findings say: a key and parameters, and the catalogue of each language that has the words.

A message is made with `say`, where something is found out, and put into words with `render`, where somebody reads it. A
language is one file in this folder (see `ebl.messages.catalogue`).
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
