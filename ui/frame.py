"""The drawing board of one screen: collects items, buttons and spoken texts while it is composed.

Screens and widgets call these few methods only, so that whatever is drawn is also in the semantic
tree, and every text carries the floor that the layout tests hold it to.
"""

from collections.abc import Sequence

from chargepoint.contract import Button, Snapshot
from ui.layout import GAP_MM, TARGET_MM, Panel, Rect
from ui.text import Text
from ui.theme import LABEL_CAP_MM, SECONDARY_CAP_MM, TITLE_CAP_MM, Face, Role
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


class Frame:
    """One screen while it is composed; `finish` turns it into a View."""

    def __init__(self, snapshot: Snapshot, panel: Panel, text: Text) -> None:
        self.snapshot = snapshot
        self.panel = panel
        self.text = text
        self.body = panel.rect
        self._items: list[Item] = []
        self._controls: list[Control] = []
        self._texts: list[str] = []
        self._title = ""
        self._picture = ""

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

    def floor(self, cap_mm: float, face: Face = Face.BOLD) -> int:
        """Type size whose capitals are `cap_mm` high."""
        return -int(-cap_mm * self.panel.height / self.panel.height_mm / face.cap_height // 1)

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

    def title(
        self,
        rect: Rect,
        text: str,
        *,
        align: str = "left",
        lines: int = 2,
        size: int = 0,
    ) -> None:
        floor = self.floor(TITLE_CAP_MM)
        self._title = text
        self.add(
            Words(rect, text, max(size, floor), floor, Face.BOLD, Role.TEXT, align, "middle", lines)
        )

    def words(
        self,
        rect: Rect,
        text: str,
        size: int,
        *,
        ink: Role = Role.SECONDARY,
        align: str = "left",
        valign: str = "middle",
        lines: int = 1,
        face: Face = Face.PLAIN,
        cap_mm: float = SECONDARY_CAP_MM,
    ) -> None:
        """A text of the screen's body."""
        if not text:
            return
        floor = self.floor(cap_mm, face)
        self.say(text)
        self.add(Words(rect, text, max(size, floor), floor, face, ink, align, valign, lines))

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
        self.say("".join(run.text for run in runs).strip())
        self.add(Runs(rect, tuple(runs), max(size, floor), floor, align, valign))

    def pair(
        self,
        rect: Rect,
        text: str,
        *,
        size: int,
        icon: int,
        picture: str = "",
        glyph: str = "",
        ink: Role = Role.TEXT,
        sign: Role | None = None,
        align: str = "left",
        lines: int = 2,
        cap_mm: float = SECONDARY_CAP_MM,
        silent: bool = False,
    ) -> None:
        """A sign beside a text; `sign` is the colour of a glyph, that of the text by default."""
        floor = self.floor(cap_mm)
        if not silent:
            self.say(text)
        words = Words(rect, text, max(size, floor), floor, Face.BOLD, ink, align, "middle", lines)
        self.add(Pair(words, icon, self.pick(14, 16), picture, glyph, sign or ink))

    def label_floor(self) -> int:
        return self.floor(LABEL_CAP_MM)

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
            )
        )

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
            theme=self.snapshot.theme,
            title=self._title,
            picture=self._picture,
            items=tuple(self._items),
            controls=tuple(controls),
            texts=tuple(self._texts),
        )
