"""Pictures of the screens without a window: `python -m ui.capture`.

Renders every sample in each theme, orientation and language, and a page that shows and filters
them. The folder is not kept in the repository: a minute or ten makes it anew.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chargepoint.contract import Snapshot
from ui.app import Kiosk
from ui.catalogue import available
from ui.gallery import page_of
from ui.samples import ALL, SCREENS, under_of

SIZES = {"landscape": (1024, 600), "portrait": (800, 1280)}
THEMES = ("day", "night")
GALLERY = Path("docs/gallery")
PICTURES = Path("docs/pictures")

# The pictures that the README shows: file, sample, size, theme, language, easy mode.
SHOWN = (
    ("home.png", "home", "landscape", "day", "es", False),
    ("charging.png", "charging", "landscape", "night", "en", False),
    ("greencard.png", "gc_ok", "landscape", "day", "it", False),
    ("pay.png", "pay", "landscape", "day", "de", False),
    ("cash.png", "cash_in", "landscape", "night", "fr", False),
    ("easy.png", "pay", "landscape", "day", "eu", True),
    ("languages.png", "lang", "landscape", "day", "ca", False),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: what it shows and how."""

    name: str
    size: str
    theme: str
    language: str
    easy: bool

    @property
    def file(self) -> str:
        easy = "_easy" if self.easy else ""
        return f"{self.name}_{self.size}_{self.theme}_{self.language}{easy}.png"

    @property
    def snapshot(self) -> Snapshot:
        return replace(ALL[self.name], theme=self.theme, language=self.language, easy=self.easy)


class Camera:
    """Takes pictures; one kiosk a size, so that fonts and drawings are made once."""

    def __init__(self) -> None:
        self._kiosks: dict[tuple[int, int], Kiosk] = {}
        self._now_s = 0.0

    def picture(self, snapshot: Snapshot, size: tuple[int, int]) -> bytes:
        """PNG of one snapshot."""
        kiosk = self._kiosks.setdefault(size, Kiosk(size))
        under = under_of(snapshot)
        for shown in (under, snapshot):
            if shown is not None:
                self._now_s += 10.0
                kiosk.show(shown, self._now_s)
        return kiosk.png()


def shots(asked: argparse.Namespace) -> Iterator[Shot]:
    """Every picture asked for, sample by sample."""
    for name in asked.only:
        for size in asked.size:
            for theme in asked.theme:
                for language in asked.language:
                    yield Shot(name, size, theme, language, easy=False)
                    if asked.easy and name in SCREENS:
                        yield Shot(name, size, theme, language, easy=True)


def write_gallery(out: Path, wanted: Sequence[Shot]) -> None:
    """The pictures, and the page to browse them."""
    out.mkdir(parents=True, exist_ok=True)
    camera = Camera()
    for number, shot in enumerate(wanted, start=1):
        _keep(out / shot.file, camera.picture(shot.snapshot, SIZES[shot.size]))
        _progress(number, len(wanted), shot.file)
    cells = [(shot.name, shot.size, shot.theme, shot.language, shot.easy) for shot in wanted]
    files = [shot.file for shot in wanted]
    (out / "index.html").write_text(page_of(cells, files), encoding="utf-8")


def write_shown(out: Path) -> None:
    """The few pictures of the README, at a size that suits a page."""
    out.mkdir(parents=True, exist_ok=True)
    camera = Camera()
    for file, name, size, theme, language, easy in SHOWN:
        shot = Shot(name, size, theme, language, easy)
        _keep(out / file, camera.picture(shot.snapshot, SIZES[size]))


def _keep(path: Path, picture: bytes) -> None:
    """Write only what changed: a browser and a repository see the date of the rest unmoved."""
    if path.exists() and _digest(path.read_bytes()) == _digest(picture):
        return
    path.write_bytes(picture)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _progress(number: int, count: int, file: str) -> None:
    if not sys.stderr.isatty() and number not in {1, count} and number % 500:
        return
    line = f"{number}/{count} {100 * number // count} % {file}"
    is_over = number == count or not sys.stderr.isatty()
    sys.stderr.write(f"{line}\n" if is_over else f"{line:<79}\r")
    sys.stderr.flush()


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ui.capture",
        description="Renders the kiosk's screens to pictures, with a page to browse and filter them.",
        epilog="Everything is some thousand pictures: name languages or samples to be quicker.",
    )
    languages = list(available())
    add = parser.add_argument
    add("--out", type=Path, default=GALLERY, help="folder for the pictures (default: %(default)s)")
    add("--only", nargs="+", default=list(ALL), choices=list(ALL), metavar="SAMPLE", help="samples")
    add("--size", nargs="+", default=list(SIZES), choices=list(SIZES), help="orientations")
    add("--theme", nargs="+", default=list(THEMES), choices=list(THEMES), help="themes")
    add("--language", nargs="+", default=languages, choices=languages, help="languages")
    add("--easy", action="store_true", help="the easy mode as well")
    add("--list", action="store_true", help="only tell the names of the samples")
    add("--shown", action="store_true", help=f"only the README's pictures, into {PICTURES}")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    asked = arguments(argv)
    if asked.list:
        sys.stdout.write("\n".join(ALL) + "\n")
        return
    if asked.shown:
        write_shown(PICTURES)
        return
    write_gallery(asked.out, list(shots(asked)))
    sys.stderr.write(f"{asked.out / 'index.html'}\n")


if __name__ == "__main__":
    main()
