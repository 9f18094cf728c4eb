"""The cabinet's door against the service menu: opened, and nobody who may has said so (F25, tamper).

Once it is open somebody must sign in within the limit, whether it is shut again or not: whoever had
a minute inside may have left something there. Then a technician looks, and resets. The main switch
is in the cabinet, too: an opening that nobody has answered for outlives a power cut.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from chargepoint.app.ports import JournalWriter
from chargepoint.domain.devices import DoorMoved, Hazard, HazardCleared, HazardRaised
from chargepoint.domain.record import Batch

_LOOK_EVERY_S = 1.0
_SETTING, _UNANSWERED, _ANSWERED = "cabinet_opened", "unanswered", ""


class Kept(JournalWriter, Protocol):
    def get(self, key: str) -> str | None: ...


class TamperWatch:
    """`is_attended`: somebody has signed in at the service menu."""

    def __init__(
        self,
        limit_s: float,
        is_attended: Callable[[], bool],
        emit: Callable[[HazardRaised | HazardCleared], None],
        journal: Kept,
    ) -> None:
        self._limit_s = limit_s
        self._journal = journal
        self._is_attended = is_attended
        self._emit = emit
        self._opened = asyncio.Event()
        self._is_open = False

    def note(self, event: object) -> None:
        """Every fact of a device passes here."""
        if isinstance(event, DoorMoved):
            self._is_open = event.is_open
            if event.is_open:
                self._opened.set()

    async def run(self) -> None:
        if self._journal.get(_SETTING) == _UNANSWERED:
            self._opened.set()
        while True:
            await self._opened.wait()
            self._opened.clear()
            self._keep(_UNANSWERED)
            if not await self._is_attended_in_time():
                self._emit(HazardRaised(Hazard.TAMPER))
                await self._until_over()
                self._emit(HazardCleared(Hazard.TAMPER))
            self._keep(_ANSWERED)

    async def _is_attended_in_time(self) -> bool:
        until_s = asyncio.get_running_loop().time() + self._limit_s
        while asyncio.get_running_loop().time() < until_s:
            if self._is_attended():
                return True
            await asyncio.sleep(_LOOK_EVERY_S)
        return False

    async def _until_over(self) -> None:
        """What latched is kept by its connectors then, and can be reset from then on."""
        await asyncio.sleep(_LOOK_EVERY_S)
        while self._is_open and not self._is_attended():  # noqa: ASYNC110 - signing in sets no event
            await asyncio.sleep(_LOOK_EVERY_S)

    def _keep(self, word: str) -> None:
        _ = self._journal.append(Batch(settings=((_SETTING, word),)))
