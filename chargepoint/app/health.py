"""Feeds the watchdog with proof of work, and stops money when the disk stalls (design §1)."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from chargepoint.app.lease import LeaseKeeper
from chargepoint.ports import Watchdog

log = logging.getLogger(__name__)

_PERIOD_S = 0.5
_LOOP_LAG_S = 1.0
_STALL_S = 0.5  # the oldest commit waits this long: acceptors close
LIMIT_S = 8.0  # decisions §7; WatchdogSec in config/system/chargepoint.service
_LEASE_LIMIT_S = 5.0


class SystemdWatchdog:
    """sd_notify(3) over the socket that systemd gives; silent without one."""

    def __init__(self) -> None:
        self._path = os.environ.get("NOTIFY_SOCKET", "")

    def ping(self) -> None:
        self._tell(b"WATCHDOG=1")

    def ready(self) -> None:
        self._tell(b"READY=1")

    def _tell(self, message: bytes) -> None:
        if not self._path:
            return
        address = "\0" + self._path[1:] if self._path.startswith("@") else self._path
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            try:
                line.sendto(message, address)
            except OSError as error:
                log.warning("watchdog not told", extra={"why": str(error)})


class Pulse(NamedTuple):
    """Of an actor: how many events wait for it, and when it last handled one."""

    waiting: int
    handled: float


class Actor(Protocol):
    @property
    def pulse(self) -> Pulse: ...


class Health:
    def __init__(
        self,
        watchdog: Watchdog,
        keepers: Sequence[LeaseKeeper],
        actors: Mapping[str, Actor],
        oldest_commit_s: Callable[[], float],
        on_stall: Callable[[bool], None],
    ) -> None:
        self._watchdog = watchdog
        self._keepers = keepers
        self._actors = actors
        self._moved: dict[str, tuple[float, float]] = {}  # last handled, and seen since when
        self._oldest_commit_s = oldest_commit_s
        self._on_stall = on_stall
        self._stalled = False
        self._wrong: tuple[object, ...] = ()  # as it was looked at last

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(_PERIOD_S)
            lag_s = loop.time() - before - _PERIOD_S
            self._watch_disk()
            if self._is_well(loop.time(), lag_s):
                self._watchdog.ping()

    def _is_well(self, now: float, lag_s: float) -> bool:
        late = [k for k in self._keepers if k.wants_closed and now - k.last_beat > _LEASE_LIMIT_S]
        stuck = [name for name, a in self._actors.items() if self._is_stuck(name, a.pulse, now)]
        is_writing = self._oldest_commit_s() < LIMIT_S
        wrong = (lag_s >= _LOOP_LAG_S, not is_writing, len(late), *stuck)
        if any(wrong) and wrong != self._wrong:  # told once: it is looked at twice a second
            log.error(
                "not well", extra={"lag_s": round(lag_s, 3), "late": len(late), "stuck": stuck}
            )
        self._wrong = wrong
        return not any(wrong)

    def _is_stuck(self, name: str, pulse: Pulse, now: float) -> bool:
        """Something waits for it, and for too long it has handled nothing."""
        handled, since = self._moved.get(name, (-1.0, now))
        if pulse.handled != handled or not pulse.waiting:
            self._moved[name] = (pulse.handled, now)
            return False
        return now - since >= LIMIT_S

    def _watch_disk(self) -> None:
        stalled = self._oldest_commit_s() > _STALL_S
        if stalled != self._stalled:
            self._stalled = stalled
            self._on_stall(stalled)
