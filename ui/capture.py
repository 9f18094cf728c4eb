"""Pictures of the screens without a window: `python -m ui.capture --out DIR`.

Renders every sample in each theme, orientation and language, and a page that shows them all.
"""

import argparse
import html
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from chargepoint.contract import Snapshot
from ui.app import Kiosk
from ui.catalogue import available
from ui.samples import ALL, SCREENS, under_of

SIZES = {"landscape": (1024, 600), "portrait": (800, 1280)}
THEMES = ("day", "night")


def picture(snapshot: Snapshot, size: tuple[int, int]) -> bytes:
    """PNG of one snapshot."""
    kiosk = Kiosk(size)
    under = under_of(snapshot)
    if under is not None:
        kiosk.show(under, 0.0)
    kiosk.show(snapshot, 1.0)
    return kiosk.png()


def variants(
    names: list[str], sizes: list[str], themes: list[str], languages: list[str]
) -> Iterator[tuple[str, Snapshot, str]]:
    """File name, snapshot, size name; one kiosk's worth after the other."""
    for name in names:
        for size in sizes:
            for theme in themes:
                for language in languages:
                    for easy in (False, True):
                        shot = replace(ALL[name], theme=theme, language=language, easy=easy)
                        suffix = "_easy" if easy else ""
                        yield f"{name}_{size}_{theme}_{language}{suffix}.png", shot, size


def write_gallery(out: Path, files: list[str]) -> None:
    """The contact sheet."""
    cells = "\n".join(
        f'<figure><img loading="lazy" src="{html.escape(name)}" alt=""><figcaption>'
        f"{html.escape(name.removesuffix('.png'))}</figcaption></figure>"
        for name in files
    )
    page = (
        '<!doctype html><meta charset="utf-8"><title>Kiosk screens</title><style>'
        "body{font:14px system-ui;background:#5b6b7a;color:#fff;margin:16px;display:flex;"
        "flex-wrap:wrap;gap:16px}figure{margin:0}img{display:block;height:300px;border-radius:8px}"
        f"figcaption{{margin-top:4px}}</style>\n{cells}\n"
    )
    (out / "index.html").write_text(page, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ui.capture", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--only", nargs="*", default=list(ALL), help="names of samples")
    parser.add_argument("--size", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--theme", nargs="*", default=list(THEMES), choices=list(THEMES))
    parser.add_argument("--language", nargs="*", default=list(available()))
    parser.add_argument("--easy", action="store_true", help="also the easy mode")
    return parser.parse_args()


def main() -> None:
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    asked = _arguments()
    asked.out.mkdir(parents=True, exist_ok=True)
    files: list[str] = []
    for name, shot, size in variants(asked.only, asked.size, asked.theme, asked.language):
        if shot.easy and not (asked.easy and shot.screen in SCREENS):
            continue
        (asked.out / name).write_bytes(picture(shot, SIZES[size]))
        files.append(name)
    write_gallery(asked.out, files)


if __name__ == "__main__":
    main()
