"""Draws a View on a pygame surface. The only module that turns roles into colours and pixels.

Round corners and signs are rasterised once by SDL's SVG loader, which smooths edges, and kept in
small caches; a redraw is then a few dozen blits.
"""

import pygame

from ui.fonts import Fonts
from ui.layout import Rect
from ui.pictograms import Pictograms
from ui.qr import code_picture
from ui.scenery import Scenery
from ui.theme import Role, Theme, theme_of
from ui.view import (
    Box,
    Code,
    Control,
    Glyph,
    Hexagon,
    Item,
    Pair,
    Picture,
    Ring,
    Runs,
    Scene,
    Shade,
    View,
    Words,
)

_SHADE_ALPHA = 184
_PRESSED_ALPHA = 70


FOCUS_PX = 5


def focus_ring(face: Rect) -> Rect:
    """Around the drawn button, a pixel off its border."""
    return face.grown(FOCUS_PX + 1)


class Painter:
    """Holds the caches of one display."""

    def __init__(self, fonts: Fonts) -> None:
        self._fonts = fonts
        self._pictograms = Pictograms()
        self._scenery = Scenery()

    def troubles(self) -> tuple[str, ...]:
        """Fonts that are not what they should be."""
        return self._fonts.troubles()

    def paint(self, surface: pygame.Surface, view: View, phase: int = 0) -> None:
        """Draw everything."""
        theme = theme_of(view.theme)
        surface.fill(theme[Role.BACKGROUND])
        for item in view.items:
            self._item(surface, theme, item, phase)

    def paint_moving(self, surface: pygame.Surface, view: View, phase: int) -> list[Rect]:
        """Draw again only what moves; answers the changed places."""
        theme = theme_of(view.theme)
        for scene in view.moving:
            self._scenery.paint(surface, theme, scene, phase)
        return [scene.rect for scene in view.moving]

    def press(self, surface: pygame.Surface, control: Control, theme: Theme) -> None:
        """Darken (or, at night, brighten) the button under the finger."""
        colour = (255, 255, 255) if theme.night else (0, 0, 0)
        patch = pygame.Surface(control.face[2:], pygame.SRCALPHA)
        whole = Rect(0, 0, control.face.w, control.face.h)
        self._pictograms.draw_box(patch, whole, control.radius, (colour, None, 0))
        patch.set_alpha(_PRESSED_ALPHA)
        surface.blit(patch, control.face[:2])

    def focus(self, surface: pygame.Surface, control: Control, theme: Theme) -> None:
        """A ring around the button that the keys are on, in the gap beside it: dark on light, or
        light on dark, whatever the button's own colour.
        """
        ring = focus_ring(control.face)
        radius = control.radius + FOCUS_PX
        self._pictograms.draw_box(surface, ring, radius, (None, theme[Role.TEXT], FOCUS_PX))

    def _item(self, surface: pygame.Surface, theme: Theme, item: Item, phase: int) -> None:
        match item:
            case Box():
                self._box(surface, theme, item)
            case Words():
                self._words(surface, theme, item)
            case Runs():
                self._runs(surface, theme, item)
            case Pair():
                self._pair(surface, theme, item)
            case Scene():
                self._scenery.paint(surface, theme, item, phase)
            case _:
                self._sign(surface, theme, item)

    def _sign(
        self,
        surface: pygame.Surface,
        theme: Theme,
        item: Picture | Glyph | Ring | Hexagon | Code | Shade,
    ) -> None:
        match item:
            case Picture(rect, name, badge, faded):
                square = rect.square()
                image = self._pictograms.picture(name, badge, square.w, theme[Role.CARD])
                if faded:
                    image = image.copy()
                    image.set_alpha(110)
                surface.blit(image, square[:2])
            case Glyph(rect, name, ink):
                square = rect.square()
                surface.blit(self._pictograms.glyph(name, square.w, theme[ink]), square[:2])
            case Ring(rect, share, width, ink, track):
                image = self._pictograms.ring(rect.w, share, width, (theme[ink], theme[track]))
                surface.blit(image, rect[:2])
            case Hexagon(rect, fill, border, width):
                image = self._pictograms.hexagon(rect.w, width, theme[fill], theme[border])
                surface.blit(image, rect[:2])
            case Code(rect, content):
                surface.blit(code_picture(content, rect.w), rect[:2])
            case Shade(rect):
                veil = pygame.Surface(rect[2:], pygame.SRCALPHA)
                veil.fill((4, 10, 17, _SHADE_ALPHA))
                surface.blit(veil, rect[:2])

    def _box(self, surface: pygame.Surface, theme: Theme, box: Box) -> None:
        outer = theme[box.border] if box.border is not None else None
        fill = theme[box.fill] if box.fill is not None else None
        width = box.width if outer is not None else 0
        self._pictograms.draw_box(surface, box.rect, box.radius, (fill, outer, width))

    def _words(self, surface: pygame.Surface, theme: Theme, words: Words) -> None:
        fitted = self._fonts.fit(words)
        font = self._fonts.font(words.face, fitted.size)
        block = self._fonts.block(words)
        cap = words.face.cap_height * fitted.size
        pitch = self._fonts.pitch(words.face, fitted.size)
        share = {"left": 0.0, "centre": 0.5, "right": 1.0}[words.align]
        for row, line in enumerate(fitted.lines):
            image = self._fonts.render(words.face, line, fitted.size, theme[words.ink])
            x = block.x + round((block.w - image.get_width()) * share)
            y = round(block.y + cap + row * pitch) - font.get_ascent()
            surface.blit(image, (x, y))

    def _runs(self, surface: pygame.Surface, theme: Theme, item: Runs) -> None:
        size = self._fonts.fit_runs(item)
        block = self._fonts.line_block(item)
        x = block.x
        for run in item.runs:
            own = self._fonts.run_size(item, run, size)
            image = self._fonts.render(run.face, run.text, own, theme[run.ink])
            ascent = self._fonts.font(run.face, own).get_ascent()
            surface.blit(image, (x, block.bottom - ascent))
            x += image.get_width()

    def _pair(self, surface: pygame.Surface, theme: Theme, pair: Pair) -> None:
        sign, words = self._fonts.pair_places(pair)
        if pair.picture:
            self._sign(surface, theme, Picture(sign, pair.picture))
        elif pair.glyph:
            self._sign(surface, theme, Glyph(sign, pair.glyph, pair.ink))
        self._words(surface, theme, words)
