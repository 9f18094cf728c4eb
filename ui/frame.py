"""The drawing board of one screen: collects items, buttons and spoken texts while it is composed.

Screens and widgets call these few methods only, so that whatever is drawn is also in the semantic
tree, and every text carries the floor that the layout tests hold it to.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from typing_extensions import Unpack

from chargepoint.contract import Button, Snapshot
from ui.layout import GAP_MM, TARGET_MM, Panel, Rect
from ui.text import Text
from ui.theme import (
    CONTRAST,
    EASY_CAP_MM,
    LABEL_CAP_MM,
    SECONDARY_CAP_MM,
    TITLE_CAP_MM,
    Face,
    Role,
)
from ui.view import (
    Box,
    Control,
    Glyph,
    Item,
    Pair,
    Picture,
    Run,
    Runs,
    Scene,
    View,
    Words,
)

_LEAST_PICTURE_PX = (90, 130)
_SIZE_TOLERANCE = 0.05  # px; a 43.01 px requirement is met by 43 px
# Advances of the bold face in em, near enough to reserve room; the painter measures.
_NARROW, _WIDE = frozenset(" .,:;'\u2019!|ijlIftr()·/1"), frozenset("mwMWGOQ%@…—")
_NARROW_EM, _WIDE_EM, _CAPITAL_EM, _LETTER_EM = 0.33, 0.82, 0.66, 0.56


def estimated_em(text: str) -> float:
    """Width of a text at size 1."""
    return sum(map(_advance_em, text))


def _advance_em(letter: str) -> float:
    if letter in _NARROW:
        return _NARROW_EM
    if letter in _WIDE:
        return _WIDE_EM
    return _CAPITAL_EM if letter.isupper() else _LETTER_EM


class Print(TypedDict, total=False):
    """How a text is set; what is left out is usual."""

    ink: Role
    align: str
    valign: str
    lines: int
    face: Face
    cap_mm: float


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands beside a text: a picture, or a glyph in `ink` (that of the text by default)."""

    side: int
    picture: str = ""
    glyph: str = ""
    ink: Role | None = None


