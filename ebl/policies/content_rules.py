"""The rule on one field of a bill (`HasField`).

::

    from ebl.policies.content_rules import HasField

    policy = AllOf(IssuedBy("carrier.example"), HasField("port_of_discharge", equals="SGSIN"))

The table of fields (`ebl.bill`) is loaded when a rule is made, and the fields of a document are read when a rule asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ebl.codes import Doubt, Failure
from ebl.errors import InvalidInput, Problem, Refuted, SourceError, Undetermined
from ebl.messages import Message, say
from ebl.model.findings import Fact, Note
from ebl.policies.base_policy import Policy
from ebl.policies.contents import Contents

if TYPE_CHECKING:  # loaded once a rule is made
    from ebl.bill import Entry, Field
    from ebl.codec.pattern import Pattern

__all__ = ["HasField", "Wanted"]

Wanted = str | int | bool | date
"""What a field is compared with."""


class _Words(str):
    """Our own words in the place of a received value in a message, so that they are not quoted."""

    __slots__ = ()


_MAX_MATCHED: Final = 10_000
_LONGEST_SHOWN: Final = 80
_MOST_SHOWN: Final = 5
_MAX_WANTED: Final = 1000


@dataclass(frozen=True, slots=True, init=False)
class HasField(Policy):
    """A field of the bill has a value, one of some values, or one that matches a pattern.

    Exactly one of ``equals``, ``one_of``, ``matches`` and ``present`` is given. Texts are compared in Unicode normal form C,
    with each run of white space as one space. Nothing else is normalised: ``SGSIN`` is not ``sgsin``. An int is compared with
    the number in the document, a date with its date. ``matches`` is a pattern for the whole value (``ebl.codec.pattern``), whose
    running time does not depend on hostile text.

    If a field may have several values, every one has to fit, or with ``which="any"`` one of them. A place fits by its name or
    by its code; ``port_of_loading.name`` and ``port_of_loading.code`` compare one of the two.

    The rule refuses a value that the document shows (``policy.content_differs``), and a field that a whole document does not have
    (``policy.content_absent``). It leaves open (``policy.content_unknown``) a field that may be withheld, has an unknown form, or
    has no name in the document's vocabulary. It also leaves open a field with several values of which only some fit
    (``policy.content_ambiguous``). Not checked: whether another value of the same field is withheld, if the document is not
    whole (`ebl.policy.NothingWithheld`).

    Raises `InvalidInput` if the field does not exist, or the comparison is not possible.
    """

    name: str
    equals: Wanted | None
    one_of: tuple[Wanted, ...]
    matches: str | None
    which: str
    _wanted: tuple[Wanted, ...] = field(repr=False, compare=False)
    _pattern: Pattern | None = field(repr=False, compare=False)

    def __init__(
        self,
        name: str,
        *,
        equals: Wanted | None = None,
        one_of: Sequence[Wanted] = (),
        matches: str | None = None,
        present: bool = False,
        which: str = "every",
    ) -> None:
        from ebl.bill import table
        from ebl.bill.field_values import folded
        from ebl.codec.pattern import NotAPattern, Pattern

        row = table().field(name)
        if isinstance(one_of, str):
            raise _mistake(name, "one_of", "a list of values", one_of)
        given = {
            "equals": equals is not None,
            "one_of": bool(one_of),
            "matches": matches is not None,
            "present": present,
        }
        asked = [key for key, is_given in given.items() if is_given]
        if len(asked) != 1:
            came = _Words(" and ".join(asked) or "none of them")
            raise _mistake(name, "", "one of equals, one_of, matches and present", came)
        if which not in ("every", "any"):
            raise _mistake(name, "which", "every or any", which)
        if which == "any" and not row.many:
            raise _mistake(name, "which", "every, for a field that has one value", which)
        wanted = (equals,) if equals is not None else tuple(one_of)
        if len(wanted) > _MAX_WANTED:
            raise _mistake(name, "one_of", f"{_MAX_WANTED} values at most", _Words(str(len(wanted))))
        for one in wanted:
            if isinstance(one, datetime) or not isinstance(one, str | int | bool | date):
                raise _mistake(name, asked[0], "a text, a whole number, a day, true or false", one)
            if isinstance(one, str) and not folded(one):
                raise _mistake(name, asked[0], "a text (present = true asks for any)", one)
        try:
            pattern = None if matches is None else Pattern(matches)
        except NotAPattern as bad:
            raise _mistake(name, "matches", "a pattern", matches, detail=str(bad)) from bad
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "equals", equals)
        object.__setattr__(self, "one_of", tuple(one_of))
        object.__setattr__(self, "matches", matches)
        object.__setattr__(self, "which", which)
        object.__setattr__(self, "_wanted", tuple(folded(one) if isinstance(one, str) else one for one in wanted))
        object.__setattr__(self, "_pattern", pattern)

    @property
    def present(self) -> bool:
        """Whether the rule only requires that the field has a value."""
        return not self._wanted and self._pattern is None

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        contents = next((fact for fact in facts if isinstance(fact, Contents)), None)
        if contents is None:
            raise Undetermined(Doubt.NO_FACT, "no_content")
        found = contents.bill[self.name]
        if not found.facets or self.present:
            self._hold(found)
            return ()
        open_: SourceError | None = None
        no: Refuted | None = None
        for facet in _facets(found):
            try:
                self._hold(facet)
                return ()
            except SourceError as doubt:
                open_ = open_ or doubt
            except Refuted as bad:
                no = bad if no is None or bad.failure is Failure.CONTENT_DIFFERS else no
        if open_ is not None:
            raise open_
        assert no is not None
        raise no

    def _hold(self, found: Field) -> None:
        """Raises `Refuted` if the field does not fit, and `SourceError` if what is shown does not decide it."""
        from ebl.bill import FieldState

        if found.state is FieldState.UNKNOWN:
            if found.strange:
                raise SourceError(Doubt.CONTENT_UNKNOWN, "strange", field=found.name, expected=self._expected())
            if not found.sayable:
                raise SourceError(Doubt.CONTENT_UNKNOWN, "no_name", field=found.name, expected=self._expected())
            raise SourceError(Doubt.CONTENT_UNKNOWN, "not_shown", field=found.name, expected=self._expected())
        if found.state is FieldState.ABSENT:
            raise Refuted(Failure.CONTENT_ABSENT, field=found.name, expected=self._expected())
        if self.present:
            return
        unfit = [entry for entry in found.entries if not self._fits(entry)]
        if found.state is FieldState.AMBIGUOUS:
            if found.strange or 0 < len(unfit) < len(found.entries):
                raise SourceError(
                    Doubt.CONTENT_AMBIGUOUS,
                    field=found.name,
                    values=_shown(found.entries),
                    expected=self._expected(),
                )
        elif self.which == "any" and len(unfit) < len(found.entries):
            return
        elif not found.complete and (self.which == "any" or (not unfit and _has_several(found.name))):
            raise SourceError(
                Doubt.CONTENT_UNKNOWN,
                "perhaps_more",
                field=found.name,
                values=_shown(found.entries),
                expected=self._expected(),
            )
        if unfit:
            values, expected = _shown(unfit), self._expected()
            raise Refuted(Failure.CONTENT_DIFFERS, field=found.name, values=values, expected=expected)

    def _fits(self, entry: Entry) -> bool:
        from ebl.bill.field_values import folded

        text = folded(entry.text)
        if self._pattern is None:
            return any(_same(entry, text, one) for one in self._wanted)
        if len(text) > _MAX_MATCHED:
            raise SourceError(Doubt.CONTENT_UNKNOWN, "too_long", field=self.name, length=len(text), limit=_MAX_MATCHED)
        return self._pattern.matches(text)

    def excludes(self, other: Policy) -> str | None:
        """A field with one value cannot have two. Texts are compared with texts only, and patterns are not compared."""
        from ebl.bill import table

        if not isinstance(other, HasField) or other.name != self.name or not (self._wanted and other._wanted):
            return None
        row = table().fields[self.name]
        texts = all(isinstance(one, str) for one in (*self._wanted, *other._wanted))
        if row.many or row.facets or not texts or set(self._wanted) & set(other._wanted):
            return None
        return f"{self.name} cannot be {self._expected()}, and {other._expected()} as well"

    def _expected(self) -> Message:
        """What is expected of a value, within another message."""
        if self.matches is not None:
            return say("rule", "value_matches", pattern=self.matches)
        if self.present:
            return say("rule", "any_value")
        if not self.one_of:
            return say("rule", "value", value=_text(self.equals))
        shown = [_text(one) for one in self.one_of[:_MOST_SHOWN]]
        if len(self.one_of) > len(shown):
            return say("rule", "one_of_more", values=shown, more=len(self.one_of) - len(shown))
        return say("rule", "one_of", values=shown)

    @property
    def sentence(self) -> Message:
        name = say("field", self.name)
        if self.present:
            return say("rule", "field_present", field=name)
        several = _has_several(self.name)
        if self.matches is not None:
            if not several:
                return say("rule", "field_matches", field=name, pattern=self.matches)
            if self.which == "any":
                return say("rule", "some_field_matches", field=name, pattern=self.matches)
            return say("rule", "every_field_matches", field=name, pattern=self.matches)
        if not several:
            return say("rule", "field_is", field=name, expected=self._expected())
        if self.which == "any":
            return say("rule", "some_field_is", field=name, expected=self._expected())
        return say("rule", "every_field_is", field=name, expected=self._expected())


def _mistake(name: str, key: str, expected: str, came: object, *, detail: str = "") -> InvalidInput:
    from ebl.config.toml_table import shown

    text = came if isinstance(came, _Words) else shown(came)
    return InvalidInput(f"The rule on {name} has a mistake.", problems=(Problem(key, expected, text[:100], detail),))


def _same(entry: Entry, text: str, wanted: Wanted) -> bool:
    if isinstance(wanted, str):
        return text == wanted
    if isinstance(wanted, bool):
        return text == ("true" if wanted else "false")
    if isinstance(wanted, int):
        return isinstance(entry.value, int | Decimal) and not isinstance(entry.value, bool) and entry.value == wanted
    return isinstance(entry.value, date) and not isinstance(entry.value, datetime) and entry.value == wanted


def _has_several(name: str) -> bool:
    from ebl.bill import table

    return table().fields[name].many


def _shown(entries: Sequence[Entry]) -> list[Message]:
    """The first few values, each with its place."""
    first = [
        say("rule", "value_at", value=_text(entry.text), path=entry.path[:_LONGEST_SHOWN]) for entry in entries[:3]
    ]
    return first if len(entries) <= len(first) else [*first, say("rule", "more", count=len(entries) - len(first))]


def _facets(place: Field) -> tuple[Field, ...]:
    """The name and the code of a place. If the document's vocabulary has a term for one of them only, just that one."""
    return tuple(one for one in place.facets if one.sayable or one.entries or one.strange) or place.facets


def _text(value: object) -> str:
    """A value as a document would have it, cut to a readable length."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
