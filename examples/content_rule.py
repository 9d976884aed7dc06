"""A bank's own rule on the content of a bill, in a few lines: goods of certain chapters of the tariff are not financed.

``python examples/content_rule.py`` makes two bills and applies the rule to them.
"""

from collections.abc import Sequence

from ebl.codes import Doubt, Failure
from ebl.errors import Refuted, SourceError
from ebl.policy import WHOLE, AllOf, Contents, Fact, HasField, Message, Note, Policy, own_words
from ebl.testing import bill as made_up
from ebl.verify import read
from ebl.wrap import to_json, wrap


class NotFinanced(Policy):
    """No goods are of these chapters of the Harmonized System (the first two digits of an HS code)."""

    def __init__(self, *chapters: str) -> None:
        self.chapters = chapters

    def check(self, facts: Sequence[Fact]) -> tuple[Note, ...]:
        said = next(fact.bill for fact in facts if isinstance(fact, Contents))["goods.hs_code"]
        for entry in said.entries:
            if entry.text[:2] in self.chapters:
                raise Refuted(
                    Failure.CONTENT_DIFFERS, own_words(f"{entry.path} is {entry.text}, which is not financed")
                )
        if not said.complete:
            raise SourceError(Doubt.CONTENT_UNKNOWN, own_words("there may be goods that are not shown"))
        return ()

    @property
    def sentence(self) -> Message:
        return own_words(f"no goods are of chapter {' or '.join(self.chapters)} of the tariff")


def main() -> None:
    policy = AllOf(HasField("shipped_on_board_date", present=True), NotFinanced("09"))
    for number in (1, 5):
        document = read(to_json(wrap(made_up(number, store="0x" + "11" * 20, domain="carrier.example", chain_id=1))))
        try:
            policy.check([Contents(document, WHOLE)])  # ebl.verify.verify passes it with all other facts
            print(f"bill {number}: {policy}")
        except Refuted as no:
            print(f"bill {number}: {no.failure}: {no.detail}")


if __name__ == "__main__":
    main()