class Frame:
    """One screen while it is composed; `finish` turns it into a View."""

    def __init__(self, snapshot: Snapshot, panel: Panel, text: Text) -> None:
        self.snapshot = snapshot
        self.panel = panel
        self.text = text
        self.body = panel.rect
        self.bottom = panel.height  # where the footer ends
        self._items: list[Item] = []
        self._controls: list[Control] = []
        self._texts: list[str] = []
        self._hidden: list[Control] = []
        self._title = ""
        self._picture = ""
        self._easy = False
        self._header_texts = 0

    def end_header(self) -> None:
        """What was said so far is on every screen: it is read there, and not spoken each time."""
        self._header_texts = len(self._texts)

    def enlarge(self) -> None:
        """This screen is composed for easy mode."""
        self._easy = True

    # --- measures ---------------------------------------------------------------------------

    @property
    def portrait(self) -> bool:
        return self.panel.portrait

    @property
    def currency(self) -> str:
        return self.snapshot.station.currency

    def px(self, design_px: float) -> int:
        return self.panel.px(design_px)

    def pick(self, landscape: float, portrait: float) -> int:
        """A length of the design grid, by orientation."""
        return self.px(portrait if self.portrait else landscape)

    @property
    def margin(self) -> int:
        return self.pick(18, 24)

    @property
    def gap(self) -> int:
        return max(self.pick(14, 16), self.panel.across(GAP_MM), self.panel.down(GAP_MM))

    @property
    def target_width(self) -> int:
        return self.panel.across(TARGET_MM)

    @property
    def target_height(self) -> int:
        return self.panel.down(TARGET_MM)

    @property
    def low(self) -> bool:
        """Whoever cannot reach high has asked for everything within the lower part of the panel."""
        return self.snapshot.access.low

    def sunk(self, rect: Rect, rows: int, picture: str = "") -> Rect:
        """The lowest part of `rect` that holds so many rows of buttons, and a picture above it."""
        high = rows * max(self.target_height, self.pick(96, 124)) + (rows - 1) * self.gap
        part, rest = rect.cut_bottom(min(rect.h, high), self.gap)
        side = min(rest.h, rest.w, self.pick(150, 260))
        if picture and side >= self.pick(*_LEAST_PICTURE_PX):
            self.picture(rest.centred(side, side), picture)
        return part

    def floor(self, cap_mm: float, face: Face = Face.BOLD) -> int:
        """Type size whose capitals are `cap_mm` high."""
        exact = cap_mm * self.panel.height / self.panel.height_mm / face.cap_height
        return math.ceil(exact - _SIZE_TOLERANCE)

    # --- drawing ----------------------------------------------------------------------------

    def add(self, *items: Item) -> None:
        """Draw without saying anything."""
        self._items.extend(items)

    def card(
        self,
        rect: Rect,
        *,
        fill: Role = Role.CARD,
        border: Role | None = Role.LINE,
        width: int = 3,
    ) -> Rect:
        """A panel; answers the room inside it."""
        self.add(Box(rect, fill, border, self.px(width), self.px(22)))
        return rect.inset(self.pick(16, 22), self.pick(10, 16))

    def scene(self, rect: Rect, kind: str) -> None:
        self.add(Scene(rect, kind))

    def picture(self, rect: Rect, name: str, badge: str = "", *, faded: bool = False) -> None:
        self.add(Picture(rect, name, badge, faded))

    def glyph(self, rect: Rect, name: str, ink: Role) -> None:
        self.add(Glyph(rect, name, ink))

    def say(self, *texts: str) -> None:
        """Put texts into the semantic tree that are drawn by other means."""
        self._texts.extend(text for text in texts if text)

    def subject(self, picture: str) -> None:
        """The screen's pictogram, for the semantic tree."""
        self._picture = picture

    @property
    def sign(self) -> str:
        """The pictogram of `subject`, for a body that shows it large."""
        return self._picture

    def title(
        self,
        rect: Rect,
        text: str,
        *,
        align: str = "left",
        lines: int = 2,
        size: int = 0,
    ) -> None:
        """The screen's title; in easy mode as high as everything else there."""
        easy = EASY_CAP_MM if self._easy else TITLE_CAP_MM
        floor = self.floor(easy)
        self._title = text
        self.add(
            Words(rect, text, max(size, floor), floor, Face.BOLD, Role.TEXT, align, "middle", lines)
        )

    def words(self, rect: Rect, text: str, size: int, **look: Unpack[Print]) -> None:
        """A text of the screen's body; quiet unless told otherwise."""
        if not text:
            return
        face = look.get("face", Face.PLAIN)
        floor = self.floor(look.get("cap_mm", SECONDARY_CAP_MM), face)
        self.say(text)
        self.add(
            Words(
                rect,
                text,
                max(size, floor),
                floor,
                face,
                look.get("ink", Role.SECONDARY),
                look.get("align", "left"),
                look.get("valign", "middle"),
                look.get("lines", 1),
            )
        )

    def figure(
        self,
        rect: Rect,
        runs: Sequence[Run],
        size: int,
        *,
        align: str = "left",
        valign: str = "middle",
        cap_mm: float = SECONDARY_CAP_MM,
    ) -> None:
        """A number with its unit, on one baseline."""
        floor = self.floor(cap_mm, Face.PLAIN)
        self.say("".join(run.said or run.text for run in runs).strip())
        self.add(Runs(rect, tuple(runs), max(size, floor), floor, align, valign))

    def pair(self, rect: Rect, text: str, size: int, sign: Sign, **look: Unpack[Print]) -> None:
        """A sign beside a text, for the eye; `say` it as well unless a button's label does."""
        face = look.get("face", Face.BOLD)
        floor = self.floor(look.get("cap_mm", SECONDARY_CAP_MM), face)
        ink = look.get("ink", Role.TEXT)
        words = Words(
            rect,
            text,
            max(size, floor),
            floor,
            face,
            ink,
            look.get("align", "left"),
            "middle",
            look.get("lines", 2),
        )
        gap = self.pick(14, 16)
        self.add(Pair(words, sign.side, gap, sign.picture, sign.glyph, sign.ink or ink))

    def label_floor(self) -> int:
        return self.floor(LABEL_CAP_MM)

    def lines_of(self, text: str, size: int, width: int) -> int:
        """How many lines a text takes at `size`, near enough to reserve the room for it."""
        return max(1, math.ceil(estimated_em(text) * size / max(1, width)))

    # --- buttons ----------------------------------------------------------------------------

    def offered(self, button_id: str) -> Button | None:
        """The core's button of that id, if it is on this screen."""
        return next((item for item in self.snapshot.buttons if item.id == button_id), None)

    def control(
        self,
        button: Button,
        rect: Rect,
        label: str,
        *,
        picture: str,
        face: Rect | None = None,
    ) -> None:
        """Make `rect` touchable; what it looks like is drawn by the caller as `face`."""
        self._controls.append(
            Control(
                button.id,
                label,
                button.enabled,
                rect,
                face or rect,
                self.panel.mm(rect),
                picture,
                self.px(22),
                self.reason(button),
            )
        )

    def brand(self, rect: Rect) -> None:
        """The mark that opens the service menu when it is held long enough."""
        mm, radius = self.panel.mm(rect), self.px(22)
        self._hidden.append(Control("service", "", True, rect, rect, mm, "brand", radius))

    def reason(self, button: Button) -> str:
        """Why a button is disabled, in words; empty when it is enabled or the core gave none."""
        if button.enabled or not button.reason:
            return ""
        return self.text.or_else(f"reason.{button.reason}", "reason.unavailable")

    def finish(self) -> View:
        order = {button.id: place for place, button in enumerate(self.snapshot.buttons)}
        controls = sorted(self._controls, key=lambda item: order.get(item.id, -1))
        return View(
            screen=self.snapshot.screen,
            language=self.text.language,
            theme=CONTRAST.name if self.snapshot.access.contrast else self.snapshot.theme,
            title=self._title,
            picture=self._picture,
            items=tuple(self._items),
            controls=tuple(controls),
            texts=tuple(self._texts),
            spoken=tuple(self._texts[self._header_texts :]),
            hidden=tuple(self._hidden),
        )
