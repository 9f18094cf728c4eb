"""The frame loop: fingers and snapshots in, pixels out, thirty times a second.

It draws on change only and sleeps the rest; `pygame.event.wait` would poll every millisecond.
Everything that could block lives elsewhere, so that a frame that does not end means a broken
display, and the supervisor restarts us.
"""

import time
from dataclasses import dataclass

import pygame

from chargepoint.contract import Ability, Intent, Shown
from ui.app import Kiosk
from ui.backlight import Backlight
from ui.burn_in import shift_at
from ui.control import ControlPort
from ui.input import Contact, Touch
from ui.layout import Panel
from ui.link import Link
from ui.notify import Supervisor

FRAME_S = 1 / 30
TOUCH_S = 1 / 120  # between two looks for a finger, where it may stop a charge
MOTION_S = 0.1  # at most ten steps of animation a second
_BEAT_S = 1.0
_TELLING_S = 2.0
_HASTY = frozenset({"stop_auth"})
_MOUSE = 0
_FIRST_FINGER = 1


@dataclass(slots=True)
class Pace:
    """When each thing is due; moments of the monotonic clock."""

    frame_s: float = 0.0
    beat_s: float = 0.0
    motion_s: float = 0.0
    telling_s: float = 0.0
    frames: int = 0
    phase: int = 0


def open_display(panel: Panel, *, windowed: bool) -> pygame.Surface:
    """The panel's surface: full screen on the device, a window on a desk."""
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_caption("Charge point")
    flags = 0 if windowed else pygame.FULLSCREEN | pygame.NOFRAME
    surface = pygame.display.set_mode((panel.width, panel.height), flags)
    pygame.mouse.set_visible(windowed)
    pygame.event.set_blocked(None)
    pygame.event.set_allowed(
        [
            pygame.QUIT,
            pygame.FINGERDOWN,
            pygame.FINGERMOTION,
            pygame.FINGERUP,
            pygame.MOUSEBUTTONDOWN,
            pygame.MOUSEMOTION,
            pygame.MOUSEBUTTONUP,
            pygame.WINDOWEXPOSED,
            pygame.KEYDOWN,
        ]
    )
    return surface


_FINGERS = {
    pygame.FINGERDOWN: Contact.DOWN,
    pygame.FINGERMOTION: Contact.MOVE,
    pygame.FINGERUP: Contact.UP,
}
_BUTTONS = {
    pygame.MOUSEBUTTONDOWN: Contact.DOWN,
    pygame.MOUSEMOTION: Contact.MOVE,
    pygame.MOUSEBUTTONUP: Contact.UP,
}


def size_found(asked: tuple[int, int], surface: pygame.Surface) -> Ability:
    """Whether the panel that is there is the one of the configuration."""
    width, height = surface.get_size()
    fits = (width, height) == asked
    detail = (
        "" if fits else f"the panel has {width}x{height}, kiosk.size says {asked[0]}x{asked[1]}"
    )
    return Ability("size", works=fits, detail=detail)


# A keypad on USB is a keyboard: these are its four keys, and those of a desk.
_KEYS = {
    pygame.K_LEFT: "prev",
    pygame.K_UP: "prev",
    pygame.K_RIGHT: "next",
    pygame.K_DOWN: "next",
    pygame.K_TAB: "next",
    pygame.K_RETURN: "ok",
    pygame.K_KP_ENTER: "ok",
    pygame.K_SPACE: "ok",
    pygame.K_ESCAPE: "cancel",
    pygame.K_BACKSPACE: "cancel",
}


def key_of(event: pygame.event.Event) -> str:
    """The tactile key of a keypad that is a keyboard; empty for anything else."""
    if event.type != pygame.KEYDOWN:
        return ""
    if event.key == pygame.K_TAB and event.mod & pygame.KMOD_SHIFT:
        return "prev"
    return _KEYS.get(event.key, "")


def touch_of(event: pygame.event.Event, panel: Panel) -> Touch | None:
    """A finger or the left mouse button; None for anything else.

    SDL makes a mouse event of every finger as well: those carry `touch` and are dropped.
    """
    if event.type in _FINGERS:
        x, y = event.x * panel.width, event.y * panel.height
        return Touch(_FINGERS[event.type], _FIRST_FINGER + event.finger_id, x, y)
    if event.type not in _BUTTONS or getattr(event, "touch", False):
        return None
    if event.type != pygame.MOUSEMOTION and event.button != pygame.BUTTON_LEFT:
        return None
    return Touch(_BUTTONS[event.type], _MOUSE, *map(float, event.pos))


