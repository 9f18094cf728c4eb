"""What the scenario player needs of a station, be it in virtual or in real time."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from chargepoint.errors import ChargepointError
from simulator.relay import CentralState
from simulator.report import Record
from simulator.world import World


class StepImpossible(ChargepointError):
    """The step does not fit what there is now; the text says why."""


class StationDown(ChargepointError):
    """A process of the station cannot live; its last words are in the text."""


class NotFitted(StepImpossible):
    """The step needs a device that this station does not have."""

    def __init__(self, device: str) -> None:
        super().__init__(f"not fitted at this station: {device}")


@dataclass(frozen=True, slots=True)
class ScreenButton:
    """`px`: x, y, width, height. A button in its dead time is shown, and not yet `is_alive`."""

    id: str
    label: str
    enabled: bool
    px: tuple[int, int, int, int] = (0, 0, 0, 0)
    mm: tuple[float, float, float, float] = (0, 0, 0, 0)
    is_alive: bool = True


@dataclass(frozen=True, slots=True)
class Screen:
    """What the kiosk shows; `params` are those of the snapshot behind it."""

    id: str
    title: str
    texts: tuple[str, ...]
    buttons: tuple[ScreenButton, ...]
    params: Mapping[str, Any]
    language: str = ""
    connector: int = 1
    focus: str = ""  # the button that the tactile keys are on


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence of the kiosk's voice; `channel`: speaker or jack. Numbers rise and never repeat."""

    number: int
    text: str
    channel: str


class Glimpse(Protocol):
    """What can be known of a screen before its words and buttons are laid out."""

    @property
    def id(self) -> str: ...

    @property
    def params(self) -> Mapping[str, Any]: ...

    @property
    def connector(self) -> int: ...


class Kiosk(Protocol):
    def screen(self) -> Screen | None:
        """None while no kiosk is alive."""
        ...

    async def press(self, button: str, held_s: float = 0.0) -> bool:
        """Whether the touch was taken: a screen that has just changed takes none."""
        ...

    async def tap_at(self, x: float, y: float) -> None: ...

    def heard(self) -> Sequence[Heard]:
        """What it has said, oldest first; of a long day the last part."""
        ...

    def png(self) -> bytes: ...


class CentralOffice(Protocol):
    """The central system's side: moods, messages in its name, accounts."""

    async def set_state(self, state: CentralState) -> None: ...

    def send(self, action: str, payload: Any) -> None:
        """Raises NoLink while the charge point is not connected."""
        ...

    def send_raw(self, text: str) -> None: ...

    def answer(self, action: str, payload: Any, *, times: int | None, error: str) -> None: ...

    def balance_minor(self, card_number: str) -> int:
        """Raises StepImpossible: an account that is not known, or a foreign central system."""
        ...


class Devices(Protocol):
    """The hands of the customer on the hardware, and what can break."""

    async def insert_coin(self, minor: int) -> None: ...

    async def insert_note(self, minor: int, country: str = "EU") -> None: ...

    def fill_hopper(self, value_minor: int, coins: int) -> None:
        """So many coins of that value lie in the bowl now."""
        ...

    def asks_for_bank_card(self, kind: str) -> bool:
        """Whether the terminal wants a card now; one to be torn out may be in it already."""
        ...

    def present_bank_card(self, kind: str, delay_s: float | None, brand: str) -> None:
        """Arguments of the step `bank`."""
        ...

    def captured_minor(self) -> int:
        """What the terminal has booked for good."""
        ...

    def is_cash_read(self) -> bool:
        """Whether the charge point has asked for every coin and note that went in."""
        ...

    def take_change(self) -> int:
        """What lay in the tray, in minor units."""
        ...

    async def tap(self, card: Mapping[str, Any]) -> None:
        """Hold a card to the reader and take it away: arguments of the step `tap`."""
        ...

    def remove_card(self) -> None: ...

    async def press_key(self, key: str) -> None:
        """One of the four tactile keys goes down and up."""
        ...

    def move_jack(self, *, is_in: bool) -> None: ...

    def lamp(self, connector: int) -> str:
        """As who looks at it for some seconds says it: `blue`, `green blink`, `dark`."""
        ...

    def beeps(self) -> int:
        """Of the cabinet's beeper, so far."""
        ...

    async def exchange(
        self, device: str, connector: int | None, *, serial: int, country: str, events: int
    ) -> None:
        """Another takes its place: arguments of the step `exchange`."""
        ...

    def fault(self, device: str, kind: str, connector: int | None) -> None: ...

    def clear(self, device: str, kind: str | None, connector: int | None) -> None: ...

    def state(self, device: str, connector: int | None) -> str:
        """online offline inhibited fault"""
        ...

    def returned_minor(self) -> int:
        """Coins and notes that a device gave back."""
        ...


