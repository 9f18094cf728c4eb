"""What an offer is called and says, by language. Pure.

Who keeps one name for everybody goes on doing so: what a language lacks is said as in all of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("es", "eu", "en")


@dataclass(frozen=True, slots=True)
class Said:
    """`language` empty: where there are no words of their own. What is empty is not said in it."""

    language: str
    name: str = ""
    about: str = ""


def said(words: Iterable[Said], language: str, otherwise: Said) -> Said:
    """In that language, each part that it lacks as in `otherwise`."""
    found = next((each for each in words if each.language == language), Said(language))
    return Said(language, found.name or otherwise.name, found.about or otherwise.about)


def kept(words: Iterable[Said]) -> dict[str, dict[str, str]]:
    """As a document: what is empty is left out."""
    return {
        each.language: {"name": each.name, "about": each.about}
        for each in words
        if each.name or each.about
    }


def read(document: Mapping[str, Any]) -> tuple[Said, ...]:
    return tuple(
        Said(language, document[language].get("name", ""), document[language].get("about", ""))
        for language in LANGUAGES
        if language in document
    )
