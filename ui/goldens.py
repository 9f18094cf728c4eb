"""Whether the screens look as they did: `python -m ui.goldens check | accept | report DIR`.

A golden is the hash of a screen's pixels, in a text file; pictures are made when they are needed.
Pixels belong to one version of the renderer: another one draws letters a little differently, and
then nothing is compared. `report` writes what changed against the pictures of an earlier `report
--keep`, side by side, as one HTML page.
"""

import argparse
import hashlib
import html
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pygame

from ui.app import Kiosk
from ui.capture import SIZES, THEMES
from ui.samples import ALL, under_of

FILE = Path(__file__).parent.parent / "tests" / "ui" / "goldens.txt"
LANGUAGE = "es"
_HEAD = "# renderer: "


def renderer() -> str:
    """What the pixels depend on besides our own files."""
    return f"pygame-ce {pygame.version.ver} SDL {'.'.join(map(str, pygame.get_sdl_version()))}"


FORMS = tuple(product(SIZES, THEMES))


def pictures(
    forms: tuple[tuple[str, str], ...] = FORMS,
) -> Iterator[tuple[str, pygame.Surface]]:
    """Every sample on each panel in each theme; one kiosk a panel, as in the street."""
    for size, theme in forms:
        kiosk = Kiosk(SIZES[size])
        for name, sample in ALL.items():
            shot = replace(sample, theme=theme, language=LANGUAGE)
            under = under_of(shot)
            if under is not None:
                kiosk.show(under, 0.0)
            kiosk.show(shot, 1.0)
            surface = pygame.Surface(SIZES[size])
            kiosk.draw(surface)
            yield f"{name}-{size}-{theme}", surface


def digest(surface: pygame.Surface) -> str:
    return hashlib.blake2b(surface.get_view("2").raw, digest_size=8).hexdigest()


def drawn(forms: tuple[tuple[str, str], ...] = FORMS) -> dict[str, str]:
    return {name: digest(surface) for name, surface in pictures(forms)}


def kept(file: Path = FILE) -> tuple[str, dict[str, str]]:
    """The renderer the goldens were made with, and a hash for each screen."""
    lines = file.read_text("utf-8").splitlines()
    made_with = next(line.removeprefix(_HEAD) for line in lines if line.startswith(_HEAD))
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return made_with, {name: value for value, name in pairs}


def accept(file: Path = FILE) -> None:
    lines = [f"{value} {name}" for name, value in sorted(drawn().items())]
    head = "# Hashes of pixels: python -m ui.goldens accept. Look at the report before.\n"
    file.write_text(f"{head}{_HEAD}{renderer()}\n" + "\n".join(lines) + "\n", "utf-8")


def changed(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))


# --- the report ----------------------------------------------------------------------------------


def report(folder: Path, *, keep: bool) -> list[str]:
    """Pictures of today below `folder`; with those kept before, a page of what differs."""
    before, today = folder / "before", folder / "today"
    target = before if keep else today
    target.mkdir(parents=True, exist_ok=True)
    names = []
    for name, surface in pictures():
        pygame.image.save(surface, target / f"{name}.png")
        names.append(name)
    if keep:
        return []
    differ = [name for name in names if _differs(folder, name)]
    rows = "\n".join(_row(name) for name in differ)
    told = f"{len(differ)} of {len(names)} screens differ"
    page = (
        f'<!doctype html><meta charset="utf-8"><title>{told}</title><style>'
        "body{font:16px system-ui;background:#5b6b7a;color:#fff;margin:16px}"
        "img{width:32%;vertical-align:top}</style>"
        f"<h1>{told}</h1><p>before, today, what differs</p>\n{rows}\n"
    )
    (folder / "index.html").write_text(page, "utf-8")
    return differ


def _differs(folder: Path, name: str) -> bool:
    old, new = folder / "before" / f"{name}.png", folder / "today" / f"{name}.png"
    if not old.is_file():
        return True
    one, other = pygame.image.load(old), pygame.image.load(new)
    if one.get_size() == other.get_size() and digest(one) == digest(other):
        return False
    marked = other.copy()
    if one.get_size() == other.get_size():
        marked.fill((0, 0, 0))
        mask = pygame.mask.from_threshold(other, (0, 0, 0), (1, 1, 1, 255), one)
        mask.invert()
        mask.to_surface(marked, setcolor=(255, 64, 64), unsetcolor=None)
    (folder / "differs").mkdir(exist_ok=True)
    pygame.image.save(marked, folder / "differs" / f"{name}.png")
    return True


def _row(name: str) -> str:
    file = html.escape(f"{name}.png")
    pictures_ = "".join(
        f'<img loading="lazy" alt="" src="{part}/{file}"> '
        for part in ("before", "today", "differs")
    )
    return f"<h2>{html.escape(name)}</h2>{pictures_}"


def main() -> None:
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    parser = argparse.ArgumentParser(prog="python -m ui.goldens", description=__doc__)
    orders = parser.add_subparsers(dest="order", required=True)
    orders.add_parser("check", help="compare with the file, say what changed")
    orders.add_parser("accept", help="write the file again")
    page = orders.add_parser("report", help="pictures and a page of what differs")
    page.add_argument("folder", type=Path)
    page.add_argument("--keep", action="store_true", help="remember the pictures of today")
    asked = parser.parse_args()
    if asked.order == "accept":
        accept()
    elif asked.order == "report":
        _say(report(asked.folder, keep=asked.keep))
    else:
        made_with, hashes = kept()
        if made_with != renderer():
            _say([f"made with {made_with}, this is {renderer()}: nothing to compare"])
            return
        differ = changed(hashes, drawn())
        _say(differ)
        sys.exit(bool(differ))


def _say(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
