"""One connected money device behind a gate: its requests, its gate's shutting, its self-check.

What coin acceptors and note validators have in common (part 2, headers 228, 230 and 232).
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from chargepoint.errors import ChargepointError
from drivers.cctalk.bus import PACE, SELF_CHECK_PACE, URGENT_PACE, Bus
from drivers.cctalk.codec import Header
from drivers.exchange import GaveWay, NoAnswer, Pace

FAULT_POLL_S = 0.5  # at least once a second until the self-check is clean (part 2, header 232)
HEALTH_CHECK_S = 10.0  # between self-checks while inhibited, between looks at masks while not

MASTER_INHIBITED = b"\x00"
MASTER_NORMAL = b"\x01"


class Faulty(ChargepointError):
    """The device answers and its self-check does not pass; it takes no money."""


class Gate(Protocol):
    """Of gate.py and note_gate.py, what shutting them needs."""

    def must_close(self) -> bool: ...

    def told_shut(self) -> None: ...


class Watched:
    """`fault`: a self-check's answer in words. `settling_s`: how long money may still be on its way."""

    def __init__(
        self,
        bus: Bus,
        gate: Gate,
        *,
        fault: Callable[[int], str],
        settling_s: float,
        mask_bytes: int | None = None,
    ) -> None:
        self._bus = bus
        self._gate = gate
        self._fault = fault
        self._settling_s = settling_s
        self._mask_bytes = mask_bytes
        self._tells_masks = True
        self.check_at_s = 0.0
        self.settled_at_s = 0.0

    async def ask(
        self,
        header: Header,
        payload: bytes = b"",
        *,
        exactly: int | None = None,
        pace: Pace = PACE,
    ) -> bytes:
        """Ask the device; an inhibit that is due goes first, and before any repetition."""
        while True:
            if self._gate.must_close():
                await self.close()
            try:
                return await self._bus.ask(
                    header, payload, exactly=exactly, pace=pace, give_way=self._gate.must_close
                )
            except GaveWay:
                continue

    async def close(self) -> None:
        await self._inhibit(URGENT_PACE)
        if self._bus.expects_late:
            # That ACK may have been due to something before: once more, when the line is quiet.
            await self._inhibit(PACE)
        self._gate.told_shut()
        self.settled_at_s = now_s() + self._settling_s

    async def _inhibit(self, pace: Pace) -> None:
        header = Header.MODIFY_MASTER_INHIBIT
        await self._bus.ask(header, MASTER_INHIBITED, exactly=0, pace=pace)

    async def check(self) -> None:
        """Raises Faulty."""
        answer = await self.ask(Header.SELF_CHECK, pace=SELF_CHECK_PACE)
        self.postpone_check()
        if answer[0]:
            raise Faulty(f"self-check: {self._fault(answer[0])}")

    def postpone_check(self) -> None:
        self.check_at_s = now_s() + HEALTH_CHECK_S

    async def masks(self) -> bytes | None:
        """The inhibit masks as the device has them; None when it does not tell."""
        if not self._tells_masks:
            return None
        try:
            return await self.ask(Header.REQUEST_INHIBITS, exactly=self._mask_bytes)
        except NoAnswer:
            await self.ask(Header.SIMPLE_POLL, exactly=0)
            self._tells_masks = False
            return None

    async def has_lost_masks(self) -> bool:
        """A reset clears them; False when the device does not tell."""
        masks = await self.masks()
        return masks is not None and not any(masks)


def now_s() -> float:
    return asyncio.get_running_loop().time()
