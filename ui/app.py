"""The kiosk without a window: snapshots in, intents out, a picture when somebody asks for one.

The window loop, the bench's simulator and the tests all drive this one class. Describing a screen
needs no pygame surface; a raster is made only for `png` and `draw`.
"""

import io
from typing import Any

import pygame

from chargepoint.contract import Ability, Intent, Shown, Snapshot
from ui.fonts import Fonts
from ui.input import DEAD_TIME_S, Contact, Tap, TapRecogniser, Touch
from ui.keys import Keys, Moment, Sense
from ui.layout import Panel, Rect, panel_of
from ui.model import STARTING, Model
from ui.paint import Painter
from ui.screens import describe, with_busy
from ui.speech.locator import Locator
from ui.speech.narrator import Narrator, speaks
from ui.speech.voice import Captions, Voice
from ui.telling import shown_of
from ui.text import Catalogues
from ui.theme import theme_of
from ui.tree import tree_of
from ui.view import Control, View

_HAUNTED = "something has been on the panel for 30 s: water, dirt, or a broken sensor"


class Kiosk:
    """One panel showing one point. Holds no money and decides nothing.

    With `watch_core` a silent core blanks the screen and an unanswered touch says so; whoever
    calls `show` in the same process as the core needs neither.
    """

    def __init__(
        self,
        size: tuple[int, int],
        panel_mm: tuple[float, float] | None = None,
        *,
        watch_core: bool = False,
        voice: Voice | None = None,
    ) -> None:
        self._watch_core = watch_core
        self._voice = Captions() if voice is None else voice
        self._narrator = Narrator(self._voice)
        self._locator = Locator(self._voice)
        self._keys = Keys()
        self._panel: Panel = panel_of(size, panel_mm)
        self._catalogues = Catalogues()
        self._model = Model()
        self._taps = TapRecogniser()
        self._painter: Painter | None = None
        self._view: View | None = None
        self._state = ("", "", False, False)
        self._number = 0
        self._trouble = ""
        self._noted: tuple[Ability, ...] = ()
        self._now_s = 0.0

    # --- in ---------------------------------------------------------------------------------

    def show(self, snapshot: Snapshot, now_s: float) -> None:
        """Make `snapshot` the present truth."""
        seen = self._model.snapshot
        self._model.take(snapshot, now_s)
        self._now_s = now_s
        self._view = None
        if (seen.screen, seen.screen_seq) != (snapshot.screen, snapshot.screen_seq):
            self._taps.screen_changed()
            self._keys.focus.to_title()
        self._tell(snapshot)

    def _tell(self, shot: Snapshot) -> None:
        """Speak what is worth it; only then is the screen laid out before it is drawn."""
        text = self._catalogues.text(shot.language)
        view = self.view() if self._narrator.wants_view(shot) else None
        self._narrator.show(shot, view, text)

    def heard(self, now_s: float) -> None:
        """The core said it is alive."""
        self._model.heard(now_s)

    def misunderstands(self, trouble: str) -> None:
        """The core is there and speaks something else: a technician reads what, on the screen."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._view = None

    def refresh(self, now_s: float) -> bool:
        """Let time pass; True when the screen looks different now than when last described."""
        self._now_s = now_s
        self._voice.poll()
        self._locator.tick(self._model.snapshot, now_s)
        state = self._condition()
        return self._view is None or state != self._state

    # --- out --------------------------------------------------------------------------------

    @property
    def panel(self) -> Panel:
        return self._panel

    @property
    def snapshot(self) -> Snapshot:
        return self._model.snapshot

    def view(self) -> View:
        """The present screen, described once until something changes."""
        state = self._condition()
        if self._view is None or state != self._state:
            self._view = self._describe(state)
            self._state = state
        return self._view

    def _condition(self) -> tuple[str, str, bool, bool]:
        watched = self._watch_core
        silent = self._model.heard_s is None or (watched and self._model.is_silent(self._now_s))
        busy = watched and not silent and self._model.is_busy(self._now_s)
        return self._taps.pressed, self._keys.focus.id, silent, busy

    def _describe(self, state: tuple[str, str, bool, bool]) -> View:
        silent, busy = state[2:]
        shot = self._model.snapshot
        text = self._catalogues.text(shot.language)
        if silent:
            return describe(_starting(shot, self._trouble), self._panel, text)
        view = describe(shot, self._panel, text, self._model.under)
        return with_busy(view, shot, self._panel, text) if busy else view

    def tree(self) -> dict[str, Any]:
        """The semantic tree: what a person could read, hear and press now."""
        return tree_of(self.view(), self._keys.focus.id)

    def shown(self) -> Shown:
        """The same for people who help from afar."""
        shot = self._model.snapshot
        return shown_of(self.view(), shot, self._catalogues.text(shot.language))

    @property
    def voice(self) -> Voice:
        return self._voice

    @property
    def focus(self) -> str:
        """The button that the tactile keys are on; empty: none."""
        return self._keys.focus.id

    def abilities(self) -> tuple[Ability, ...]:
        """What of this kiosk works, for the core and the technician."""
        troubles = self._catalogues.troubles()
        if self._painter is not None:
            troubles += self._painter.troubles()
        words = Ability("words", works=not troubles, detail="; ".join(troubles))
        haunted = self._taps.is_haunted(self._now_s)
        touch = Ability("touch", works=not haunted, detail=_HAUNTED if haunted else "")
        return (*self._voice.abilities(), *self._noted, touch, words)

    def note(self, ability: Ability) -> None:
        """What whoever opened the display has found out."""
        self._noted = (*self._noted, ability)

    def accepts_touch(self, now_s: float) -> bool:
        """False during the dead time after a change of screen."""
        return now_s - self._model.shown_s >= DEAD_TIME_S

    # --- touch ------------------------------------------------------------------------------

    def touch(self, touch: Touch, now_s: float) -> Intent | None:
        """One change of one finger; the intent when it completed a tap."""
        self._now_s = now_s
        awake = self.accepts_touch(now_s)
        if touch.contact is Contact.DOWN:
            self._narrator.stop()
            self._locator.wait(now_s)
            self._keys.focus.to_title()
        tap = self._taps.feed(touch, self.view(), now_s, awake=awake)
        return self._intent(tap, now_s) if tap is not None else None

    def key(self, key: str, now_s: float) -> Intent | None:
        """A tactile key went down; the intent when it pressed something."""
        self._now_s = now_s
        self._locator.wait(now_s)
        shot, view = self._model.snapshot, self.view()
        text = self._catalogues.text(shot.language)
        deed = self._keys.press(key, view, Moment(now_s, self.accepts_touch(now_s), speaks(shot)))
        match deed.sense, deed.control:
            case Sense.PRESS, Control() as control:
                return self._intent(Tap(control.id, 0.0), now_s)
            case Sense.REFUSE, Control() as control:
                self._narrator.refuse(control, text)
            case Sense.REPEAT, _:
                self._narrator.repeat(view, text)
            case Sense.MOVED, control:
                self._narrator.focus(control, view, text)
            case _:
                pass
        return None

    def tap_at(self, x: float, y: float, now_s: float) -> Intent | None:
        """A finger goes down and up at one place."""
        self.touch(Touch(Contact.DOWN, 0, x, y), now_s)
        return self.touch(Touch(Contact.UP, 0, x, y), now_s)

    def press(self, button_id: str, now_s: float, held_s: float = 0.0) -> Intent | None:
        """A finger on the middle of a button, if it is on the screen; it leaves after `held_s`."""
        self._now_s = now_s
        control = self.view().control(button_id)
        if control is None:
            return None
        x, y = control.rect.middle
        self.touch(Touch(Contact.DOWN, 0, x, y), now_s)
        return self.touch(Touch(Contact.UP, 0, x, y), now_s + held_s)

    def _intent(self, tap: Tap, now_s: float) -> Intent:
        shot = self._model.snapshot
        self._number += 1
        self._model.asked(now_s)
        self._voice.earcon("tap", shot.access.volume)
        return Intent(tap.button, shot.screen_seq, self._number, shot.session, tap.held_s)

    # --- picture ----------------------------------------------------------------------------

    def draw(self, surface: pygame.Surface, phase: int = 0) -> None:
        """Paint the present screen. `pygame.font` is started when it is needed."""
        painter = self._ready_painter()
        view = self.view()
        painter.paint(surface, view, phase)
        pressed = view.control(self._taps.pressed) if self._taps.pressed else None
        if pressed is not None:
            painter.press(surface, pressed, theme_of(view.theme))
        focused = self._keys.focus.control(view)
        if focused is not None:
            painter.focus(surface, focused, theme_of(view.theme))

    def draw_moving(self, surface: pygame.Surface, phase: int) -> list[Rect]:
        """Paint only what moves; answers the changed rectangles."""
        return self._ready_painter().paint_moving(surface, self.view(), phase)

    @property
    def moves(self) -> bool:
        """True while something on the screen is animated; in easy mode nothing ever is."""
        state = self._condition()
        return bool(self.view().moving) and not state[3] and not self._model.snapshot.easy

    def png(self) -> bytes:
        """The present screen as a picture file."""
        surface = pygame.Surface((self._panel.width, self._panel.height))
        self.draw(surface)
        file = io.BytesIO()
        pygame.image.save(surface, file, "screen.png")
        return file.getvalue()

    def _ready_painter(self) -> Painter:
        if self._painter is None:
            pygame.font.init()
            self._painter = Painter(Fonts())
        return self._painter


def _starting(shot: Snapshot, trouble: str) -> Snapshot:
    """The screen while the core is silent: no price, no button, the language kept."""
    return Snapshot(
        STARTING.sequence,
        STARTING.screen_seq,
        STARTING.screen,
        language=shot.language,
        theme=shot.theme,
        step=0,
        params={"trouble": trouble},
        station=shot.station,
    )
