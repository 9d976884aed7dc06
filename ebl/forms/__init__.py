"""Drawings of documents, made from their data: a bill of lading as a form, anything else as a list of its values.

`to_html` and `to_pdf` draw the same page. It is drawn by ebl and not by the issuer: a template that a document names is never
loaded. The drawing states the verdict that it was given, or that the document was not verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebl.model.later import later

if TYPE_CHECKING:  # loaded when they are first used
    from ebl.forms.form_data import FormOptions
    from ebl.forms.form_html import to_html
    from ebl.forms.form_pdf import to_pdf
else:
    __getattr__ = later(
        __name__,
        {
            "ebl.forms.form_data": "FormOptions",
            "ebl.forms.form_html": "to_html",
            "ebl.forms.form_pdf": "to_pdf",
        },
    )

__all__ = ["FormOptions", "to_html", "to_pdf"]
