"""Signs and panels as surfaces: SVG files and generated shapes, rasterised once per size."""

import io
from math import pi
from pathlib import Path

import pygame

from ui.layout import Rect
from ui.theme import Colour

ASSETS = Path(__file__).parent / "assets"
PICTOGRAM_DIR = ASSETS / "pictograms"
GLYPH_DIR = ASSETS / "glyphs"

_MAX_KEPT = 400
_GLYPH_INK = "#000000"  # what the glyph files are drawn in; replaced by the ink asked for

BoxLook = tuple[Colour | None, Colour | None, int]  # fill, border, border width


def names() -> frozenset[str]:
    return frozenset(path.stem for path in PICTOGRAM_DIR.glob("*.svg"))


def glyph_names() -> frozenset[str]:
    return frozenset(path.stem for path in GLYPH_DIR.glob("*.svg"))


def rasterise(svg: str, width: int, height: int) -> pygame.Surface:
    """An SVG text as a surface with transparency."""
    return pygame.image.load_sized_svg(io.BytesIO(svg.encode()), (max(1, width), max(1, height)))


def hex_of(colour: Colour) -> str:
    return "#{:02X}{:02X}{:02X}".format(*colour)


class Pictograms:
    """The caches; oldest out first."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], pygame.Surface] = {}

    def _keep(self, key: tuple[object, ...], surface: pygame.Surface) -> pygame.Surface:
        if len(self._kept) >= _MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = surface
        return surface

    def picture(self, name: str, badge: str, side: int, ground: Colour) -> pygame.Surface:
        """A colour pictogram; its badge stands on a rim of the `ground` colour."""
        key = "picture", name, badge, side, ground if badge else None
        if key in self._kept:
            return self._kept[key]
        image = self._file(PICTOGRAM_DIR / f"{name}.svg", side)
        if badge:
            image = self._badged(image, badge, side, ground)
        return self._keep(key, image)

    def _badged(
        self, image: pygame.Surface, badge: str, side: int, ground: Colour
    ) -> pygame.Surface:
        whole = pygame.Surface((side, side), pygame.SRCALPHA)
        inner = round(side * 0.9)
        whole.blit(pygame.transform.smoothscale(image, (inner, inner)), (0, 0))
        rim = round(side * 0.47)
        size = round(side * 0.4)
        corner = side - rim
        whole.blit(self.disc(rim, ground), (corner, corner))
        place = corner + (rim - size) // 2
        whole.blit(self._file(PICTOGRAM_DIR / f"{badge}.svg", size), (place, place))
        return whole

    def _file(self, path: Path, side: int) -> pygame.Surface:
        if not path.is_file():
            path = PICTOGRAM_DIR / "question.svg"
        return pygame.image.load_sized_svg(str(path), (max(1, side), max(1, side)))

    def glyph(self, name: str, side: int, ink: Colour) -> pygame.Surface:
        key = "glyph", name, side, ink
        if key not in self._kept:
            path = GLYPH_DIR / f"{name}.svg"
            if not path.is_file():
                path = GLYPH_DIR / "other.svg"
            svg = path.read_text(encoding="utf-8").replace(_GLYPH_INK, hex_of(ink))
            self._keep(key, rasterise(svg, side, side))
        return self._kept[key]

    def disc(self, side: int, colour: Colour) -> pygame.Surface:
        key = "disc", side, colour
        if key not in self._kept:
            self._keep(key, self._raster_box(side, side, side // 2, (colour, None, 0)))
        return self._kept[key]

    def draw_box(self, surface: pygame.Surface, rect: Rect, radius: int, look: BoxLook) -> None:
        """A panel with smooth round corners: one small raster for the corners, fills between."""
        radius = max(0, min(radius, rect.w // 2, rect.h // 2))
        look = look[0], look[1], min(look[2], rect.w // 3, rect.h // 3)
        corner = max(radius, look[2]) + 1
        if rect.w <= 2 * corner + 2 or rect.h <= 2 * corner + 2:
            surface.blit(self._small_box(rect.w, rect.h, radius, look), rect[:2])
            return
        side = 2 * corner + 2
        tile = self._small_box(side, side, radius, look)
        for x, from_x in ((rect.x, 0), (rect.right - corner, side - corner)):
            for y, from_y in ((rect.y, 0), (rect.bottom - corner, side - corner)):
                surface.blit(tile, (x, y), (from_x, from_y, corner, corner))
        _fill_between(surface, rect, corner, look)

    def _small_box(self, width: int, height: int, radius: int, look: BoxLook) -> pygame.Surface:
        key = "box", width, height, radius, look
        if key not in self._kept:
            self._keep(key, self._raster_box(width, height, radius, look))
        return self._kept[key]

    def _raster_box(self, width: int, height: int, radius: int, look: BoxLook) -> pygame.Surface:
        fill, border, line = look
        half = line / 2
        paint = f'fill="{hex_of(fill)}"' if fill else 'fill="none"'
        stroke = f'stroke="{hex_of(border)}" stroke-width="{line}"' if border and line else ""
        return rasterise(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}"><rect x="{half}" y="{half}" width="{width - line}" '
            f'height="{height - line}" rx="{max(0.0, radius - half)}" {paint} {stroke}/></svg>',
            width,
            height,
        )

    def ring(
        self, side: int, share: float, width: int, inks: tuple[Colour, Colour]
    ) -> pygame.Surface:
        """A countdown ring: its track, and the share that is left, clockwise from the top."""
        radius = side / 2 - width / 2 - 1
        turn = 2 * pi * radius
        middle = side / 2
        arc = max(0.0, min(1.0, share)) * turn
        circle = f'cx="{middle}" cy="{middle}" r="{radius}" fill="none" stroke-width="{width}"'
        front = (
            f'<circle {circle} stroke="{hex_of(inks[0])}" stroke-dasharray="{arc:.2f} {turn:.2f}" '
            f'transform="rotate(-90 {middle} {middle})" stroke-linecap="round"/>'
        )
        return rasterise(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" '
            f'viewBox="0 0 {side} {side}"><circle {circle} stroke="{hex_of(inks[1])}"/>'
            f"{front if share > 0 else ''}</svg>",
            side,
            side,
        )

    def hexagon(self, side: int, width: int, fill: Colour, border: Colour) -> pygame.Surface:
        key = "hexagon", side, width, fill, border
        if key not in self._kept:
            svg = (
                '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" '
                'viewBox="0 0 96 96"><path d="M27 10H69L92 48L69 86H27L4 48Z" '
                f'fill="{hex_of(fill)}" stroke="{hex_of(border)}" '
                f'stroke-width="{width * 96 / side:.1f}" stroke-linejoin="round"/></svg>'
            )
            self._keep(key, rasterise(svg, side, side))
        return self._kept[key]


def _fill_between(surface: pygame.Surface, rect: Rect, corner: int, look: BoxLook) -> None:
    """The straight edges and the middle of a panel whose corners are drawn."""
    fill, border, line = look
    across, down = rect.w - 2 * corner, rect.h - 2 * corner
    if fill is not None:
        surface.fill(fill, (rect.x + line, rect.y + corner, rect.w - 2 * line, down))
        surface.fill(fill, (rect.x + corner, rect.y + line, across, corner - line))
        surface.fill(fill, (rect.x + corner, rect.bottom - corner, across, corner - line))
    if border is not None and line:
        for y in (rect.y, rect.bottom - line):
            surface.fill(border, (rect.x + corner, y, across, line))
        for x in (rect.x, rect.right - line):
            surface.fill(border, (x, rect.y + corner, line, down))
