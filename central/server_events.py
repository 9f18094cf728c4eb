"""Server-sent events (WHATWG HTML §9.2): how they are written, asked for, and kept alive in silence."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import StreamingResponse

T = TypeVar("T")

STILL_HERE = ": still here\n\n"
_STILL_HERE_S = 15.0  # silence longer than this is taken for death by proxies
_DIGITS_MAX = 15


def answer(events: AsyncIterator[str]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def event(told: Any, *, name: str = "", number: int | None = None) -> str:
    """`number`: what a browser that comes back says it saw last."""
    lines = [f"event: {name}"] if name else []
    lines += [f"id: {number}"] if number is not None else []
    return "\n".join((*lines, f"data: {json.dumps(told, ensure_ascii=False)}", "", ""))


def come_back(after_ms: int) -> str:
    """When a browser that lost us dials again."""
    return f"retry: {after_ms}\n\n"


def last_seen(request: Request, parameter: str) -> int:
    """The number of the last event of the browser, or of its page; 0: none."""
    said = request.headers.get("last-event-id") or request.query_params.get(parameter, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _DIGITS_MAX else 0


async def or_still_here(news: Awaitable[T]) -> T | str:
    """`news`, or STILL_HERE when none came for a while; `news` is cancelled then."""
    try:
        async with asyncio.timeout(_STILL_HERE_S):
            return await news
    except TimeoutError:
        return STILL_HERE
