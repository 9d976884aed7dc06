"""What the drawing of a document shows, as plain data: `ebl.forms.form_html` and `ebl.forms.form_pdf` draw it and add nothing.

Every value of the document is in it: in a box of the form, in a line of a table, or in the list of the other content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ebl.bill import Bill, Entry, attachments, bill, table
from ebl.codec.javascript_json import number_text
from ebl.codec.timestamp import format_timestamp
from ebl.messages.catalogue import ENGLISH, phrase, word
from ebl.model import paths
from ebl.model.document import Document
from ebl.model.findings import File
from ebl.model.wholeness import Extent
from ebl.reports.page_data import SIGNS, TONES, Given, PageRow, Tone, Words

MOST_LINES: Final = 1_000
"""How many lines of a list are drawn."""
MOST_VALUES: Final = 2_000
"""How many values of the other content are drawn."""
LONGEST: Final = 2_000
"""How many characters of a value are drawn."""
_MOST_ATTACHED: Final = 100

_Layout = tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
_BOXES: Final[_Layout] = (
    (
        ("shipper", ("shipper", "on_behalf_of_shipper")),
        ("number", ("number", "sub_number", "booking_reference", "document_name")),
    ),
    (("consignee", ("consignee", "to_order", "to_order_of")), ("carrier", ("carrier", "issuing_party"))),
    (("notify_party", ("notify_party",)), ("carriers_agent", ("carriers_agent", "recipient"))),
    (
        ("vessel", ("vessel", "vessel_number", "voyage", "universal_voyage")),
        ("place_of_receipt", ("place_of_receipt", "receipt_type")),
    ),
    (("port_of_loading", ("port_of_loading",)), ("port_of_discharge", ("port_of_discharge",))),
    (("place_of_delivery", ("place_of_delivery", "delivery_type")), ("onward_routing", ("onward_routing",))),
)
"""The boxes in the upper part of a bill of lading, in rows: the field that names a box, and the fields in it with their parts."""
_LOWER: Final[_Layout] = (
    (
        (
            "freight_terms",
            ("freight_terms", "freight_prepaid", "freight_amount", "freight_currency", "freight_payable_at"),
        ),
        ("originals", ("originals", "copies")),
    ),
    (
        ("on_board_notation", ("on_board_notation", "on_board", "shipped_on_board_date", "received_date")),
        ("place_of_issue", ("place_of_issue", "issue_date")),
    ),
    (
        ("clause", ("clause", "terms")),
        ("signed_by", ("signed_by", "signed_as", "signed_for", "signature", "signature_date")),
    ),
)
"""Those below the goods."""
_OPEN: Final = frozenset({"@context", "proof", "signature", "privacy"})
"""Members at the top of a document that are not its content."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the form: its label, and its values, each with a label of its own unless that is the box's."""

    label: Words
    rows: tuple[PageRow, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A list of the document, such as its goods: a column for each field, a row for each line. ``more`` counts lines left out."""

    title: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class DrawnForm:
    """One document. ``withheld`` states hidden fields; ``other`` has each value that is in no box, by its path."""

    boxes: tuple[tuple[Box, ...], ...]
    grids: tuple[Grid, ...]
    lower: tuple[tuple[Box, ...], ...]
    fields: tuple[PageRow, ...]
    other: tuple[tuple[str, str], ...]
    other_left_out: int
    withheld: Words
    attached: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FormPage:
    """A page with the drawing of a file. ``mark`` is the verdict, or that there is none; ``link`` is drawn as a QR code."""

    languages: tuple[str, ...]
    title: Words
    mark: Words
    meaning: Words
    sign: str
    tone: Tone
    file: str
    forms: tuple[DrawnForm, ...]
    link: str
    foot: str
    number: Words
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FormOptions:
    """How a document is drawn.

    ``languages``  tags of catalogues for the labels; several are shown together. The document's own text stays as it is
    ``verdict``    the verdict of a verification of this document, and ``made_at`` its time; None: not verified
    ``file``       the file, for the foot of the page
    """

    languages: tuple[str, ...] = (ENGLISH,)
    verdict: str | None = None
    made_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    file: File | None = None


DEFAULT: Final = FormOptions()


def form_page(document: Document, options: FormOptions = DEFAULT) -> FormPage:
    """Returns the page. Never raises for any content: what is beyond a limit is counted. Not checked: the document."""
    labels = _Labels(options.languages)
    mark = options.verdict or "not_verified"
    foot = [f"ebl {_version()}"]
    if options.file is not None:
        foot.append(f"SHA-256 {options.file.sha256.hex()}")
    time = format_timestamp(options.made_at)
    return FormPage(
        options.languages,
        labels.word("form", "title_of_bill" if _is_bill(bill(document)) else "title"),
        labels.mark(mark),
        labels.phrase("form", f"{mark}_means", time=time),
        SIGNS.get(mark, "–"),
        TONES.get(mark, "open"),
        (options.file.name if options.file else "") or "",
        tuple(_form(one, labels) for one in _parts(document)),
        _link(document),
        " · ".join(foot),
        labels.phrase("page", "number", x="{x}", y="{y}"),
        options.made_at,
    )


@dataclass(frozen=True, slots=True)
class _Labels:
    languages: Sequence[str]

    def word(self, section: str, name: str) -> Words:
        return tuple(word(section, name, language) for language in self.languages)

    def phrase(self, section: str, name: str, **params: Any) -> Words:
        return tuple(phrase(section, name, language, **params) for language in self.languages)

    def mark(self, name: str) -> Words:
        return self.word("form", name) if name == "not_verified" else self.word("verdict", name)

    def field(self, name: str) -> Words:
        return self.word("field", name)

    def part(self, name: str, box: str) -> Words:
        """The label of a field within a box, without the box's own name before it."""
        pairs = zip(self.field(name), self.field(box), strict=True)
        return tuple(label.removeprefix(f"{of}, ") if label.startswith(f"{of}, ") else label for label, of in pairs)

    def column(self, name: str, record: str) -> Words:
        """The label of a column, without the name of its list, which is the title."""
        of_list = table().records[record][0]
        return tuple(label.removesuffix(f" of {of_list}") for label in self.field(name))


def _version() -> str:
    from ebl import __version__

    return __version__


def _parts(document: Document) -> Iterator[Document]:
    """The documents to draw: each credential of a presentation in turn, or the document itself."""
    held = document.data.get("verifiableCredential") if document.format == "vp" else None
    several = [one for one in (held if isinstance(held, list) else [held]) if isinstance(one, Mapping)]
    if not several:
        yield document
    for one in several:
        yield Document("vc", None, (), (), one, one, whole=document.whole)


def _is_bill(found: Bill) -> bool:
    """Whether the document has what only a transport document has."""
    return any(found[name].entries for name in ("vessel", "port_of_loading", "port_of_loading.name", "shipper"))


def _form(document: Document, labels: _Labels) -> DrawnForm:
    found = bill(document)
    drawn: set[paths.Path] = set()
    grids = tuple(_grids(found, labels, drawn))
    is_bill = _is_bill(found)
    boxes = tuple(_boxes(_BOXES, found, labels, drawn)) if is_bill else ()
    lower = tuple(_boxes(_LOWER, found, labels, drawn)) if is_bill else ()
    fields = tuple(
        PageRow(labels.field(one.name), tuple(Given(_shown(entry)) for entry in new))
        for one in found.shown
        if (new := [entry for entry in one.entries if entry.at not in drawn])
    )
    drawn.update(entry.at for one in found.shown for entry in one.entries)
    other, left_out = _other(document, drawn, labels)
    withheld: Words = ()
    if document.whole.extent is Extent.WITHHELD and document.whole.withheld:
        withheld = labels.phrase("form", "withheld", n=document.whole.withheld)
    elif document.whole.extent in (Extent.DERIVED, Extent.UNKNOWN):
        withheld = labels.word("form", "may_be_withheld")
    return DrawnForm(boxes, grids, lower, fields, other, left_out, withheld, tuple(_attached(document)))


def _boxes(
    layout: Sequence[Sequence[tuple[str, tuple[str, ...]]]], found: Bill, labels: _Labels, drawn: set[paths.Path]
) -> Iterator[tuple[Box, ...]]:
    """Yields the rows of boxes that have a value."""
    for row in layout:
        boxes = tuple(Box(labels.field(name), tuple(_values(names, name, found, labels, drawn))) for name, names in row)
        if any(box.rows for box in boxes):
            yield boxes


def _values(names: Sequence[str], box: str, found: Bill, labels: _Labels, drawn: set[paths.Path]) -> Iterator[PageRow]:
    for one in found.shown:
        if not any(one.name == name or one.name.startswith(f"{name}.") for name in names):
            continue
        entries = [entry for entry in one.entries if entry.at not in drawn]
        drawn.update(entry.at for entry in entries)
        if entries:
            is_own = one.name in (box, f"{box}.name")
            yield PageRow(
                () if is_own else labels.part(one.name, box), tuple(Given(_shown(entry)) for entry in entries)
            )


def _grids(found: Bill, labels: _Labels, drawn: set[paths.Path]) -> Iterator[Grid]:
    """Yields the lists of the document that have lines, except its attachments."""
    for record in table().records:
        lines = found.lines(record)
        if not lines or record == "attachments":
            continue
        names = [*dict.fromkeys(name for line in lines for name in line)]
        rows = tuple(tuple(_joined(line.get(name, ())) for name in names) for line in lines[:MOST_LINES])
        drawn.update(entry.at for line in lines for entries in line.values() for entry in entries)
        yield Grid(
            labels.word("form", record),
            tuple(labels.column(name, record) for name in names),
            rows,
            max(0, len(lines) - MOST_LINES),
        )


def _joined(entries: Sequence[Entry]) -> str:
    return "\n".join(map(_shown, entries))


def _shown(entry: Entry) -> str:
    """A value as the document writes it, with its unit."""
    return _cut(f"{entry.text} {entry.unit}" if entry.unit and entry.unit not in entry.text else entry.text)


def _other(document: Document, drawn: set[paths.Path], labels: _Labels) -> tuple[tuple[tuple[str, str], ...], int]:
    """The values that no field of the table has, by their paths, and how many of them are not drawn."""
    found, count = [], 0
    for path, value in _leaves(document.data, ()):
        if any(path[:length] in drawn for length in range(1, len(path) + 1)):
            continue
        count += 1
        if count <= MOST_VALUES:
            is_template = path[-1] == "url" and str(path[-2:-1] and path[-2]).lstrip("$") == "template"
            shown = f"{_cut(value)} ({', '.join(labels.word('form', 'not_loaded'))})" if is_template else _cut(value)
            found.append((_cut(paths.text(path)), shown))
    return tuple(found), count - len(found)


def _leaves(data: Mapping[str, Any], path: paths.Path) -> Iterator[tuple[paths.Path, str]]:
    """Yields each value with its path, in order, without recursion; not the bytes of attachments, and no proofs."""
    stack: list[Iterator[tuple[paths.Path, Any]]] = [
        iter([((*path, name), value) for name, value in data.items() if name not in _OPEN])
    ]
    while stack:
        at = next(stack[-1], None)
        if at is None:
            stack.pop()
            continue
        place, value = at
        if isinstance(value, Mapping) and value:
            stack.append(iter([((*place, name), one) for name, one in value.items() if not _is_bytes(place, name)]))
        elif isinstance(value, list) and value:
            stack.append(iter([((*place, number), one) for number, one in enumerate(value)]))
        else:
            yield place, _text(value)


def _is_bytes(place: paths.Path, name: str) -> bool:
    """Whether a member is the data of an attachment, which is listed apart."""
    return name == "data" and "attachments" in place


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case int() | float():
            return number_text(value)
    return "{}" if isinstance(value, Mapping) else "[]"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _attached(document: Document) -> Iterator[tuple[str, ...]]:
    """Yields name, size, type and SHA-256 of each attachment."""
    from ebl.errors import Malformed

    try:
        found = attachments(document)
    except Malformed:
        return
    for one in found[:_MOST_ATTACHED]:
        digest = "" if one.sha256 is None else one.sha256.hex()
        size = "" if one.size is None else f"{one.size:,}"
        yield _cut(one.claimed_name or ""), size, one.found_type or _cut(one.claimed_type or ""), digest


def _link(document: Document) -> str:
    """The link that the document names for its QR code, if it is an https address of a usual length."""
    links = document.data.get("links")
    own = links.get("self") if isinstance(links, Mapping) else None
    href = own.get("href") if isinstance(own, Mapping) else None
    code = document.data.get("qrCode")
    href = href if isinstance(href, str) else code.get("uri") if isinstance(code, Mapping) else None
    if not isinstance(href, str) or not href.startswith("https://") or len(href) > 1_000:
        return ""
    return href if href.isascii() and href.isprintable() else ""
