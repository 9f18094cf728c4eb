"""A station without a charge point: a real world, and a kiosk, devices and office that obey the test."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chargepoint.store.journal import open_inline
from simulator.relay import CentralState, NoLink
from simulator.report import Record
from simulator.station import (
    Changes,
    Codes,
    Heard,
    NotFitted,
    Screen,
    ScreenButton,
    Station,
    StepImpossible,
)
from simulator.vtime import VirtualClock
from simulator.world import World


def a_screen(name: str, *buttons: str, **params: Any) -> Screen:
    """Buttons named `-x` are disabled, `~x` still dead."""
    made = tuple(
        ScreenButton(
            each.strip("-~"), each.upper(), not each.startswith("-"), is_alive=each[0] != "~"
        )
        for each in buttons
    )
    return Screen(name, f"Title of {name}", ("Plug in   your car",), made, params)


@dataclass
class FakeKiosk:
    now: Screen | None = None
    pressed: list[tuple[str, float]] = field(default_factory=list)
    taps: list[tuple[float, float]] = field(default_factory=list)
    said: list[Heard] = field(default_factory=list)

    def screen(self) -> Screen | None:
        return self.now

    async def press(self, button: str, held_s: float = 0.0) -> bool:
        self.pressed.append((button, held_s))
        return True

    async def tap_at(self, x: float, y: float) -> None:
        self.taps.append((x, y))

    def heard(self) -> tuple[Heard, ...]:
        return tuple(self.said)

    def png(self) -> bytes:
        return b""


@dataclass
class FakeOffice:
    sent: list[tuple[str, Any]] = field(default_factory=list)
    answers: list[tuple[str, Any, int | None, str]] = field(default_factory=list)
    state: CentralState = CentralState.UP
    is_linked: bool = True

    async def set_state(self, state: CentralState) -> None:
        self.state = state

    def send(self, action: str, payload: Any) -> None:
        if not self.is_linked:
            raise NoLink("not connected")
        self.sent.append((action, payload))

    def send_raw(self, text: str) -> None:
        self.send("", text)

    def answer(self, action: str, payload: Any, *, times: int | None, error: str) -> None:
        self.answers.append((action, payload, times, error))

    def balance_minor(self, card_number: str) -> int:
        if card_number != "9724000000000001":
            raise StepImpossible(f"no card {card_number}")
        return 1788


@dataclass
class FakeDevices:
    did: list[tuple[Any, ...]] = field(default_factory=list)
    asked_for_cash: int = 0
    cash_unread_looks: int = 0
    shut_looks: int = 0  # until coins are let in
    bank_deaf_looks: int | None = None  # until the terminal asks for a card; None: not fitted

    async def insert_coin(self, minor: int) -> None:
        self.did.append(("coin", minor))

    async def insert_note(self, minor: int, country: str = "EU") -> None:
        raise NotFitted("note validator")

    def is_cash_read(self) -> bool:
        self.asked_for_cash += 1
        return self.asked_for_cash > self.cash_unread_looks

    def take_change(self) -> int:
        raise NotFitted("coin hopper")

    async def tap(self, card: Mapping[str, Any]) -> None:
        self.did.append(("tap", dict(card)))

    def remove_card(self) -> None:
        raise StepImpossible("no card is held to the reader")

    def fault(self, device: str, kind: str, connector: int | None) -> None:
        self.did.append(("fault", device, kind, connector))

    def clear(self, device: str, kind: str | None, connector: int | None) -> None:
        self.did.append(("clear", device, kind, connector))

    def state(self, device: str, connector: int | None) -> str:
        if device == "coin_acceptor" and self.shut_looks:
            self.shut_looks -= 1
            return "inhibited"
        return "online" if connector is None else "offline"

    def fill_hopper(self, value_minor: int, coins: int) -> None:
        raise NotFitted("hopper")

    async def press_key(self, key: str) -> None:
        raise NotFitted("tactile keys")

    def move_jack(self, *, is_in: bool) -> None:
        raise NotFitted("headphone jack")

    def asks_for_bank_card(self, kind: str) -> bool:
        if self.bank_deaf_looks is None:
            raise NotFitted("bank terminal")
        self.bank_deaf_looks -= 1
        return self.bank_deaf_looks < 0

    def present_bank_card(self, kind: str, delay_s: float | None, brand: str) -> None:
        self.did.append(("bank", kind))

    def captured_minor(self) -> int:
        return 0

    def returned_minor(self) -> int:
        return 50


@dataclass
class FakePower:
    did: list[str] = field(default_factory=list)

    async def cut(self) -> None:
        self.did.append("cut")

    async def restore(self) -> None:
        self.did.append("restore")

    def arm(self, mode: str, number: int) -> None:
        self.did.append(f"{mode} {number}")

    async def kill(self, process: str) -> None:
        self.did.append(f"kill {process}")


@dataclass
class Fakes:
    kiosk: FakeKiosk = field(default_factory=FakeKiosk)
    office: FakeOffice = field(default_factory=FakeOffice)
    devices: FakeDevices = field(default_factory=FakeDevices)
    power: FakePower = field(default_factory=FakePower)

    @staticmethod
    def codes() -> Codes:
        codes = Codes()
        codes.note(a_screen("code", code="4711"))
        return codes

    def station(self, folder: Path) -> Station:
        """On the running virtual loop."""
        path = folder / "journal.sqlite"
        open_inline(str(path), VirtualClock()).close()
        return Station(
            world=World((1, 2)),
            kiosk=self.kiosk,
            central=self.office,
            devices=self.devices,
            power=self.power,
            codes=self.codes(),
            record=Record(),
            changes=Changes(),
            journal=path,
            cards={"GC-1": {"number": "9724000000000001", "uid": "04AABBCCDDEE80"}},
        )
