"""What a card brings along: its holder's language, easy mode, favourite point."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from central.storage.store import Store
from central.storage.tables.phones import CARD_PREFERENCE

# What points speak (docs/screens.md, `lang`); a point that does not know one keeps its own.
LANGUAGES = {
    "es": "Español",
    "eu": "Euskara",
    "ca": "Català",
    "gl": "Galego",
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "pt": "Português",
    "it": "Italiano",
    "nl": "Nederlands",
}


@dataclass(frozen=True, slots=True)
class Preference:
    """`language`, `favourite` empty: none."""

    language: str = ""
    is_easy: bool = False
    favourite: str = ""

    def content(self) -> dict[str, Any]:
        """As GreenCard.Account tells it; what is not chosen is not said."""
        said: dict[str, Any] = {"language": self.language} if self.language else {}
        return {**said, "easy": True} if self.is_easy else said


class Preferences:
    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, number: str) -> Preference:
        chosen = select(CARD_PREFERENCE).where(CARD_PREFERENCE.c.number == number)
        row = self._store.database.first(chosen)
        if row is None:
            return Preference()
        return Preference(row.language, bool(row.is_easy), row.favourite)

    def choose(self, number: str, chosen: Preference) -> None:
        with self._store.change(f"card:{number}"):
            self._store.database.upsert(
                CARD_PREFERENCE,
                number=number,
                language=chosen.language,
                is_easy=int(chosen.is_easy),
                favourite=chosen.favourite,
            )

    def forget_inside(self, number: str) -> None:
        self._store.database.write(
            delete(CARD_PREFERENCE).where(CARD_PREFERENCE.c.number == number)
        )