class Trouble(Protocol):
    """Something that can break and is no device on a line. Raises StepImpossible."""

    async def begin(self, kind: str, by_s: float | None) -> None: ...

    async def end(self, kind: str | None) -> None: ...


class Power(Protocol):
    async def cut(self) -> None: ...

    async def restore(self) -> None: ...

    def arm(self, mode: str, number: int) -> None:
        """Cut all power at a commit: `cut_at_commit`, `cut_before_commit`, `cut_after_effect`."""
        ...

    async def kill(self, process: str) -> None:
        """`core` or `ui`, as SIGKILL does; whoever supervises it starts it again."""
        ...


class Codes:
    """What customers were shown to keep: stop codes by connector, vouchers by code in minor units."""

    def __init__(self) -> None:
        self.shown: dict[int, str] = {}
        self.vouchers: dict[str, int] = {}

    def note(self, screen: Glimpse) -> None:
        code = screen.params.get("code")
        if screen.id == "code" and isinstance(code, str):
            self.shown[screen.connector] = code
        self._note_voucher(screen)

    def _note_voucher(self, screen: Glimpse) -> None:
        code, amount = screen.params.get("code"), screen.params.get("amount_minor")
        if screen.id == "cash_iou" and isinstance(code, str) and code and isinstance(amount, int):
            self.vouchers[code] = amount

    def own(self, screen: Screen | None) -> str:
        """The code for the connector on the screen; raises StepImpossible before one was shown."""
        connector = screen.connector if screen is not None else 0
        if connector not in self.shown:
            raise StepImpossible(f"no stop code was shown for connector {connector}")
        return self.shown[connector]

    def voucher(self) -> str:
        """The voucher that a screen showed last; raises StepImpossible before one was shown."""
        if not self.vouchers:
            raise StepImpossible("no screen has shown a voucher")
        return next(reversed(self.vouchers))


class Ears:
    """Whoever listens to the voice, in order: a sentence is found behind the one found before it."""

    def __init__(self) -> None:
        self._found = 0
        self._matched = 0

    def find(self, heard: Sequence[Heard], wanted: str, channel: str = "") -> bool:
        """`keep` makes what was found here the place to go on from."""
        for each in heard:
            if each.number > self._found and wanted in each.text and channel in ("", each.channel):
                self._matched = each.number
                return True
        return False

    def keep(self) -> None:
        self._found = max(self._found, self._matched)

    def unheard(self, heard: Sequence[Heard]) -> list[str]:
        return [each.text for each in heard if each.number > self._found]


class Changes:
    """Wakes whoever waits for the station to do something."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self, *_: object) -> None:
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, limit_s: float) -> None:
        """Until something happens, `limit_s` at most."""
        event = self._event
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await event.wait()


@dataclass(frozen=True, slots=True)
class Station:
    """Everything of one running station. `card_numbers` by the names of the scenario."""

    world: World
    kiosk: Kiosk
    central: CentralOffice
    devices: Devices
    power: Power
    codes: Codes
    record: Record
    changes: Changes
    journal: Path
    cards: Mapping[str, Mapping[str, str]]  # by name: number, uid
    troubles: Mapping[str, Trouble] = field(default_factory=dict)  # by the device's name
    ears: Ears = field(default_factory=Ears)
    is_virtual: bool = True
    began_s: float = 0.0  # on the loop's clock

    @property
    def now_s(self) -> float:
        """Seconds since the station was switched on."""
        return asyncio.get_running_loop().time() - self.began_s
