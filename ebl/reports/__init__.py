"""Reports of verifications, as JSON data, as text and as a part of a page.

`Report.to_dict` returns what was found as JSON data (``schemas/report.schema.json``). `text_lines` and `html_part` render that
data and read nothing else, so a report that was kept as JSON is rendered as it was at first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.model.later import later

if TYPE_CHECKING:  # loaded when they are first used
    from ebl.config.address_book import AddressBook, BookEntry
    from ebl.reports.fragments import fragments as official_fragments
    from ebl.reports.fragments import is_valid as officially_valid
    from ebl.reports.fragments.fragment_parts import Fragment
    from ebl.reports.html import part as html_part
    from ebl.reports.report import Report
    from ebl.reports.text import Style
    from ebl.reports.text import lines as text_lines
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.config.address_book": "AddressBook BookEntry",
            "ebl.reports.fragments.fragment_parts": "Fragment",
            "ebl.reports.fragments": "official_fragments=fragments officially_valid=is_valid",
            "ebl.reports.html": "html_part=part",
            "ebl.reports.report": "Report",
            "ebl.reports.text": "text_lines=lines Style",
        },
    )

__all__ = [
    "AddressBook",
    "BookEntry",
    "Fragment",
    "Report",
    "Style",
    "html_part",
    "official_fragments",
    "officially_valid",
    "text_lines",
]
