"""Reports as data, as text and as a page: what of a verification is kept, and how it is shown.

`ebl.reports.data` writes what was found as JSON data (``schemas/report.schema.json``). `ebl.reports.text` and
`ebl.reports.html` render that data and read nothing else, so a report that was kept as JSON is rendered as it was at first.
"""
