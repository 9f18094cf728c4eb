"""All pictograms on one picture, light and dark: `python -m ui.contact_sheet FILE.png`."""

import argparse
from pathlib import Path

import pygame

from ui.fonts import Fonts
from ui.pictograms import Pictograms, names
from ui.theme import DAY, NIGHT, Face, Role, Theme

_COLUMNS = 10
_CELL_W, _CELL_H, _SIDE, _TYPE = 128, 142, 96, 17


def sheet() -> pygame.Surface:
    pygame.font.init()
    shelf, fonts = Pictograms(), Fonts()
    rows = -(-len(names()) // _COLUMNS)
    whole = pygame.Surface((_COLUMNS * _CELL_W, 2 * rows * _CELL_H))
    for place, theme in enumerate((DAY, NIGHT)):
        half = pygame.Surface((_COLUMNS * _CELL_W, rows * _CELL_H))
        _fill(half, shelf, fonts, theme)
        whole.blit(half, (0, place * rows * _CELL_H))
    return whole


def _fill(half: pygame.Surface, shelf: Pictograms, fonts: Fonts, theme: Theme) -> None:
    half.fill(theme[Role.CARD])
    for place, name in enumerate(sorted(names())):
        x, y = place % _COLUMNS * _CELL_W, place // _COLUMNS * _CELL_H
        image = shelf.picture(name, "", _SIDE, theme[Role.CARD])
        half.blit(image, (x + (_CELL_W - _SIDE) // 2, y + 10))
        label = fonts.render(Face.PLAIN, name, _TYPE, theme[Role.SECONDARY])
        half.blit(label, (x + (_CELL_W - label.get_width()) // 2, y + 10 + _SIDE + 6))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ui.contact_sheet", description=__doc__)
    parser.add_argument("file", type=Path)
    pygame.image.save(sheet(), parser.parse_args().file)


if __name__ == "__main__":
    main()
