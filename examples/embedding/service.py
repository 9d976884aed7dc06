"""An HTTP service with FastAPI: POST the bytes of a bill to /verify, and get its report as JSON.

    uvicorn --factory service:from_environment

ISSUER is the accepted domain, NODE the URL of a node of chain CHAIN_ID, RESOLVER a resolver (by default the system's).
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from fastapi import FastAPI, HTTPException, Request

from ebl.policy import IssuedBy, Policy
from ebl.sources import Sources, online
from ebl.verify import Unreadable, examine

LARGEST = 8 * 1024 * 1024
"""The largest bill that the service accepts, in bytes. `ebl` has a higher limit of its own."""


def service(sources: Sources, policy: Policy) -> FastAPI:
    """Returns a service over one `Sources`, which all of its threads share, and one policy."""
    app = FastAPI()

    @app.post("/verify")
    async def verify(request: Request) -> dict[str, Any]:
        raw = await body(request)
        try:  # examine waits for nodes and resolvers, so it must not run in the event loop's thread
            report = await asyncio.to_thread(examine, raw, policy, sources=sources, seconds=20)
        except Unreadable as bad:
            raise HTTPException(422, {"code": bad.code.value, "message": str(bad)}) from bad
        return report.to_dict()  # 200 for every verdict: the caller reads report["verdict"]

    return app


async def body(request: Request) -> bytes:
    """Returns the body of a request, which is read no further than the limit."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST:
            raise HTTPException(413, {"message": f"A bill may have {LARGEST} bytes."})
    return bytes(raw)


def from_environment() -> FastAPI:
    """Returns the service with the settings of the environment."""
    sources = online(
        rpc={int(os.environ["CHAIN_ID"]): os.environ["NODE"]}, resolver=os.environ.get("RESOLVER", "system")
    )
    return service(sources, IssuedBy(os.environ["ISSUER"]))
