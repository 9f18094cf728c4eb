"""The simulated devices of one station, each at the end of its line, and the customer's hands on them."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, runtime_checkable

from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Entropy
from simulator.cards import CardSpec, cloned_card, foreign_card, green_card
from simulator.change_tray import ChangeTray
from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.devices.cabinet import SimulatedCabinet
from simulator.devices.cabinet_coils import Coils
from simulator.devices.card_reader import CardReaderDevice
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.devices.hopper import SimulatedHopper
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.devices.virtual_card import VirtualCard
from simulator.happened import Happened
from simulator.line_faults import LineFault
from simulator.pipes import Line
from simulator.station import NotFitted, StepImpossible

TAP_S, TAP_AT_MOST_S, TAP_LOOK_S = 0.5, 3.0, 0.02
LINE_KINDS = frozenset(LineFault)
CARD_MISSED_S = 1.2  # the reader looks twice before it takes a card for gone
OFF = "off"  # the supply of one device is gone
MUTE_KINDS = frozenset({OFF, "silent", "garbled", "unplugged", "stuck"})
# Words of the scenario vocabulary for what a device calls otherwise.
OTHER_WORDS = {
    ("coin_acceptor", "stuck"): "jam",
    ("coin_acceptor", "full"): "rejecting",
    ("note_validator", "stuck"): "jam",
    ("note_validator", "wrong"): "rejecting",  # takes every note for a counterfeit
    ("printer", "door_open"): "cover_open",
    ("printer", "stuck"): "error",  # the knife
}


class Device(Protocol):
    """What every simulated device can do. `fault` and `clear` raise ValueError for a word it lacks."""

    async def run(self) -> None: ...

    def fault(self, kind: str) -> None: ...

    def clear(self, kind: str) -> None: ...

    def power_cut(self) -> None: ...

    def power_on(self) -> None: ...


@runtime_checkable
class Exchangeable(Protocol):
    """A device of which another one can take the place."""

    async def exchange(self, serial: int, country: str, events: int) -> None: ...


class CardReaderAtLine:
    """The card reader with its line's faults and its supply."""

    def __init__(self, line: Line) -> None:
        self.reader = CardReaderDevice(line)
        self._line = line
        self._is_powered = asyncio.Event()
        self._is_powered.set()
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                await self._is_powered.wait()
                self._running = tasks.create_task(self.reader.run())
                await asyncio.wait([self._running])

    def fault(self, kind: str) -> None:
        self._line.fault(LineFault(kind))

    def clear(self, kind: str) -> None:
        self._line.clear(LineFault(kind))

    def power_cut(self) -> None:
        self._is_powered.clear()
        self.reader.power_cycle()
        if self._running is not None:
            self._running.cancel()

    def power_on(self) -> None:
        self._is_powered.set()


async def _until_read(card: VirtualCard) -> None:
    """A person holds the card for half a second, longer while nothing comes of it, but not for ever.

    The reader puts a card to rest when it has read it.
    """
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    was_read = False
    while loop.time() - began_s < (TAP_S if was_read else TAP_AT_MOST_S):
        await asyncio.sleep(TAP_LOOK_S)
        was_read = was_read or card.is_halted


