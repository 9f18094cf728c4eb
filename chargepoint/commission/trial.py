"""Every configured device, opened by its own driver and heard for a while: who is it, is it well?

What moves is asked for (`moves`), and never under a plug: locks shut and open, a line is printed,
and each lease is given once and must fall by itself.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from chargepoint.commission.finding import Finding, Step, bad, doubtful, good
from chargepoint.domain.devices import (
    LEASE_STUCK,
    BoardAnswered,
    BoardFaultRaised,
    DeviceIncident,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    LockJammed,
    LockMoved,
    MeterSampled,
    Pilot,
)
from chargepoint.domain.money.paper import Paper, PaperLine, PaperRule
from chargepoint.domain.units import ConnectorId, Generation
from chargepoint.payment_ports import PaymentHardware
from chargepoint.ports import ConnectorHardware, DeviceUnavailable, Driver, Hardware

LIMIT_S = 25.0  # a bank terminal registers, a hopper is identified twice
LOCK_S = 8.0
LEASE_WATCHED_S = 14.0  # over after 3 s; its driver looks every 10 s
_SERVE = "unplug the vehicle and do it again"


@dataclass(slots=True)
class Heard:
    """What the drivers have said so far, the newest of each."""

    online: dict[str, DeviceOnline] = field(default_factory=dict)
    offline: dict[str, str] = field(default_factory=dict)
    incidents: list[DeviceIncident] = field(default_factory=list)
    boards: dict[ConnectorId, BoardAnswered] = field(default_factory=dict)
    meters: dict[ConnectorId, MeterSampled] = field(default_factory=dict)
    faults: list[BoardFaultRaised] = field(default_factory=list)
    locks: list[LockMoved | LockJammed] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[], bool], limit_s: float) -> bool:
        """Looks again at each event; whether it came to hold in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        return holds()

    def emit(self, event: object) -> None:
        self._news.set()
        match event:
            case DeviceOnline(device=device):
                self.online[name_of(device)] = event
                self.offline.pop(name_of(device), None)
            case DeviceOffline(device=device, reason=reason):
                self.offline[name_of(device)] = reason
                self.online.pop(name_of(device), None)
            case DeviceIncident():
                self.incidents.append(event)
            case BoardAnswered(connector=connector):
                self.boards[connector] = event
            case MeterSampled(connector=connector):
                self.meters[connector] = event
            case BoardFaultRaised():
                self.faults.append(event)
            case LockMoved() | LockJammed():
                self.locks.append(event)
            case _:
                pass  # coins, cards and doors are nothing that is tried here


def name_of(device: DeviceRef) -> str:
    """As the configuration has it, without `devices.`: evse.1, hopper.50, printer."""
    place = device.name or ("" if device.connector is None else str(device.connector))
    return f"{device.kind}.{place}" if place else str(device.kind)


