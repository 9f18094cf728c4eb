"""The catalogues as files: gettext `.po`, read as they are, each with the fallback beneath it.

A message that is missing, or whose fields are not those of the fallback, is taken from the
fallback and named as a trouble: a wrong field would end the kiosk in the middle of a payment.
"""

import string
from functools import cache
from pathlib import Path

from ui.po import read_po

LOCALE_DIR = Path(__file__).parent / "assets" / "locale"
FALLBACK = "en"
PARTS = ("kiosk", "service")  # the driver's words, and the technician's

_FIELDS = string.Formatter()
_MOST_NAMED = 8


def available() -> tuple[str, ...]:
    """Languages with a catalogue."""
    return tuple(sorted(path.parent.name for path in LOCALE_DIR.glob("*/kiosk.po")))


def read_catalogue(language: str, part: str = "kiosk") -> dict[str, str]:
    """All messages of one language by key; nothing when there is no such file."""
    path = LOCALE_DIR / language / f"{part}.po"
    if not path.exists():
        return {}
    return read_po(path.read_text(encoding="utf-8"))


def fields_of(pattern: str) -> frozenset[str] | None:
    """Names of the fields to fill in; None when the pattern is no pattern."""
    try:
        return frozenset(name for _, name, _, _ in _FIELDS.parse(pattern) if name is not None)
    except ValueError:
        return None


@cache
def merged(language: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The words of `language` over those of the fallback, and what was wrong with them.

    Read once: the files belong to the installed software.
    """
    troubles: list[str] = []
    below = _all_parts(FALLBACK, troubles)
    if language == FALLBACK:
        return below, tuple(troubles)
    own = _all_parts(language, troubles)
    missing = [key for key in below if key not in own]
    odd = [key for key, words in below.items() if _is_odd(own.get(key, words), words)]
    for what, keys in (("missing", missing), ("fields differ", odd)):
        if keys:
            troubles.append(f"{language}: {len(keys)} {what}: {', '.join(keys[:_MOST_NAMED])}")
    sound = {key: words for key, words in own.items() if key not in odd}
    return {**below, **sound}, tuple(troubles)


def _is_odd(words: str, reference: str) -> bool:
    return fields_of(words) != fields_of(reference)


def _all_parts(language: str, troubles: list[str]) -> dict[str, str]:
    """The technician's words, then the driver's, which win."""
    found: dict[str, str] = {}
    for part in reversed(PARTS):
        try:
            found |= read_catalogue(language, part)
        except (OSError, ValueError) as error:
            troubles.append(f"{language}/{part}.po: {error}")
    return found
