"""Server-sent events as browsers read them; silence is broken before a proxy takes it for death."""

import asyncio

import pytest
from starlette.requests import Request

from central.server_events import STILL_HERE, come_back, event, last_seen, or_still_here
from simulator.vtime import run_virtual


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (event({"a": "é\n"}), 'data: {"a": "é\\n"}\n\n'),
        (event({}, name="receipt"), "event: receipt\ndata: {}\n\n"),
        (event([1], number=0), "id: 0\ndata: [1]\n\n"),
        (come_back(1500), "retry: 1500\n\n"),
    ],
)
def test_event_when_written_then_one_block_ended_by_an_empty_line(
    written: str, expected: str
) -> None:
    assert written == expected


def asked(query: bytes, header: bytes | None = None) -> Request:
    headers = [] if header is None else [(b"last-event-id", header)]
    return Request({"type": "http", "query_string": query, "headers": headers})


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (asked(b"since=7"), 7),
        (asked(b"since=7", b"9"), 9),
        (asked(b"since=7", b""), 7),
        (asked(b""), 0),
        (asked(b"since=-1"), 0),
        (asked(b"since=" + b"9" * 16), 0),
        (asked("since=٣".encode()), 0),
    ],
)
def test_last_seen_when_browser_or_page_says_it_then_a_number_else_none(
    request_: Request, expected: int
) -> None:
    assert last_seen(request_, "since") == expected


def test_news_when_none_for_long_then_sign_of_life_and_nothing_lost() -> None:
    async def script() -> list[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        asyncio.get_running_loop().call_later(20, queue.put_nowait, "news")
        return [await or_still_here(queue.get()) for _ in range(2)]

    assert run_virtual(script()) == [STILL_HERE, "news"]
