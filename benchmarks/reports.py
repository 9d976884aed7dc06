"""Measures what a report to print costs: its size, and the processor time of the first one and of each further one.

    python dev.py python benchmarks/reports.py

Times are processor time of all threads. The first PDF file includes loading typst and the fonts.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ebl.policy import IssuedBy
from ebl.reports import PageOptions, to_html, to_pdf
from ebl.sources import offline
from ebl.testing.bills import bill
from ebl.verify import examine
from ebl.wrap import to_json, wrap

COUNT = 50
LANGUAGES = {"English": ("en",), "Chinese": ("zh-Hans",), "both": ("zh-Hans", "en")}


def main() -> None:
    raw = to_json(wrap(bill(1, store="0x" + "11" * 20, domain="carrier.example", chain_id=1)))
    report = examine(raw, IssuedBy("carrier.example"), sources=offline()).to_dict()
    print(f"{'':<16}{'bytes':>10}{'first ms':>10}{'each ms':>10}")
    for name, languages in LANGUAGES.items():
        options = PageOptions(languages=languages)
        for kind, make in (
            ("PDF", lambda data, options=options: to_pdf(data, options).content),
            ("HTML", lambda data, options=options: to_html(data, options).encode()),
        ):
            first, size = timed(make, report, 1)
            each, _ = timed(make, report, COUNT)
            print(f"{kind + ' ' + name:<16}{size:>10,}{first:>10.1f}{each:>10.1f}")


def timed(make, report, count):  # type: ignore[no-untyped-def]
    """Milliseconds for each of ``count`` reports that all differ, and the size of the last one."""
    began = time.process_time()
    for number in range(count):
        content = make(report | {"file": report["file"] | {"name": f"bill-{count}-{number}.json"}})
    return (time.process_time() - began) * 1000 / count, len(content)


if __name__ == "__main__":
    main()
