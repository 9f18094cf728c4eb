"""What one screen is: a flat list of things to draw and the buttons a finger can reach.

`describe` (screens/) makes it from a snapshot and the panel; the painter draws it, the bench and
the tests read it. A view is a value: no clock, no pygame, no decision left to take.
"""

from dataclasses import dataclass

from ui.layout import GAP_MM, Rect
from ui.theme import Face, Role


@dataclass(frozen=True, slots=True)
class Box:
    """A panel with round corners; `width` is that of the border, inside `rect`."""

    rect: Rect
    fill: Role | None = None
    border: Role | None = None
    width: int = 3
    radius: int = 22


@dataclass(frozen=True, slots=True)
class Words:
    """Text fitted into `rect`: the largest size up to `size` that needs at most `lines` lines.

    `floor` is the smallest size allowed; text that does not fit there fails the layout tests.
    """

    rect: Rect
    text: str
    size: int
    floor: int
    face: Face = Face.BOLD
    ink: Role = Role.TEXT
    align: str = "left"  # left centre right
    valign: str = "middle"  # top middle bottom
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """Part of a line; `share` of the line's size, `said` where a sign on the screen stands for words."""

    text: str
    share: float = 1.0
    face: Face = Face.DIGITS
    ink: Role = Role.TEXT
    said: str = ""


@dataclass(frozen=True, slots=True)
class Runs:
    """One line of differently sized parts on a common baseline; `floor` holds for each part."""

    rect: Rect
    runs: tuple[Run, ...]
    size: int
    floor: int
    align: str = "left"
    valign: str = "middle"


@dataclass(frozen=True, slots=True)
class Picture:
    """A colour pictogram, drawn as large as its square fits into `rect`; `badge` at a corner."""

    rect: Rect
    name: str
    badge: str = ""
    faded: bool = False


@dataclass(frozen=True, slots=True)
class Glyph:
    """A single-colour sign."""

    rect: Rect
    name: str
    ink: Role


@dataclass(frozen=True, slots=True)
class Scene:
    """An illustration that fills `rect`; `kind` names what happens in it. May move."""

    rect: Rect
    kind: str

    @property
    def moves(self) -> bool:
        return self.kind == "charging"


@dataclass(frozen=True, slots=True)
class Pair:
    """A sign beside a text, kept together and aligned as one in `words.rect`."""

    words: Words
    icon: int
    gap: int
    picture: str = ""
    glyph: str = ""
    ink: Role = Role.TEXT


@dataclass(frozen=True, slots=True)
class Ring:
    """A countdown: `share` of the circle, clockwise from the top."""

    rect: Rect
    share: float
    width: int
    ink: Role = Role.DO
    track: Role = Role.LINE


@dataclass(frozen=True, slots=True)
class Hexagon:
    """EN 17186 frame around the connector's letter."""

    rect: Rect
    fill: Role
    border: Role
    width: int = 3


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code of `content`, dark on white in every theme, with its quiet zone."""

    rect: Rect
    content: str


@dataclass(frozen=True, slots=True)
class Shade:
    """Dims everything drawn so far."""

    rect: Rect


Item = Box | Words | Runs | Picture | Glyph | Pair | Scene | Ring | Hexagon | Code | Shade


@dataclass(frozen=True, slots=True)
class Control:
    """A button: `rect` is where a touch counts, `face` what is drawn for it."""

    id: str
    label: str
    enabled: bool
    rect: Rect
    face: Rect
    rect_mm: tuple[float, float, float, float]
    picture: str = ""
    radius: int = 22
    note: str = ""  # why it cannot be pressed

    @property
    def reach(self) -> Rect:
        """Half the gap to the next button around it belongs to it, too."""
        slop = int(self.rect.w / self.rect_mm[2] * GAP_MM / 2) if self.rect_mm[2] else 0
        return self.rect.inset(-slop)


@dataclass(frozen=True, slots=True)
class View:
    screen: str
    language: str
    theme: str
    title: str
    picture: str
    items: tuple[Item, ...]
    controls: tuple[Control, ...]
    texts: tuple[str, ...]
    spoken: tuple[str, ...] = ()  # the texts without those of the header
    hidden: tuple[Control, ...] = ()  # what is not for drivers and not in the semantic tree

    @property
    def moving(self) -> tuple[Scene, ...]:
        return tuple(item for item in self.items if isinstance(item, Scene) and item.moves)

    def control(self, button_id: str) -> Control | None:
        return next((item for item in (*self.controls, *self.hidden) if item.id == button_id), None)

    def control_at(self, x: float, y: float) -> Control | None:
        """The button under a finger, enabled or not."""
        everything = (*self.controls, *self.hidden)
        hit = next((item for item in everything if item.rect.holds(x, y)), None)
        near = (item for item in self.controls if item.reach.holds(x, y))
        return hit or next(near, None)
