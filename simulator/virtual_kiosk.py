"""The kiosk in the same process, without a window: what it shows, and a finger that presses."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chargepoint.contract import Ability, Intent, Key, Params, Shown, Snapshot
from chargepoint.uilink.presence import Presence
from simulator.station import Glimpse, Heard, Screen, ScreenButton, StepImpossible
from ui.app import Kiosk
from ui.input import Contact, Touch
from ui.speech.voice import Captions

ALIVE_EVERY_S = 1.0


class CoreDoor(Protocol):
    """The core's side of the kiosk's socket."""

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        """Gets the newest snapshot and those that follow; the result ends it."""
        ...

    def listen(self, listener: Callable[[Key], None]) -> Callable[[], None]: ...

    def intent(self, intent: Intent) -> None: ...

    def told(self, ability: Ability) -> None: ...

    def shown(self, shown: Shown) -> None: ...

    @property
    def presence(self) -> Presence: ...


@dataclass(frozen=True, slots=True)
class _Glimpse:
    """Implements station.Glimpse. Laying out every second of a charge would be a third of a day."""

    id: str
    params: Params
    connector: int


class VirtualKiosk:
    """Implements station.Kiosk. `start` and `kill` are the life of the kiosk process."""

    def __init__(self, size: tuple[int, int], shown: Callable[[Glimpse], None]) -> None:
        self._size = size
        self._shown = shown
        self._kiosk: Kiosk | None = None
        self._core: CoreDoor | None = None
        self._leave: tuple[Callable[[], None], ...] = ()
        self._voice = Captions()  # outlives the kiosk: what was heard stays heard
        self._beat: asyncio.TimerHandle | None = None

    # --- life ---------------------------------------------------------------------------------------

    @property
    def is_alive(self) -> bool:
        return self._kiosk is not None

    def start(self) -> None:
        self._kiosk = Kiosk(self._size, watch_core=True, voice=self._voice)
        self._connect()

    def kill(self) -> None:
        self._disconnect()
        self._kiosk = None

    def core_came(self, core: CoreDoor) -> None:
        self._core = core
        self._connect()

    def core_went(self) -> None:
        """The socket is gone; the screen says so after three seconds."""
        self._disconnect()
        self._core = None

    def _connect(self) -> None:
        if self._core is None or self._kiosk is None:
            return
        for ability in self._kiosk.abilities():
            self._core.told(ability)
        self._leave = (self._core.subscribe(self._take), self._core.listen(self._key))
        self._tick()

    def _disconnect(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None
        for leave in self._leave:
            leave()
        if self._leave and self._core is not None:
            self._core.presence.gone()
        self._leave = ()

    def _tick(self) -> None:
        """Both sides' sign of life, once a second."""
        if self._kiosk is not None and self._core is not None:
            self._kiosk.heard(_now_s())
            self._kiosk.refresh(_now_s())
            self._core.presence.beat(_now_s())
        self._beat = asyncio.get_running_loop().call_later(ALIVE_EVERY_S, self._tick)

    def _take(self, snapshot: Snapshot) -> None:
        if self._kiosk is not None:
            before = self._kiosk.snapshot.screen_seq
            self._kiosk.show(snapshot, _now_s())
            if self._core is not None and snapshot.screen_seq != before:
                self._core.shown(self._kiosk.shown())
            self._shown(_Glimpse(snapshot.screen, snapshot.params, snapshot.connector))

    def _key(self, key: Key) -> None:
        if self._kiosk is None:
            return
        intent = self._kiosk.key(key.key, _now_s())
        if intent is not None and self._core is not None:
            self._core.intent(intent)

    # --- station.Kiosk ------------------------------------------------------------------------------

    def screen(self) -> Screen | None:
        kiosk = self._kiosk
        if kiosk is None:
            return None
        kiosk.refresh(_now_s())
        is_alive = kiosk.accepts_touch(_now_s())
        view = kiosk.view()
        buttons = tuple(
            ScreenButton(
                control.id,
                control.label,
                control.enabled,
                control.rect,
                control.rect_mm,
                is_alive=is_alive,
            )
            for control in view.controls
        )
        snapshot = kiosk.snapshot
        return Screen(
            view.screen,
            view.title,
            tuple(view.texts),
            buttons,
            snapshot.params,
            snapshot.language,
            snapshot.connector,
            focus=kiosk.focus,
        )

    async def press(self, button: str, held_s: float = 0.0) -> bool:
        control = self._living().view().control(button)
        return control is not None and await self._tap(*control.rect.middle, held_s)

    async def tap_at(self, x: float, y: float) -> None:
        await self._tap(x, y, 0.0)

    async def _tap(self, x: float, y: float, held_s: float) -> bool:
        self._living().touch(Touch(Contact.DOWN, 0, x, y), _now_s())
        if held_s:
            await asyncio.sleep(held_s)
        intent = self._living().touch(Touch(Contact.UP, 0, x, y), _now_s())
        if intent is None or self._core is None:
            return False
        self._core.intent(intent)
        return True

    def heard(self) -> Sequence[Heard]:
        return tuple(Heard(each.number, each.text, each.channel) for each in self._voice.said)

    def png(self) -> bytes:
        return self._living().png()

    def _living(self) -> Kiosk:
        if self._kiosk is None:
            raise StepImpossible("no kiosk is alive")
        return self._kiosk


def _now_s() -> float:
    return asyncio.get_running_loop().time()
