"""What the drawing of a document shows, as plain data: `ebl.forms.form_html` and `ebl.forms.form_pdf` draw it and add nothing.

Every value of the document is in it: in a box of the form, in a line of a table, or in the list of the other content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from ebl.bill import Attachment, Bill, Entry, attachments, bill, table
from ebl.codec.javascript_json import number_text
from ebl.codec.timestamp import format_timestamp
from ebl.errors import Malformed
from ebl.messages.catalogue import ENGLISH, phrase, word
from ebl.model import paths
from ebl.model.document import Document
from ebl.model.findings import File
from ebl.model.wholeness import WHOLE, Extent, Wholeness
from ebl.reports.page_parts import SIGNS, TONES, Given, PageRow, Tone, Words

MOST_LINES: Final = 1_000
"""How many lines of a list are drawn."""
MOST_VALUES: Final = 2_000
"""How many values of the other content are drawn."""
LONGEST: Final = 2_000
"""How many characters of a value are drawn."""

_LONGEST_LINK: Final = 1_000
_LINKS: Final = (("links", "self", "href"), ("qrCode", "uri"))
_HELD: Final = "verifiableCredential"

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
_SIGNS: Final = {**SIGNS, "valid_on_conditions": "!"}
_ENVELOPE: Final = frozenset({"@context", "proof"})
"""Members at the top of a document that are not its content. Those of OpenAttestation v2 are outside of the content."""


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
    """One document, with a ``title`` if it is one of several or a part of one.

    ``withheld`` states hidden fields; ``other`` has each value that is in no box, by its path.
    """

    title: Words
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
    """A page with the drawing of a file. ``mark`` is the verdict, or that there is none; ``link`` is drawn as a QR code.

    ``every_page`` is at the foot of each page: that it is drawn, and the verdict.
    """

    languages: tuple[str, ...]
    title: Words
    mark: Words
    meaning: Words
    sign: str
    tone: Tone
    file: str
    forms: tuple[DrawnForm, ...]
    link: str
    every_page: Words
    foot: str
    number: Words
    made_at: datetime


@dataclass(frozen=True, slots=True)
class FormOptions:
    """How a document is drawn.

    ``languages``  tags of catalogues for the labels; several are shown together. The document's own text stays as it is
    ``verdict``    the verdict of a verification of this document, and ``made_at`` its time; None: not verified
    ``is_conditional``  whether that verdict has conditions
    ``whole``      how whole the verification found the document; None: as far as reading it shows
    ``file``       the file, for the foot of the page
    """

    languages: tuple[str, ...] = (ENGLISH,)
    verdict: str | None = None
    is_conditional: bool = False
    whole: Wholeness | None = None
    made_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    file: File | None = None


DEFAULT: Final = FormOptions()


def form_page(document: Document, options: FormOptions = DEFAULT) -> FormPage:
    """Returns the page. Never raises for any content: what is beyond a limit is counted. Not checked: the document."""
    labels = _Labels(options.languages)
    mark = options.verdict or "not_verified"
    if mark == "valid" and options.is_conditional:
        mark = "valid_on_conditions"
    if options.whole is not None:
        document = replace(document, whole=options.whole)
    title = labels.word("form", "title_of_bill" if _is_bill(bill(document)) else "title")
    foot = [f"ebl {_version()}"]
    if options.file is not None:
        foot.append(f"SHA-256 {options.file.sha256.hex()}")
    time = format_timestamp(options.made_at)
    return FormPage(
        options.languages,
        title,
        labels.mark(mark),
        labels.phrase("form", f"{mark}_means", time=time),
        _SIGNS.get(mark, "–"),
        TONES.get(mark, "open"),
        (options.file.name if options.file else "") or "",
        tuple(_form(one, title, labels) for title, one in _parts(document, labels)),
        _link(document),
        tuple(f"{one}: {said}" for one, said in zip(title, labels.mark(mark), strict=True)),
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

    def joined(self, name: str) -> str:
        """A word of the section ``form`` in a line, for a place that has no room for a part in each language."""
        return ", ".join(dict.fromkeys(self.word("form", name)))

    def cut(self, text: str) -> str:
        """A text of the document; of a long one the beginning, and how long it is."""
        if len(text) <= LONGEST:
            return text
        length = " / ".join(dict.fromkeys(self.phrase("form", "cut", n=len(text))))
        return f"{text[:LONGEST]}… ({length})"

    def mark(self, name: str) -> Words:
        return self.word("form" if name in ("not_verified", "valid_on_conditions") else "verdict", name)

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


def _parts(document: Document, labels: _Labels) -> Iterator[tuple[Words, Document]]:
    """The documents to draw, with titles: each credential of a presentation in turn and then the rest, or the document itself."""
    held = _held(document)
    if not held:
        yield (), document
        return
    for at, one in enumerate(held, 1):
        title = labels.phrase("form", "credential", x=at, y=len(held)) if len(held) > 1 else ()
        yield title, Document("vc", None, (), (), one, one, whole=document.whole)
    rest = {name: value for name, value in document.data.items() if name != _HELD}
    listed = document.data[_HELD]
    if isinstance(listed, list) and (others := [one for one in listed if not isinstance(one, Mapping)]):
        rest[_HELD] = others
    if rest.keys() - _ENVELOPE:
        yield labels.word("form", "presentation"), Document("vp", None, (), (), rest, rest, whole=WHOLE)


def _held(document: Document) -> list[Mapping[str, Any]]:
    """The credentials of a presentation; none of another document."""
    held = document.data.get(_HELD) if document.format == "vp" else None
    return [one for one in (held if isinstance(held, list) else [held]) if isinstance(one, Mapping)]


def _is_bill(found: Bill) -> bool:
    """Whether the document has what only a transport document has."""
    return any(found[name].entries for name in ("vessel", "port_of_loading", "port_of_loading.name", "shipper"))


def _form(document: Document, title: Words, labels: _Labels) -> DrawnForm:
    found = bill(document)
    drawn: set[paths.Path] = set()
    grids = tuple(_grids(found, labels, drawn))
    is_bill = _is_bill(found)
    boxes = tuple(_boxes(_BOXES, found, labels, drawn)) if is_bill else ()
    lower = tuple(_boxes(_LOWER, found, labels, drawn)) if is_bill else ()
    attached = _attachments(document)
    drawn.update(_of_attachments(found, attached))
    fields = tuple(
        PageRow(labels.field(one.name), tuple(Given(_shown(entry, labels)) for entry in new))
        for one in found.shown
        if (new := [entry for entry in one.entries if entry.at not in drawn])
    )
    drawn.update(entry.at for one in found.shown for entry in one.entries)
    other, left_out = _other(document, drawn, labels, attached)
    withheld: Words = ()
    if document.whole.extent is Extent.WITHHELD and document.whole.withheld:
        withheld = labels.phrase("form", "withheld", n=document.whole.withheld)
    elif document.whole.extent in (Extent.DERIVED, Extent.UNKNOWN):
        withheld = labels.word("form", "may_be_withheld")
    files = tuple(_listed(one, labels) for one in attached)
    return DrawnForm(title, boxes, grids, lower, fields, other, left_out, withheld, files)


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
                () if is_own else labels.part(one.name, box), tuple(Given(_shown(entry, labels)) for entry in entries)
            )


def _grids(found: Bill, labels: _Labels, drawn: set[paths.Path]) -> Iterator[Grid]:
    """Yields the lists of the document that have lines, except its attachments."""
    for record in table().records:
        lines = found.lines(record)
        if not lines or record == "attachments":
            continue
        names = [*dict.fromkeys(name for line in lines for name in line)]
        rows = tuple(tuple(_joined(line.get(name, ()), labels) for name in names) for line in lines[:MOST_LINES])
        drawn.update(entry.at for line in lines for entries in line.values() for entry in entries)
        yield Grid(
            labels.word("form", record),
            tuple(labels.column(name, record) for name in names),
            rows,
            max(0, len(lines) - MOST_LINES),
        )


def _joined(entries: Sequence[Entry], labels: _Labels) -> str:
    return "\n".join(_shown(entry, labels) for entry in entries)


def _shown(entry: Entry, labels: _Labels) -> str:
    """A value as the document writes it, with its unit."""
    return labels.cut(f"{entry.text} {entry.unit}" if entry.unit and entry.unit not in entry.text else entry.text)


def _other(
    document: Document, drawn: set[paths.Path], labels: _Labels, attached: Sequence[Attachment]
) -> tuple[tuple[tuple[str, str], ...], int]:
    """The values that no field of the table has, by their paths, and how many of them are not drawn."""
    envelope = frozenset() if document.format == "oa2" else _ENVELOPE
    listed = {f"{one.path}.data" for one in attached if one.content is not None}
    found, count = [], 0
    for path, value in _leaves(document.data, envelope):
        if any(path[:length] in drawn for length in range(1, len(path) + 1)):
            continue
        if path[-1] == "data" and paths.text(path) in listed:  # the content of an attachment, which is listed apart
            continue
        count += 1
        if count <= MOST_VALUES:
            is_template = path[-1] == "url" and str(path[-2:-1] and path[-2]).lstrip("$") == "template"
            shown = labels.cut(value)
            if is_template:
                shown += f" ({labels.joined('not_loaded')})"
            found.append((labels.cut(paths.text(path)), shown))
    return tuple(found), count - len(found)


def _leaves(data: Mapping[str, Any], envelope: Set[str]) -> Iterator[tuple[paths.Path, str]]:
    """Yields each value with its path, in order, without recursion; nothing of the members of the ``envelope``."""
    stack: list[Iterator[tuple[paths.Path, Any]]] = [
        iter([((name,), value) for name, value in data.items() if name not in envelope])
    ]
    while stack:
        at = next(stack[-1], None)
        if at is None:
            stack.pop()
            continue
        place, value = at
        if isinstance(value, Mapping) and value:
            stack.append(iter([((*place, name), one) for name, one in value.items()]))
        elif isinstance(value, list) and value:
            stack.append(iter([((*place, number), one) for number, one in enumerate(value)]))
        else:
            yield place, _text(value)


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


def _attachments(document: Document) -> tuple[Attachment, ...]:
    """The attachments, if there are not too many to list. Then they are drawn as other content."""
    try:
        return attachments(document)
    except Malformed:
        return ()


def _of_attachments(found: Bill, attached: Sequence[Attachment]) -> Iterator[paths.Path]:
    """Yields the places of the names and types that the list of attachments shows, so that they are drawn once."""
    listed = {one.path: (one.claimed_name, one.claimed_type) for one in attached}
    for field in found.shown:
        for entry in field.entries:
            if entry.text in listed.get(paths.text(entry.at[:-1]), ()):
                yield entry.at


def _listed(one: Attachment, labels: _Labels) -> tuple[str, ...]:
    """Name, size, type and SHA-256 of an attachment. The type is by its first bytes; a claim of another is marked as that."""
    kind = one.found_type or labels.joined("type_unknown")
    if one.claimed_type and one.claimed_type != one.found_type:
        kind += f" ({labels.joined('claimed')}: {labels.cut(one.claimed_type)})"
    digest = labels.joined("not_base64") if one.sha256 is None else one.sha256.hex()
    return labels.cut(one.claimed_name or ""), "" if one.size is None else f"{one.size:,}", kind, digest


def _link(document: Document) -> str:
    """The first link that the document names for its QR code, if it is an https address of a usual length."""
    for root in (document.data, *_held(document)):
        subject = root.get("credentialSubject")
        for place in (root, *(subject if isinstance(subject, list) else [subject])):
            for steps in _LINKS:
                href = _at(place, steps)
                if isinstance(href, str) and _is_drawable(href):
                    return href
    return ""


def _is_drawable(href: str) -> bool:
    return href.startswith("https://") and len(href) <= _LONGEST_LINK and href.isascii() and href.isprintable()


def _at(node: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node