class Window:
    """One display with one kiosk on it."""

    def __init__(
        self,
        surface: pygame.Surface,
        kiosk: Kiosk,
        link: Link,
        supervisor: Supervisor,
        control: ControlPort | None = None,
        backlight: Backlight | None = None,
    ) -> None:
        self._surface = surface
        self._canvas = pygame.Surface(surface.get_size()).convert(surface)
        self._shift = (0, 0)
        self._kiosk = kiosk
        self._link = link
        self._supervisor = supervisor
        self._control = control
        self._backlight = backlight
        self._pace = Pace()
        self._stale = True
        self._abilities: tuple[Ability, ...] = ()
        self._shown: Shown | None = None
        self._shown_seq = -1

    def run(self) -> None:
        """Until the window is closed."""
        while self.turn(time.monotonic()):
            rest_s = self.rest_s(time.monotonic())
            time.sleep(rest_s)  # noqa: TID251 - the frame loop is the one that may sleep

    def turn(self, now_s: float) -> bool:
        """A frame when one is due; until then only fingers. False when it shall end."""
        if now_s < self._pace.frame_s:
            return self._events(now_s)
        self._pace.frame_s = now_s - now_s % FRAME_S + FRAME_S
        return self.frame(now_s)

    def rest_s(self, now_s: float) -> float:
        """Until the next turn. Whoever stops a charge is not kept waiting for a frame."""
        is_hasty = self._kiosk.snapshot.screen in _HASTY
        rest_s = max(0.0, self._pace.frame_s - now_s)
        return min(rest_s, TOUCH_S) if is_hasty else rest_s

    def frame(self, now_s: float) -> bool:
        """One turn of the loop; False when it shall end."""
        if not self._events(now_s):
            return False
        self._hear(now_s)
        if self._control is not None:
            self._control.poll(now_s)
        self._draw(now_s)
        self._tell_shown(now_s)
        if self._backlight is not None:
            self._backlight.follow(self._kiosk.snapshot.brightness, now_s)
        self._completed(now_s)
        return True

    def _events(self, now_s: float) -> bool:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                return False
            if event.type == pygame.WINDOWEXPOSED:
                self._stale = True
            touch = touch_of(event, self._kiosk.panel)
            if touch is not None:
                self._send(self._kiosk.touch(touch, now_s))
            key = key_of(event)
            if key:
                self._send(self._kiosk.key(key, now_s))
        return True

    def _send(self, intent: Intent | None) -> None:
        if intent is not None:
            self._link.send(intent)

    def _hear(self, now_s: float) -> None:
        news = self._link.poll(now_s)
        for key in news.keys:
            self._send(self._kiosk.key(key, now_s))
        self._kiosk.misunderstands(self._link.trouble)
        abilities = self._kiosk.abilities()
        if abilities != self._abilities:
            self._abilities = abilities
            self._link.tell(abilities)
        if news.snapshot is not None:
            self._kiosk.show(news.snapshot, now_s)
        elif news.alive:
            self._kiosk.heard(now_s)

    def _draw(self, now_s: float) -> None:
        shift = shift_at(now_s)
        if self._kiosk.refresh(now_s) or self._stale or shift != self._shift:
            self._kiosk.draw(self._canvas, self._pace.phase)
            self._shift, self._stale = shift, False
            self._surface.fill(self._canvas.get_at((0, 0)))
            self._surface.blit(self._canvas, shift)
            pygame.display.flip()
        elif self._kiosk.moves and now_s >= self._pace.motion_s:
            self._pace.phase += 1
            self._pace.motion_s = now_s + MOTION_S
            changed = [
                self._surface.blit(self._canvas, rect.moved(*shift)[:2], tuple(rect))
                for rect in self._kiosk.draw_moving(self._canvas, self._pace.phase)
            ]
            pygame.display.update(changed)

    def _tell_shown(self, now_s: float) -> None:
        """A new screen at once, numbers that change on it every other second."""
        is_new = self._kiosk.snapshot.screen_seq != self._shown_seq
        if not is_new and now_s < self._pace.telling_s:
            return
        self._pace.telling_s = now_s + _TELLING_S
        self._shown_seq = self._kiosk.snapshot.screen_seq
        shown = self._kiosk.shown()
        if shown != self._shown:
            self._shown = shown
            self._link.show(shown)

    def _completed(self, now_s: float) -> None:
        """A frame is whole: prove it to the supervisor and to the core, once a second."""
        pace = self._pace
        pace.frames += 1
        if pace.frames == 1:
            self._supervisor.ready()
        if now_s >= pace.beat_s:
            pace.beat_s = now_s + _BEAT_S
            self._supervisor.ping()
            self._link.beat(pace.frames)
