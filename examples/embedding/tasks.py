"""A Celery task that verifies a bill and returns its report as JSON data. If the bill could not be checked, it is retried.

celery --app tasks worker
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from celery import Celery, Task

from ebl.policy import IssuedBy
from ebl.sources import Sources, online
from ebl.verify import Verdict, examine

app = Celery("bills", broker=os.environ.get("BROKER", "memory://"))
app.conf.update(task_serializer="json", result_serializer="json", accept_content=["json"])


@cache
def sources() -> Sources:
    """Returns one `Sources` for each worker process, made at its first task and so after the process was forked."""
    return online(rpc={int(os.environ["CHAIN_ID"]): os.environ["NODE"]}, resolver=os.environ.get("RESOLVER", "system"))


@app.task(bind=True, max_retries=5)
def verify_bill(self: Task[Any, Any], text: str) -> dict[str, Any]:
    """Returns the report of a bill. Raises `ebl.verify.Unreadable` if the text is not a document."""
    report = examine(text.encode(), IssuedBy(os.environ["ISSUER"]), sources=sources())
    if report.verdict is Verdict.INDETERMINATE and self.request.retries < (self.max_retries or 0):
        raise self.retry(countdown=30 * 2**self.request.retries)  # a source was down, so the bill is not refused
    return report.to_dict()
