"""Rectangles and panels: where things go, in pixels, and how large that is in millimetres.

Pure arithmetic; nothing here knows pygame. Sizes are thought in millimetres (a finger does not
shrink with the panel) and drawn in pixels of a design grid that is scaled to the real panel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

TARGET_MM = 20.0  # smallest touch target both ways (Tiresias checklist, 20-22 mm)
GAP_MM = 2.0  # smallest dead gap between two targets

_LANDSCAPE_DESIGN_PX = (1024, 600)
_PORTRAIT_DESIGN_PX = (800, 1280)
_DEFAULT_DIAGONAL_MM = 10.06 * 25.4


class Rect(NamedTuple):
    """Pixels; `x`, `y` is the upper left corner."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.w // 2, self.y + self.h // 2

    def holds(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def encloses(self, other: "Rect") -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def overlaps(self, other: "Rect") -> bool:
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def inset(self, dx: int, dy: int | None = None) -> "Rect":
        dy = dx if dy is None else dy
        return Rect(self.x + dx, self.y + dy, max(1, self.w - 2 * dx), max(1, self.h - 2 * dy))

    def grown(self, by: int) -> "Rect":
        return Rect(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def moved(self, dx: int, dy: int) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def cut_left(self, width: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        """The left `width` pixels, and what remains after `gap`."""
        rest = max(1, self.w - width - gap)
        return (
            Rect(self.x, self.y, width, self.h),
            Rect(self.x + width + gap, self.y, rest, self.h),
        )

    def cut_right(self, width: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        """The right `width` pixels, and what remains before `gap`."""
        rest = max(1, self.w - width - gap)
        return Rect(self.right - width, self.y, width, self.h), Rect(self.x, self.y, rest, self.h)

    def cut_top(self, height: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        rest = max(1, self.h - height - gap)
        return (
            Rect(self.x, self.y, self.w, height),
            Rect(self.x, self.y + height + gap, self.w, rest),
        )

    def cut_bottom(self, height: int, gap: int = 0) -> tuple["Rect", "Rect"]:
        rest = max(1, self.h - height - gap)
        return Rect(self.x, self.bottom - height, self.w, height), Rect(
            self.x, self.y, self.w, rest
        )

    def columns(self, weights: Sequence[float], gap: int) -> list["Rect"]:
        edges = _shares(self.w, weights, gap)
        return [Rect(self.x + start, self.y, size, self.h) for start, size in edges]

    def rows(self, weights: Sequence[float], gap: int) -> list["Rect"]:
        edges = _shares(self.h, weights, gap)
        return [Rect(self.x, self.y + start, self.w, size) for start, size in edges]

    def centred(self, width: int, height: int) -> "Rect":
        """A rectangle of that size in the middle of this one."""
        return Rect(self.x + (self.w - width) // 2, self.y + (self.h - height) // 2, width, height)

    def square(self) -> "Rect":
        side = min(self.w, self.h)
        return self.centred(side, side)


def _shares(length: int, weights: Sequence[float], gap: int) -> list[tuple[int, int]]:
    room = max(len(weights), length - gap * (len(weights) - 1))
    total = sum(weights)
    shares: list[tuple[int, int]] = []
    done = 0.0
    for number, weight in enumerate(weights):
        start = round(room * done / total)
        done += weight
        shares.append((start + number * gap, round(room * done / total) - start))
    return shares


@dataclass(frozen=True, slots=True)
class Panel:
    """The display: pixels and millimetres of its picture area."""

    width: int
    height: int
    width_mm: float
    height_mm: float

    def __post_init__(self) -> None:
        if min(self.width, self.height) < 200 or min(self.width_mm, self.height_mm) <= 0:
            raise ValueError(f"no usable panel: {self}")

    @property
    def portrait(self) -> bool:
        return self.height > self.width

    @property
    def rect(self) -> Rect:
        return Rect(0, 0, self.width, self.height)

    @property
    def scale(self) -> float:
        """Panel pixels per pixel of the design grid."""
        across, down = _PORTRAIT_DESIGN_PX if self.portrait else _LANDSCAPE_DESIGN_PX
        return min(self.width / across, self.height / down)

    def px(self, design_px: float) -> int:
        return round(design_px * self.scale)

    def across(self, mm: float) -> int:
        """Pixels of a horizontal length, rounded up."""
        return -int(-mm * self.width // self.width_mm)

    def down(self, mm: float) -> int:
        """Pixels of a vertical length, rounded up."""
        return -int(-mm * self.height // self.height_mm)

    def mm(self, rect: Rect) -> tuple[float, float, float, float]:
        across, down = self.width_mm / self.width, self.height_mm / self.height
        return (
            round(rect.x * across, 1),
            round(rect.y * down, 1),
            round(rect.w * across, 1),
            round(rect.h * down, 1),
        )


def panel_of(size: tuple[int, int], size_mm: tuple[float, float] | None = None) -> Panel:
    """A panel of `size` pixels; without `size_mm`, one of 10.1 inches with square pixels."""
    width, height = size
    if size_mm is None:
        if size == _LANDSCAPE_DESIGN_PX:
            size_mm = (222.7, 125.3)
        elif size == _PORTRAIT_DESIGN_PX:
            size_mm = (135.4, 216.6)
        else:
            per_px = _DEFAULT_DIAGONAL_MM / (width**2 + height**2) ** 0.5
            size_mm = (width * per_px, height * per_px)
    return Panel(width, height, *size_mm)