class SimulatedHardware:
    """Implements station.Devices. `fitted` by name and connector; a real device is not in it."""

    def __init__(
        self,
        fitted: Mapping[tuple[str, int], Device],
        cards: Mapping[str, CardSpec],
        entropy: Entropy,
        happened: Happened,
        tray: ChangeTray | None = None,
    ) -> None:
        self._tray = ChangeTray(happened) if tray is None else tray
        self._fitted = dict(fitted)
        self._cards = cards
        self._entropy = entropy
        self._last_tap = (b"", float("-inf"))
        self._happened = happened
        self._faults: dict[tuple[str, int], set[str]] = {}
        self._returned_minor = 0

    async def run(self) -> None:
        """Every device's own processor; never returns by itself."""
        async with asyncio.TaskGroup() as tasks:
            for (name, connector), device in self._fitted.items():
                tasks.create_task(device.run(), name=f"simulated {name} {connector}")

    # --- power --------------------------------------------------------------------------------------

    def power_cut(self) -> None:
        for device in self._fitted.values():
            device.power_cut()

    def power_on(self) -> None:
        for place, device in self._fitted.items():
            if OFF not in self._faults.get(place, ()):
                device.power_on()

    # --- customer -----------------------------------------------------------------------------------

    async def insert_coin(self, minor: int) -> None:
        acceptor = self._one("coin_acceptor")
        assert isinstance(acceptor, SimulatedCoinAcceptor)
        fate = await acceptor.insert(minor)
        if fate == "returned":
            self._returned_minor += minor
        self._happened("coin" if fate == "accepted" else "coin_returned", 0, str(minor))

    async def insert_note(self, minor: int, country: str = "EU") -> None:
        validator = self._one("note_validator")
        assert isinstance(validator, SimulatedNoteValidator)
        fate = await validator.insert(minor, country)
        if fate == "returned":
            self._returned_minor += minor
        self._happened("note" if fate == "stacked" else "note_returned", 0, str(minor))

    def is_cash_read(self) -> bool:
        return all(
            device.is_read
            for device in self._fitted.values()
            if isinstance(device, SimulatedCoinAcceptor | SimulatedNoteValidator)
        )

    def fill_hopper(self, value_minor: int, coins: int) -> None:
        for _, hopper in self._many("hopper", value_minor):
            assert isinstance(hopper, SimulatedHopper)
            hopper.coins = coins

    def asks_for_bank_card(self, kind: str) -> bool:
        terminal = self._bank_terminal()
        return terminal.is_waiting_for_card or (kind == "remove_early" and terminal.holds_card)

    def present_bank_card(self, kind: str, delay_s: float | None, brand: str) -> None:
        """`remove_early` tears the card out; the others are verdicts of its bank."""
        terminal = self._bank_terminal()
        self._happened("bank_card", 0, kind)
        if kind == "remove_early":
            terminal.remove_early()
        elif kind == "reboot":
            terminal.reboot()
        else:
            verdict = "host_silent" if kind == "silent" else kind
            terminal.present_card(verdict, delay_s, brand)

    def captured_minor(self) -> int:
        return self._bank_terminal().captured_minor

    def _bank_terminal(self) -> SimulatedBankTerminal:
        found = self._one("bank_terminal")
        assert isinstance(found, SimulatedBankTerminal)
        return found

    def returned_minor(self) -> int:
        return self._returned_minor

    def take_change(self) -> int:
        self._one("hopper")  # raises NotFitted
        return self._tray.take()

    async def tap(self, card: Mapping[str, Any]) -> None:
        reader = self._reader()
        self._happened("card", 0, str(card.get("card") or card.get("uid") or card.get("token")))
        held = self._card(card)
        if "for" in card:
            await reader.tap(held, hold_s=card["for"])
            return
        await self._until_missed(held)
        reader.present(held)
        await _until_read(held)
        if reader.card is held:
            reader.remove()
        self._last_tap = (held.uid, asyncio.get_running_loop().time())

    async def _until_missed(self, card: VirtualCard) -> None:
        """The same card counts as a second tap once the reader has missed it."""
        uid, at_s = self._last_tap
        left_s = at_s + CARD_MISSED_S - asyncio.get_running_loop().time()
        if uid == card.uid and left_s > 0:
            await asyncio.sleep(left_s)

    def remove_card(self) -> None:
        reader = self._reader()
        if reader.card is None:
            raise StepImpossible("no card is held to the reader")
        reader.remove()

    async def press_key(self, key: str) -> None:
        cabinet = self._cabinet("tactile keys")
        self._happened("key", 0, key)
        await cabinet.press(key)

    def move_jack(self, *, is_in: bool) -> None:
        self._cabinet("headphone jack").set_jack(is_in=is_in)
        self._happened("jack", 0, "in" if is_in else "out")

    def lamp(self, connector: int) -> str:
        return self._coils("lamps").lamp(connector)

    def beeps(self) -> int:
        return self._coils("beeper").beeps

    def _coils(self, part: str) -> Coils:
        coils = self._cabinet(part).coils
        if coils is None:
            raise NotFitted(part)
        return coils

    def _cabinet(self, part: str) -> SimulatedCabinet:
        found = self._fitted.get(("cabinet", 0))
        if not isinstance(found, SimulatedCabinet):
            raise NotFitted(part)
        return found

    def _reader(self) -> CardReaderDevice:
        found = self._one("card_reader")
        assert isinstance(found, CardReaderAtLine)
        return found.reader

    def _card(self, card: Mapping[str, Any]) -> VirtualCard:
        if "card" not in card:
            uid = bytes.fromhex(card.get("uid") or card["token"])
            maker = cloned_card if card.get("clone") else foreign_card
            return maker(uid, self._entropy)
        spec = self._cards.get(card["card"]) or CardSpec.from_scenario(card["card"])
        if card.get("clone"):
            return cloned_card(spec.uid, self._entropy)
        return green_card(spec, self._entropy)

    async def exchange(
        self, device: str, connector: int | None, *, serial: int, country: str, events: int
    ) -> None:
        """A technician takes a device out and puts another in."""
        place, found = self._many(device, connector)[0]
        if not isinstance(found, Exchangeable):
            raise StepImpossible(f"{device} is not exchanged here")
        await found.exchange(serial, country, events)
        self._happened("exchange", place[1], f"{device} {serial}")

    # --- faults -------------------------------------------------------------------------------------

    def fault(self, device: str, kind: str, connector: int | None) -> None:
        for place, found in self._many(device, connector):
            self._try(partial(_break, found), device, kind)
            self._faults.setdefault(place, set()).add(kind)
            self._happened("fault", place[1], f"{device}.{kind}")

    def clear(self, device: str, kind: str | None, connector: int | None) -> None:
        for place, found in self._many(device, connector):
            present = self._faults.get(place, set())
            for each in sorted(present) if kind is None else [kind]:
                self._try(partial(_mend, found), device, each)
                present.discard(each)
                self._happened("clear", place[1], f"{device}.{each}")

    @property
    def faults(self) -> dict[str, list[str]]:
        """By device, for those who show it."""
        return {
            _title(place): sorted(kinds) for place, kinds in sorted(self._faults.items()) if kinds
        }

    def mute_meters(self) -> frozenset[ConnectorId]:
        """Connectors whose meter counts nothing, or tells nobody."""
        if not self._faults:
            return frozenset()
        return frozenset(
            ConnectorId(connector)
            for (name, connector), kinds in self._faults.items()
            if name == "meter" and kinds & MUTE_KINDS
        )

    def state(self, device: str, connector: int | None) -> str:
        states = [self._state(place) for place, _ in self._many(device, connector)]
        return max(states, key=["online", "inhibited", "fault", "offline"].index)

    @property
    def states(self) -> dict[str, str]:
        return {_title(place): self._state(place) for place in self._fitted}

    def _state(self, place: tuple[str, int]) -> str:
        present = self._faults.get(place, set())
        if present & {LineFault.SILENT, LineFault.GARBLED, LineFault.UNPLUGGED, OFF}:
            return "offline"
        if present - LINE_KINDS:
            return "fault"
        device = self._fitted[place]
        match device:
            case SimulatedCoinAcceptor(takes_coins=False):
                return "inhibited"
            case SimulatedNoteValidator(takes_notes=False):
                return "inhibited"
            case _:
                return "online"

    @staticmethod
    def _try(change: Callable[[str], None], device: str, kind: str) -> None:
        try:
            change(OTHER_WORDS.get((device, kind), kind))
        except ValueError as error:
            raise StepImpossible(f"{device} has no fault {kind!r}") from error

    # --- who is fitted ------------------------------------------------------------------------------

    @property
    def fitted(self) -> Mapping[tuple[str, int], Device]:
        return self._fitted

    @property
    def tray_minor(self) -> int:
        """Change that nobody has taken yet."""
        return self._tray.amount_minor

    def device(self, name: str) -> Device:
        """The only one, or the first, of this name; raises NotFitted."""
        return self._one(name)

    def _one(self, name: str) -> Device:
        return self._many(name, None)[0][1]

    def _many(self, name: str, connector: int | None) -> list[tuple[tuple[str, int], Device]]:
        """The devices of this name: of one connector, or all of them."""
        found = [
            (place, device)
            for place, device in self._fitted.items()
            if place[0] == name and connector in {None, place[1]}
        ]
        if not found:
            raise NotFitted(name if connector is None else f"{name} of connector {connector}")
        return found


def _break(device: Device, kind: str) -> None:
    if kind == OFF:
        device.power_cut()
    else:
        device.fault(kind)


def _mend(device: Device, kind: str) -> None:
    if kind == OFF:
        device.power_on()
    else:
        device.clear(kind)


def _title(place: tuple[str, int]) -> str:
    name, connector = place
    return f"{name}:{connector}" if connector else name
