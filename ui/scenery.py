"""The illustrations: a charging post, its cable and a car, by day or night; a card at the reader.

Each is generated as SVG within the subset SDL draws well, rasterised once per size and theme, and
rounded; only the dots of energy on the cable are drawn anew.
"""

import pygame

from ui.layout import Rect
from ui.pictograms import rasterise
from ui.scene_art import STAGE, art_of, cable_points
from ui.theme import Colour, Role, Theme
from ui.view import Scene

_MAX_KEPT = 6
_CORNER_PX = 18
_DOTS = 9
PHASES = 12  # steps of one dot to the place of the next


class Scenery:
    """Keeps the rasterised scenes of the last few screens."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int, int, str], pygame.Surface] = {}
        self._dots: dict[int, pygame.Surface] = {}

    def paint(self, surface: pygame.Surface, theme: Theme, scene: Scene, phase: int) -> None:
        image = self._raster(scene, theme)
        surface.fill(theme[Role.CARD], scene.rect)
        surface.blit(image, scene.rect[:2])
        if scene.moves:
            self._paint_dots(surface, scene.rect, phase)

    def _raster(self, scene: Scene, theme: Theme) -> pygame.Surface:
        key = scene.kind, scene.rect.w, scene.rect.h, theme.name
        if key not in self._kept:
            if len(self._kept) >= _MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            width, height = scene.rect.w, scene.rect.h
            image = rasterise(art_of(scene.kind, width, height, night=theme.night), width, height)
            self._kept[key] = _rounded(image, theme[Role.CARD])
        return self._kept[key]

    def _paint_dots(self, surface: pygame.Surface, rect: Rect, phase: int) -> None:
        scale = STAGE.scale(rect.w, rect.h)
        left, top = STAGE.origin(rect.w, rect.h)
        side = max(4, round(12 * scale))
        if side not in self._dots:
            self._dots[side] = rasterise(_DOT, side, side)
        dot = self._dots[side]
        for number in range(_DOTS):
            share = (number + (phase % PHASES) / PHASES) / _DOTS
            x, y = cable_points(share)
            place = rect.x + left + x * scale - side / 2, rect.y + top + y * scale - side / 2
            surface.blit(dot, (round(place[0]), round(place[1])))


_DOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12" viewBox="0 0 12 12">'
    '<circle cx="6" cy="6" r="5.6" fill="#FFFFFF"/></svg>'
)


def _rounded(image: pygame.Surface, ground: Colour) -> pygame.Surface:
    """The picture with its corners in the colour of the card it lies on."""
    width, height = image.get_size()
    mask = rasterise(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><rect x="0" y="0" width="{width}" height="{height}" '
        f'rx="{_CORNER_PX}" fill="#FFFFFF"/></svg>',
        width,
        height,
    )
    mask.blit(image, (0, 0), special_flags=pygame.BLEND_RGBA_MULT)
    whole = pygame.Surface((width, height))
    whole.fill(ground)
    whole.blit(mask, (0, 0))
    return whole
