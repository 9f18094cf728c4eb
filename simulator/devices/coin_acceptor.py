"""A ccTalk coin acceptor, true to the byte and strict: what it does not understand, it ignores.

    coin -> entry -> decision (masks, master inhibit, watchdog, fault) -> cash box | return tray

It forgets masks, counter and events when its power goes, as real ones do; coins that fell into the
cash box stay there.
"""

import asyncio
from collections.abc import Mapping
from typing import Literal

from drivers.cctalk.codec import COIN_ACCEPTOR, Frame
from simulator.devices.cctalk_processor import EXCHANGE_S, Processor, now_s
from simulator.devices.coin_commands import CoinRegisters, Coins, answer
from simulator.line_faults import LineFault
from simulator.pipes import Line

Fate = Literal["accepted", "returned"]

EURO_COINS: Mapping[int, str] = {
    1: "EU005A",
    2: "EU010A",
    3: "EU020A",
    4: "EU050A",
    5: "EU100A",
    6: "EU200A",
}

# Physics of one coin, together 0.4 s.
ROLLING_IN_S = 0.15
FALLING_S = 0.25

START_UP_S = 0.25  # deaf after power-up (Azkoyen X6 manual)
RESET_S = 0.5  # deaf after header 1

REJECTED = 1
INHIBITED_COIN = 2
CREDIT_SENSOR_BLOCKED = 14
UNSPECIFIED = 255

# Faults of the mechanics: what the self-check answers, and the event that announces it.
MECHANICAL: Mapping[str, tuple[int, int]] = {
    "jam": (3, CREDIT_SENSOR_BLOCKED),  # a coin in front of the credit sensor
    "coils": (2, UNSPECIFIED),
}
REJECTING = "rejecting"  # the validator takes every coin for a slug
FAULTS = (
    *(
        kind.value
        for kind in (LineFault.SILENT, LineFault.GARBLED, LineFault.SLOW, LineFault.UNPLUGGED)
    ),
    *MECHANICAL,
    REJECTING,
)


class SimulatedCoinAcceptor:
    """The device at the end of `line`; `run` is its processor, `insert` its coin slot."""

    def __init__(
        self,
        line: Line,
        *,
        address: int = COIN_ACCEPTOR,
        serial: int = 12_345_678,
        coins: Coins = EURO_COINS,
        crc: bool = False,
    ) -> None:
        self._line = line
        self._registers = CoinRegisters(serial, coins)
        self._processor = Processor(
            line,
            self._registers,
            self._answer,
            address=address,
            crc=crc,
            deaf_s=(START_UP_S, RESET_S),
        )
        self._faults: set[str] = set()
        self.cash_box_minor: list[int] = []

    @property
    def takes_coins(self) -> bool:
        """Would it keep a coin now, of a kind that is let in?"""
        return (
            self._processor.is_powered and self._registers.is_open(now_s()) and not self._is_faulty
        )

    @property
    def bad_checksums(self) -> int:
        """Requests to this device that were damaged on their way."""
        return self._registers.bad_checksums

    @property
    def is_read(self) -> bool:
        """The host knows of every coin: it has polled since the last one."""
        return not self._registers.has_unread

    @property
    def serial(self) -> str:
        return str(self._registers.serial)

    def kept_since(self, counter: int) -> list[int]:
        """Of what it kept since its power came: the coins after its event of this count."""
        return self._registers.kept.since(counter)

    async def run(self) -> None:
        """Answer requests for ever."""
        await self._processor.run()

    async def insert(self, value_minor: int) -> Fate:
        """A customer drops a coin; takes as long as the coin does."""
        await asyncio.sleep(ROLLING_IN_S)
        is_let_in = self._decide(value_minor)
        power_ups = self._registers.power_ups
        await asyncio.sleep(FALLING_S)
        if not is_let_in:
            return "returned"
        # The gate lets go when the power does: the coin falls to the customer.
        if not self._processor.is_powered or power_ups != self._registers.power_ups:
            return "returned"
        self.cash_box_minor.append(value_minor)
        self._registers.credit(value_minor)
        return "accepted"

    def fault(self, kind: str) -> None:
        """One of `FAULTS`."""
        if kind in MECHANICAL:
            self._registers.fault_code, event = MECHANICAL[kind]
            self._registers.event(0, event)
        elif kind != REJECTING:
            self._line.fault(LineFault(kind))
        self._faults.add(kind)

    def clear(self, kind: str) -> None:
        self._faults.discard(kind)
        if kind in MECHANICAL:
            left = [MECHANICAL[other][0] for other in MECHANICAL if other in self._faults]
            self._registers.fault_code = left[0] if left else 0
        elif kind != REJECTING:
            self._line.clear(LineFault(kind))

    def power_cut(self) -> None:
        self._processor.power_cut()

    def power_on(self) -> None:
        self._processor.power_on()

    async def exchange(self, serial: int, country: str, events: int) -> None:
        """Another of its make takes its place; its own memory may hold `events` from elsewhere."""
        self._processor.power_cut()
        await asyncio.sleep(EXCHANGE_S)
        coins = {at: country + coin_id[2:] for at, coin_id in EURO_COINS.items()}
        self._registers.exchange(serial, coins)
        self._processor.power_on()
        for _ in range(events):
            self._registers.event(6, 0)

    def reset(self) -> None:
        """What header 1 does, and a brown-out."""
        self._processor.reset()

    @property
    def _is_faulty(self) -> bool:
        return self._registers.fault_code != 0

    def _decide(self, value_minor: int) -> bool:
        if not self._processor.is_powered:
            return False
        self._registers.inserted()
        is_good = REJECTING not in self._faults and self._registers.knows(value_minor)
        if self._is_faulty or not is_good:
            self._registers.event(0, REJECTED)
            return False
        if not self._registers.lets_in(value_minor, now_s()):
            self._registers.event(0, INHIBITED_COIN)
            return False
        return True

    def _answer(self, request: Frame, at_s: float) -> bytes | None:
        return answer(self._registers, request, at_s)
