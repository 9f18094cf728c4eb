"""The socket lock behind a RAPI board: commanded, read back, tried three times, then jammed."""

from dataclasses import dataclass

from chargepoint.domain.devices import (
    DeviceIncident,
    DeviceKind,
    DeviceRef,
    LockJammed,
    LockMoved,
)
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.rapi.codec import Command
from drivers.rapi.link import RapiLink
from drivers.wish import Superseded

TRAVEL_S = 1.2  # a bolt needs about 0.7 s; then it is late
TRIES = 3
READ_EVERY_S = 10.0  # to notice a hand-worked emergency release


@dataclass(slots=True)
class _Move:
    wanted: bool
    tries_left: int = TRIES
    due_s: float = 0.0


class LockKeeper:
    """Owns `$S5` and `$G5`. The board answers a command at once; only the read-back is proof."""

    def __init__(
        self, clock: Clock, connector: ConnectorId, emit: Emit, *, has_fixed_cable: bool = False
    ) -> None:
        self.is_locked = False  # as last told to the core
        self._clock = clock
        self._connector = connector
        self._emit = emit
        self._has_fixed_cable = has_fixed_cable
        self._is_fitted = True
        self._is_told = False  # that one is missing
        self._wanted: bool | None = None  # last command; the board forgets it when it restarts
        self._move: _Move | None = None
        self._read_due_s = 0.0

    @property
    def is_moving(self) -> bool:
        return self._move is not None

    async def greet(self, link: RapiLink) -> None:
        """Take the lock over from the board's automatic; learn its position."""
        manual = await link.request(Command("S5", ("M",)))
        self._is_fitted = manual.ok
        if not self._is_fitted:
            self._tell_missing()
            return
        if self._wanted is not None:
            await link.request(Command("S5", (_digit(self._wanted),)))
        position = await self._read(link)
        if position is not None:
            self.is_locked = position
        # The automatic may just be moving it.
        self._read_due_s = self._clock.monotonic() + TRAVEL_S

    async def move(self, link: RapiLink, *, locked: bool) -> None:
        """The result comes as an event. Raises DeviceUnavailable where a plug cannot be held."""
        if not self._is_fitted:
            self._move_nothing(locked=locked)
            return
        self._wanted = locked
        self._move = move = _Move(locked)
        try:
            await self._try(link, move)
        except Superseded:
            return  # by the opposite command, which is on its way

    def _tell_missing(self) -> None:
        if not self._has_fixed_cable and not self._is_told:
            self._is_told = True
            detail = "the board has no lock, and a plug must be held while it is live"
            device = DeviceRef(DeviceKind.EVSE, self._connector)
            self._emit(DeviceIncident(device, "evse.no_lock", detail))

    def _move_nothing(self, *, locked: bool) -> None:
        """A cable that is fixed is held always; a plug in a socket without a lock never is."""
        if self._has_fixed_cable or not locked:
            self._settle(locked, is_result=True)
            return
        self._emit(LockJammed(self._connector, locked))
        raise DeviceUnavailable(f"connector {self._connector} has no lock")

    async def look_after(self, link: RapiLink) -> None:
        """Read the position when it is time; tell the core what came of a move."""
        now_s = self._clock.monotonic()
        move = self._move
        if not self._is_fitted or (move is None and now_s < self._read_due_s):
            return
        self._read_due_s = now_s + READ_EVERY_S
        position = await self._read(link)
        if position is None or move is not self._move:
            return
        if move is None and position and self._wanted is False:
            await self._release_again(link)
        elif move is None or position is move.wanted:
            self._settle(position, is_result=move is not None)
        elif now_s >= move.due_s:
            await self._again(link, move, position)

    def _settle(self, position: bool, *, is_result: bool) -> None:
        self._move = None
        if is_result or position is not self.is_locked:
            self.is_locked = position
            self._emit(LockMoved(self._connector, position))

    async def _again(self, link: RapiLink, move: _Move, position: bool) -> None:
        if move.tries_left > 0:
            await self._try(link, move)
            return
        self._move = None
        self.is_locked = position
        self._emit(LockJammed(self._connector, move.wanted))

    async def _release_again(self, link: RapiLink) -> None:
        """A plug that nobody may hold is tried again for ever: the jam may be gone by now."""
        self._move = move = _Move(wanted=False, tries_left=1)
        await self._try(link, move)

    async def _try(self, link: RapiLink, move: _Move) -> None:
        move.tries_left -= 1
        move.due_s = self._clock.monotonic() + TRAVEL_S
        wanted = Command("S5", (_digit(move.wanted),))
        reply = await link.request(wanted, lambda: self._move is move)
        if not reply.ok:
            # Only in manual mode does it obey: a restart not yet noticed put it back.
            await link.request(Command("S5", ("M",)))

    async def _read(self, link: RapiLink) -> bool | None:
        """`$G5`: position and mode."""
        reply = await link.request(Command("G5"))
        if not reply.ok or not reply.arguments or reply.arguments[0] not in {"0", "1"}:
            return None
        return reply.arguments[0] == "1"


def _digit(locked: bool) -> str:
    return "1" if locked else "0"
