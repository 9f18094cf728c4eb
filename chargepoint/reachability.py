"""The way to the central system step by step, each with what to look at when it ends there.

    name ─► tcp ─► tls ─► link          the first that fails says where, and the rest is not tried

`link` opens a second connection only while there is none: a central system may end the first one of
a station that comes twice.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from chargepoint.app.replacing import Ended
from chargepoint.domain.service.values import Fact
from chargepoint.ocpp.link import Connect, LinkLost, LinkRefused, Terms
from chargepoint.ocpp.security import tls
from chargepoint.ocpp.websocket import Access
from chargepoint.ports import Clock

_LIMIT_S = 8.0
_PORTS = {"ws": 80, "wss": 443}
_WITH_TLS = 2  # the first profile with TLS
_REMEDY_OF = {
    "central.refused": "password",
    "central.subprotocol": "subprotocol",
    "central.certificate": "tls",
    "central.own_certificate": "own_certificate",
}

Walk = Callable[[Terms], AsyncIterator[Fact]]
"""The steps below the link, as lines; the last one is bad where the way ends."""


async def no_network(_terms: Terms) -> AsyncIterator[Fact]:
    """Of a station whose link is no network connection."""
    nothing: tuple[Fact, ...] = ()
    for step in nothing:
        yield step


def over_the_network(access: Access) -> Walk:
    async def walk(terms: Terms) -> AsyncIterator[Fact]:
        url = urlsplit(access.url(terms))
        host, port = str(url.hostname), url.port or _PORTS[url.scheme]
        yield await _step("name", lambda: _resolve(host, port))
        yield await _step("tcp", lambda: _open(host, port, None))
        if url.scheme == "wss":
            yield await _step("tls", lambda: _open(host, port, _context(terms)))

    return walk


class Reachability:
    """`terms`: what the next try to connect goes by."""

    def __init__(
        self,
        walk: Walk,
        connect: Connect,
        *,
        terms: Callable[[], Terms],
        is_online: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._walk = walk
        self._connect = connect
        self._terms = terms
        self._is_online = is_online
        self._clock = clock
        self._found: tuple[Fact, ...] = ()

    def facts(self) -> tuple[Fact, ...]:
        """What the newest trial found; with each step that failed, what to look at."""
        return self._found

    async def try_out(self) -> Ended:
        at = Fact("reach.at", self._clock.utc().isoformat(), "time")
        found = [at]
        async for step in self._steps():
            found.append(step)
            if step.mark == "bad":
                break
        failed = found[-1].mark == "bad"
        self._found = tuple(found)
        return (False, "reach_failed") if failed else (True, "reach_good")

    async def _steps(self) -> AsyncIterator[Fact]:
        """A failed step is followed by its remedy, which ends the walk."""
        async for step in self._walk(self._terms()):
            if step.mark == "bad":
                yield Fact(step.label, step.value, mark="warn")
                yield _remedy(step.label.partition(".")[2])
                return
            yield step
        if self._is_online():
            yield Fact("reach.link", "reach.link_is_up", "key", "ok")
            return
        try:
            async with asyncio.timeout(2 * _LIMIT_S):
                link = await self._connect(self._terms())
        except (LinkLost, OSError, TimeoutError) as error:
            why = str(error) or "no answer"
            code = error.code if isinstance(error, LinkRefused) else ""
            yield Fact("reach.link", why, mark="warn")
            yield _remedy(_REMEDY_OF.get(code, "link"))
            return
        await link.close()
        yield Fact("reach.link", "reach.link_opens", "key", "ok")


def _remedy(name: str) -> Fact:
    return Fact(f"reach.fix.{name}", mark="bad")


async def _step(name: str, attempt: Callable[[], Awaitable[str]]) -> Fact:
    try:
        async with asyncio.timeout(_LIMIT_S):
            return Fact(f"reach.{name}", await attempt(), mark="ok")
    except ssl.SSLError as error:
        return Fact(f"reach.{name}", str(tls.failure(error)), mark="bad")
    except (OSError, TimeoutError) as error:
        return Fact(f"reach.{name}", str(error) or "no answer", mark="bad")


async def _resolve(host: str, port: int) -> str:
    found: Sequence[tuple[object, ...]] = await asyncio.get_running_loop().getaddrinfo(host, port)
    addresses = {str(each[4][0]) for each in found}  # type: ignore[index]  # of an address: a tuple
    return " ".join(sorted(addresses)[:2])


async def _open(host: str, port: int, context: ssl.SSLContext | None) -> str:
    _reader, writer = await asyncio.open_connection(host, port, ssl=context)
    version = writer.get_extra_info("ssl_object")
    writer.close()
    return f"{host}:{port}" if version is None else str(version.version())


def _context(terms: Terms) -> ssl.SSLContext:
    identity = terms.identity if terms.profile > _WITH_TLS else None
    return tls.context(terms.roots, identity, with_system_roots=terms.profile < _WITH_TLS)
