"""Bundled faces and the fitting of text into rectangles. Never a system font: pictures of the
screen must not depend on the machine that drew them."""

import logging
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pygame

from ui.layout import Rect
from ui.theme import Colour, Face
from ui.view import Pair, Run, Runs, Words

log = logging.getLogger(__name__)

FONT_DIR = Path(__file__).parent / "assets" / "fonts"

_PROBE_PX = 100
_UNDRAWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_PITCH = 1.14
_KEEP_ON_LINE = 0.82
_CLOSE = 0.06
_MAX_FONTS = 48


@dataclass(frozen=True, slots=True)
class Fitted:
    """`fits` is False when even the floor size was too large; the text is then drawn anyway."""

    size: int
    lines: tuple[str, ...]
    fits: bool


class Fonts:
    """Opened faces by size. `pygame.font` must be initialised."""

    def __init__(self, most_kept: int = 2_000) -> None:
        self._most_kept = most_kept
        self._missing: list[Face] = []
        self._open: dict[tuple[Face, int], pygame.font.Font] = {}
        self._rulers: dict[Face, pygame.font.Font] = {}
        self._fits: dict[Words, Fitted] = {}
        self._widths: dict[tuple[Face, str], float] = {}

    def font(self, face: Face, size: int) -> pygame.font.Font:
        key = face, max(1, size)
        if key not in self._open:
            if len(self._open) >= _MAX_FONTS:
                del self._open[next(iter(self._open))]
            self._open[key] = self._opened(face, key[1])
        return self._open[key]

    def troubles(self) -> tuple[str, ...]:
        """Faces whose file is missing or broken; another stands in for them."""
        return tuple(f"font missing: {face}" for face in self._missing)

    def _opened(self, face: Face, size: int) -> pygame.font.Font:
        """The face itself, else another of ours, else what pygame brings: words must be read."""
        for candidate in (face, *(other for other in Face if other is not face)):
            try:
                font = pygame.font.Font(str(FONT_DIR / f"{candidate}.ttf"), size)
                font.size("0")  # a file that is no font fails here, not when it is opened
            except (OSError, pygame.error) as error:
                if candidate is face and face not in self._missing:
                    self._missing.append(face)
                    log.warning("font missing", extra={"face": str(face), "why": str(error)})
                continue
            return font
        return pygame.font.Font(None, size)

    def measure(self, face: Face, text: str, size: int) -> int:
        """Width in whole pixels as it will be drawn."""
        font = self._open.get((face, max(1, size))) or self._ruler(face, max(1, size))
        return int(font.size(_clean(text))[0])

    def _ruler(self, face: Face, size: int) -> pygame.font.Font:
        """A face that is only measured with: its size changes in a third of the time of opening it."""
        if face not in self._rulers:
            self._rulers[face] = self._opened(face, size)
        ruler = self._rulers[face]
        if ruler.point_size != size:
            ruler.point_size = size
        return ruler

    def render(self, face: Face, text: str, size: int, ink: Colour) -> pygame.Surface:
        return self.font(face, size).render(_clean(text), True, ink)

    def pitch(self, face: Face, size: int) -> float:
        """Distance of two baselines."""
        return size * _LINE_PITCH * (1.06 if face is Face.DIGITS else 1.0)

    def advance(self, face: Face, text: str, size: int) -> float:
        """Width of `text`, from one measurement at a large size."""
        key = face, text
        if key not in self._widths:
            if len(self._widths) >= self._most_kept:
                self._widths.clear()
            self._widths[key] = self.measure(face, text, _PROBE_PX) / _PROBE_PX
        return self._widths[key] * size

    def fits_width(self, face: Face, text: str, size: int, width: int) -> bool:
        """Measured at the real size only where the estimate is close: hinting moves glyphs."""
        estimate = self.advance(face, text, size)
        if abs(estimate - width) > width * _CLOSE:
            return estimate <= width
        return self.measure(face, text, size) <= width

    def fit(self, words: Words) -> Fitted:
        """The largest size within floor and limit at which the text fits its rectangle."""
        if words not in self._fits:
            if len(self._fits) >= self._most_kept:
                self._fits.clear()
            self._fits[words] = self._fit(words)
        return self._fits[words]

    def _fit(self, words: Words) -> Fitted:
        for count in range(1, words.lines + 1):
            # Few lines read better than large ones: break only when that gains much.
            least = words.floor if count == words.lines else round(words.size * _KEEP_ON_LINE)
            size = self._largest(words, max(words.floor, least), count)
            if size is not None:
                return Fitted(size, self._wrap(words, size, count) or (words.text,), fits=True)
        size = min(words.size, words.floor)
        lines = self._wrap(words, size, words.lines) or (words.text,)
        return Fitted(size, lines, fits=False)

    def _largest(self, words: Words, least: int, count: int) -> int | None:
        """The largest size from `least` up at which the text fits in `count` lines."""
        if least > words.size or not self._fits_at(words, least, count):
            return None
        fits, fails = least, words.size + 1
        while fails - fits > 1:
            middle = (fits + fails) // 2
            if self._fits_at(words, middle, count):
                fits = middle
            else:
                fails = middle
        return fits

    def _fits_at(self, words: Words, size: int, count: int) -> bool:
        lines = self._wrap(words, size, count)
        return lines is not None and self._high_enough(words, size, len(lines))

    def _high_enough(self, words: Words, size: int, count: int) -> bool:
        # Capitals and descenders must lie inside; accents over capitals may touch the padding.
        need = words.face.cap_height * size + self.pitch(words.face, size) * (count - 1)
        return need + 0.2 * size <= words.rect.h or (count == 1 and need <= words.rect.h)

    def _wrap(self, words: Words, size: int, most: int) -> tuple[str, ...] | None:
        """Lines of the text at that size, or None when they are too many or too wide."""
        lines: list[str] = []
        line = ""
        for word in words.text.split(" "):
            longer = f"{line} {word}" if line else word
            if not line or self.fits_width(words.face, longer, size, words.rect.w):
                line = longer
            else:
                lines.append(line)
                line = word
        lines.append(line)
        if len(lines) > most:
            return None
        if not all(self.fits_width(words.face, text, size, words.rect.w) for text in lines):
            return None
        return self._balanced(words, size, lines)

    def _balanced(self, words: Words, size: int, lines: list[str]) -> tuple[str, ...]:
        """Two lines of similar length rather than a long one and a lonely word."""
        if len(lines) != 2:
            return tuple(lines)
        pieces = words.text.split(" ")
        best = tuple(lines)
        width = max(self.advance(words.face, line, size) for line in best)
        for cut in range(1, len(pieces)):
            pair = " ".join(pieces[:cut]), " ".join(pieces[cut:])
            wide = max(self.advance(words.face, line, size) for line in pair)
            if wide < width - 1:
                best, width = pair, wide
        return best

    def width(self, words: Words) -> int:
        """Pixels the fitted text takes."""
        fitted = self.fit(words)
        return max(self.measure(words.face, line, fitted.size) for line in fitted.lines)

    def block(self, words: Words) -> Rect:
        """Where the capitals of the fitted text lie: from the first line's top to the last base."""
        fitted = self.fit(words)
        cap = words.face.cap_height * fitted.size
        high = cap + self.pitch(words.face, fitted.size) * (len(fitted.lines) - 1)
        width = self.width(words)
        rect = words.rect
        x = rect.x + _aligned(words.align, rect.w - width)
        y = {
            "top": rect.y + fitted.size * 0.1,
            "middle": rect.y + (rect.h - high) / 2,
            "bottom": rect.bottom - high - fitted.size * 0.12,
        }[words.valign]
        return Rect(x, round(y), width, round(high))

    def line_block(self, item: Runs) -> Rect:
        """Where the capitals of a line of runs lie."""
        size = self.fit_runs(item)
        width = sum(self.run_width(item, run, size) for run in item.runs)
        cap = round(max(run.face.cap_height * size * run.share for run in item.runs))
        rect = item.rect
        x = rect.x + _aligned(item.align, rect.w - width)
        y = {"top": rect.y, "middle": rect.y + (rect.h - cap) // 2, "bottom": rect.bottom - cap}
        return Rect(x, y[item.valign], width, cap)

    def pair_places(self, pair: Pair) -> tuple[Rect, Words]:
        """Where a pair's sign lies, and its words at the size and place they were fitted to."""
        rect = pair.words.rect
        indent = pair.icon + pair.gap if pair.icon else 0
        room = replace(
            pair.words, rect=Rect(rect.x + indent, rect.y, max(1, rect.w - indent), rect.h)
        )
        fitted = self.fit(room)
        width = self.width(room)
        x = rect.x + _aligned(pair.words.align, max(0, rect.w - indent - width))
        sign = Rect(x, rect.y + (rect.h - pair.icon) // 2, pair.icon, pair.icon)
        pinned = replace(
            room,
            rect=Rect(x + indent, rect.y, width, rect.h),
            size=fitted.size,
            floor=min(room.floor, fitted.size),
            align="left",
        )
        # The room is now exactly as wide as the text: it must not be wrapped anew.
        self._fits[pinned] = fitted
        return sign, pinned

    def run_width(self, item: Runs, run: Run, size: int) -> int:
        return self.measure(run.face, run.text, self.run_size(item, run, size))

    def run_size(self, item: Runs, run: Run, size: int) -> int:
        """Size of one part; a part smaller than the rest stops shrinking at the floor."""
        floor = round(item.floor * Face.PLAIN.cap_height / run.face.cap_height)
        return max(1, round(size * run.share), min(size, floor))

    def fit_runs(self, item: Runs) -> int:
        """The largest size of the line at which all parts fit side by side."""
        fits, fails = 1, item.size + 1
        while fails - fits > 1:
            middle = (fits + fails) // 2
            if self.runs_fit(item, middle):
                fits = middle
            else:
                fails = middle
        return fits

    def runs_fit(self, item: Runs, size: int) -> bool:
        width = sum(
            self.advance(run.face, run.text, self.run_size(item, run, size)) for run in item.runs
        )
        if abs(width - item.rect.w) <= item.rect.w * _CLOSE:
            width = sum(self.run_width(item, run, size) for run in item.runs)
        cap = max(run.face.cap_height * size * run.share for run in item.runs)
        return width <= item.rect.w and cap <= item.rect.h


def _aligned(align: str, spare: int) -> int:
    return {"left": 0, "centre": spare // 2, "right": spare}[align]


def _clean(text: str) -> str:
    """Without what no font can draw; such text can only come from a broken core."""
    return _UNDRAWABLE.sub("", text)
