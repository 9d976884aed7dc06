"""Identifiers of companies, containers and ships: their form and check digits. A well-formed one proves no identity.

The check digits are computed by python-stdnum. The forms are matched here, exactly as written: that library also accepts small
letters, spaces and hyphens, and for a UEN it asks the clock of the machine and a list of entity types that grows.
"""

from __future__ import annotations

import re
from typing import Final

from stdnum import imo, iso6346
from stdnum.cn import uscc
from stdnum.iso7064 import mod_97_10
from stdnum.sg import uen

_LEI: Final = re.compile(r"[0-9A-Z]{18}[0-9]{2}")
_USCC: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_UEN_BUSINESS: Final = re.compile(r"[0-9]{8}[A-Z]")
_UEN_COMPANY: Final = re.compile(r"(?:18|19|20)[0-9]{7}[A-Z]")
_UEN_OTHER: Final = re.compile(r"[RST][0-9]{2}[A-HJ-NP-X0-9]{2}[0-9]{4}[A-Z]")
_CONTAINER: Final = re.compile(r"[A-Z]{3}[UJZR][0-9]{7}")
_IMO: Final = re.compile(r"(?:IMO ?)?([0-9]{7})")


def is_lei(text: str) -> bool:
    """Returns whether a text is a Legal Entity Identifier (ISO 17442) with the right check digits (ISO 7064, MOD 97-10)."""
    return bool(_LEI.fullmatch(text)) and mod_97_10.is_valid(text)


def is_uscc(text: str) -> bool:
    """Returns whether a text is a unified social credit code (GB 32100-2015) with the right check character."""
    return bool(_USCC.fullmatch(text)) and uscc.calc_check_digit(text[:17]) == text[17]


def is_uen(text: str) -> bool:
    """Returns whether a text has one of the three forms of Singapore's Unique Entity Number, with the right check letter.

    Not checked: whether the year, and the type of entity in its third form, exist.
    """
    if _UEN_BUSINESS.fullmatch(text):
        return bool(uen.calc_business_check_digit(text[:-1]) == text[-1])
    if _UEN_COMPANY.fullmatch(text):  # the year of its registration first
        return bool(uen.calc_local_company_check_digit(text[:-1]) == text[-1])
    return bool(_UEN_OTHER.fullmatch(text)) and uen.calc_other_check_digit(text[:-1]) == text[-1]


def is_container_number(text: str) -> bool:
    """Returns whether a text is a container number (ISO 6346) with the right check digit.

    The fourth letter is that of freight containers (U), of equipment on them (J), of trailers and chassis (Z), or R. Not
    checked: whether the owner's code is registered with the BIC.
    """
    return bool(_CONTAINER.fullmatch(text)) and iso6346.calc_check_digit(text[:-1]) == text[-1]


def is_imo_number(text: str) -> bool:
    """Returns whether a text is the IMO number of a ship (seven digits, perhaps after ``IMO``) with the right check digit."""
    found = _IMO.fullmatch(text)
    return found is not None and imo.calc_check_digit(found[1][:-1]) == found[1][-1]