@dataclass(frozen=True, slots=True)
class Trial:
    """`fitted`: the port of each device by its name."""

    hardware: Hardware
    payment: PaymentHardware
    heard: Heard
    fitted: Mapping[str, str]

    async def run(self, *, limit_s: float = LIMIT_S, moves: bool = False) -> list[Finding]:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(driver.run()) for driver in self.drivers()]
            await self.heard.until(self._is_complete, limit_s)
            told = [*self._identities(), *self._connectors()]
            if moves:
                told += await self._moved()
            for task in running:
                task.cancel()
        return [*told, *self._incidents()]

    def drivers(self) -> Iterator[Driver]:
        for _, driver in (*self.hardware.drivers(), *self.payment.drivers()):
            yield driver

    def _is_complete(self) -> bool:
        connectors = set(self.hardware.connectors)
        return (
            set(self.fitted) <= set(self.heard.online)
            and connectors <= set(self.heard.boards)
            and connectors <= set(self.heard.meters)
        )

    # --- who is there -------------------------------------------------------------------------------

    def _identities(self) -> Iterator[Finding]:
        for name, port in self.fitted.items():
            seen = self.heard.online.get(name)
            if seen is None:
                why = self.heard.offline.get(name, "does not answer")
                remedy = f"supply, cable, port {port}: python -m chargepoint.commission find"
                yield bad(Step.DEVICES, name, why, remedy)
                continue
            words = [seen.firmware, f"serial {seen.serial}" if seen.serial else "", f"at {port}"]
            yield good(Step.DEVICES, name, ", ".join(word for word in words if word))
        yield from self._twins()

    def _twins(self) -> Iterator[Finding]:
        """One device under two names: a meter would be billed at two connectors."""
        owner: dict[tuple[str, str], str] = {}
        for name, seen in self.heard.online.items():
            if not seen.serial:
                continue
            mark = (str(seen.device.kind), seen.serial)
            if mark in owner:
                text = f"it is the same device as {owner[mark]}: serial {seen.serial}"
                yield bad(Step.DEVICES, name, text, "give each its own port or address")
            owner.setdefault(mark, name)

    def _connectors(self) -> Iterator[Finding]:
        for connector in sorted(self.hardware.connectors):
            board, meter = self.heard.boards.get(connector), self.heard.meters.get(connector)
            if board is not None:
                yield self._board(board)
            if meter is not None:
                text = f"{meter.register / 1000:.3f} kWh, {meter.voltage / 1000:.1f} V"
                yield good(Step.DEVICES, f"meter.{connector}", f"register {text}")
                if meter.current and board is not None and not board.contactor_closed:
                    text = f"{meter.current / 1000:.2f} A with the contactor open"
                    remedy = "is it the meter of this connector? Are its wires those of the outlet?"
                    yield bad(Step.DEVICES, f"meter.{connector}", text, remedy)

    def _board(self, board: BoardAnswered) -> Finding:
        name = f"evse.{board.connector}"
        if board.contactor_closed:
            remedy = "cut the supply; docs/faults.md, F04"
            return bad(Step.DEVICES, name, "the contactor is closed", remedy)
        if board.fault is not None:
            remedy = "docs/faults.md"
            return bad(Step.DEVICES, name, f"it reports a fault: {board.fault}", remedy)
        if board.pilot is not Pilot.A:
            text = f"something is plugged in (pilot {board.pilot})"
            return doubtful(Step.DEVICES, name, text, _SERVE)
        return good(Step.DEVICES, name, "contactor open, no vehicle, no fault")

    def _incidents(self) -> Iterator[Finding]:
        for each in self.heard.incidents:
            text = f"{each.code}: {each.detail}"
            remedy = f"docs/incidents.md, {each.code}"
            yield doubtful(Step.DEVICES, name_of(each.device), text, remedy)

    # --- what moves ---------------------------------------------------------------------------------

    async def _moved(self) -> list[Finding]:
        told = []
        for connector, each in sorted(self.hardware.connectors.items()):
            board = self.heard.boards.get(connector)
            if board is None or board.pilot is not Pilot.A or board.contactor_closed:
                text = "not tried: no board, or not without a vehicle"
                told.append(doubtful(Step.DEVICES, f"evse.{connector}", text, _SERVE))
                continue
            told.append(await self._try_lock(connector, each))
            told.append(await self._try_lease(connector, each))
        if self.payment.printer is not None:
            told.append(await self._try_printer())
        return told

    async def _try_lock(self, connector: ConnectorId, each: ConnectorHardware) -> Finding:
        name = f"evse.{connector}"
        try:
            is_shut = await self._lock(connector, each, locked=True)
            is_open = await self._lock(connector, each, locked=False)
        except DeviceUnavailable as error:
            return bad(Step.DEVICES, name, f"lock: {error}", "docs/faults.md, F14")
        if is_shut and is_open:
            return good(Step.DEVICES, name, "lock shut and opened")
        text = "lock did not " + ("open" if is_shut else "shut")
        return bad(Step.DEVICES, name, text, "docs/faults.md, F14 and F15")

    async def _lock(self, connector: ConnectorId, each: ConnectorHardware, *, locked: bool) -> bool:
        """Whether it says that it came to its place."""
        self.heard.locks.clear()
        await each.board.set_lock(locked=locked)
        wanted = LockMoved(connector, locked)
        return await self.heard.until(lambda: wanted in self.heard.locks, LOCK_S)

    async def _try_lease(self, connector: ConnectorId, each: ConnectorHardware) -> Finding:
        """Given once and not again: a relay that is still on when its time is over is stuck."""
        name = f"lease_timer.{connector}"
        try:
            await each.lease.renew(Generation(1))
            await asyncio.sleep(LEASE_WATCHED_S)
            await each.lease.revoke(Generation(2))
        except DeviceUnavailable as error:
            return bad(Step.DEVICES, name, str(error), "docs/faults.md, F21")
        if any(e.code == LEASE_STUCK and name_of(e.device) == name for e in self.heard.incidents):
            return bad(Step.DEVICES, name, "did not fall by itself", "docs/faults.md, F22")
        return good(Step.DEVICES, name, "given once, fell by itself")

    async def _try_printer(self) -> Finding:
        assert self.payment.printer is not None  # the caller has looked
        paper = Paper((PaperLine("commissioning", bold=True, centred=True), PaperRule()))
        try:
            await self.payment.printer.print(paper)
        except DeviceUnavailable as error:
            return bad(Step.DEVICES, "printer", f"did not print: {error}", "paper and cover")
        return good(Step.DEVICES, "printer", "printed a line and cut it")
