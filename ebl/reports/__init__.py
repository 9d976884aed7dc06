"""Reports of verifications, as JSON data, as text, and as pages to print and file (HTML and PDF).

`Report.to_dict` returns what was found as JSON data (``schemas/report.schema.json``). `text_lines` and `html_part` render that
data and read nothing else, so a report that was kept as JSON is rendered as it was at first. So do `to_html` and `to_pdf`::

    from ebl.reports import PageOptions, to_pdf

    to_pdf(report, PageOptions(languages=("zh-Hans", "en"))).content      # the bytes of the file
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
    from ebl.reports.html import to_html
    from ebl.reports.page_parts import PageOptions, Picture
    from ebl.reports.pdf import to_pdf
    from ebl.reports.report import Report
    from ebl.reports.text import Style
    from ebl.reports.text import lines as text_lines
    from ebl.typesetting.typeset import Paper, PdfFile
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.config.address_book": "AddressBook BookEntry",
            "ebl.reports.fragments.fragment_parts": "Fragment",
            "ebl.reports.fragments": "official_fragments=fragments officially_valid=is_valid",
            "ebl.reports.html": "html_part=part to_html",
            "ebl.reports.page_parts": "PageOptions Picture",
            "ebl.reports.pdf": "to_pdf",
            "ebl.reports.report": "Report",
            "ebl.reports.text": "text_lines=lines Style",
            "ebl.typesetting.typeset": "Paper PdfFile",
        },
    )

__all__ = [
    "AddressBook",
    "BookEntry",
    "Fragment",
    "PageOptions",
    "Paper",
    "PdfFile",
    "Picture",
    "Report",
    "Style",
    "html_part",
    "official_fragments",
    "officially_valid",
    "text_lines",
    "to_html",
    "to_pdf",
]
