"""QR codes as surfaces: whole pixels per module, so that a telephone's camera reads them."""

from functools import lru_cache

import pygame

_QUIET_MODULES = 4  # ISO/IEC 18004: quiet zone of four modules
_WHITE, _DARK = (255, 255, 255), (8, 19, 30)


@lru_cache(maxsize=4)
def code_picture(content: str, side: int) -> pygame.Surface:
    """A square of `side` pixels; blank when the content is too long for any code."""
    import segno  # noqa: PLC0415 - 6 MiB that only the receipt's code needs

    picture = pygame.Surface((side, side))
    picture.fill(_WHITE)
    try:
        matrix = segno.make_qr(content, error="m").matrix
    except segno.DataOverflowError:
        return picture
    module = max(1, side // (len(matrix) + 2 * _QUIET_MODULES))
    start = (side - module * len(matrix)) // 2
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            if dark:
                picture.fill(_DARK, (start + x * module, start + y * module, module, module))
    return picture
