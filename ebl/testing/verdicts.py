"""Assertions about verdicts. The text of a failure has the reasons and the conditions of the report."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from ebl.codes import Condition, Doubt, Failure
from ebl.model.findings import Noted, Passed, Verdict
from ebl.reports import text
from ebl.reports.report import Report, finding_to_dict


def assert_verdict(
    report: Report, verdict: Verdict | str, *codes: str, conditions: Collection[str] | None = None
) -> None:
    """Asserts the verdict of a report, that each of ``codes`` is a reason for it, and that it has exactly these conditions.

    ``conditions`` are their codes; None does not check them. Raises `AssertionError` with every reason and condition, and
    `ValueError` if ``verdict`` is not a verdict, or one of the codes is not a code.
    """
    __tracebackhide__ = True
    verdict = Verdict(verdict)
    _require_codes(codes, (*Failure, *Doubt))
    _require_codes(conditions or (), tuple(Condition))
    rows = [finding_to_dict(finding) for finding in report.findings]
    reasons = {row["code"] for row in rows if row["outcome"] in ("failed", "unknown")}
    found = {str(condition.remark) for condition in report.conditions}
    wrong = [] if report.verdict is verdict else [f"expected {text.verdict(verdict)}"]
    wrong += [f"expected the reason {code}" for code in codes if code not in reasons]
    if conditions is not None and found != set(conditions):
        expected = ", ".join(sorted(map(str, conditions))) or "none"
        wrong.append(f"expected the conditions {expected}; got {', '.join(sorted(found)) or 'none'}")
    if wrong:
        raise AssertionError("\n".join(["; ".join(wrong), *explained(report)]))


def _require_codes(given: Collection[str], known: Collection[str]) -> None:
    for code in given:
        if code not in known:
            near = get_close_matches(str(code), [str(one) for one in known], 1)
            hint = f"did you mean {near[0]}?" if near else "`ebl explain --list` lists them."
            raise ValueError(f"{str(code)!r} is not a code of this kind: {hint}")


def explained(report: Report) -> Iterator[str]:
    """The verdict, and a line for each reason and each condition, to show in a failing test."""
    yield text.verdict(report.verdict)
    for finding in report.findings:
        if isinstance(finding, Passed) or (isinstance(finding, Noted) and finding not in report.conditions):
            continue
        row = finding_to_dict(finding)
        yield f"  {row['outcome']:<9} {row['code']}: {row['message'] or row['check']}"
