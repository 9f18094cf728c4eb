"""Promotions and the programme's numbers as they are now: the file's, unless somebody changed them."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from central.greencard.accounts import Programme
from central.greencard.promotions import Promotion

NUMBERS = ("loyalty_every", "loyalty_percent", "points_per_euro", "points_valid_days")


class KeptProgramme:
    """Read at every question, so that a change counts for the next answer."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def make_missing(self, promotions: Iterable[Promotion]) -> None:
        """As with cards: what exists stays as it is, ended ones too."""
        self._db.executemany(
            "INSERT INTO promotion (name, document) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(each.name, _text(each)) for each in promotions],
        )

    def save(self, promotion: Promotion) -> None:
        """New, or in the place of the one with its name; it is not ended then."""
        self._db.execute(
            "INSERT INTO promotion (name, document) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET document = excluded.document, is_ended = 0",
            (promotion.name, _text(promotion)),
        )

    def end(self, name: str) -> bool:
        """False when there is none of that name that has not ended."""
        cursor = self._db.execute(
            "UPDATE promotion SET is_ended = 1 WHERE name = ? AND is_ended = 0", (name,)
        )
        return cursor.rowcount == 1

    def promotions(self) -> tuple[Promotion, ...]:
        rows = self._db.execute("SELECT document FROM promotion WHERE is_ended = 0 ORDER BY rowid")
        return tuple(_promotion(row["document"]) for row in rows)

    def set_number(self, name: str, value: int) -> None:
        assert name in NUMBERS
        self._db.execute(
            "INSERT INTO programme_value (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def numbers(self) -> dict[str, int]:
        """Those that somebody changed."""
        rows = self._db.execute("SELECT name, value FROM programme_value ORDER BY name")
        return {row["name"]: row["value"] for row in rows}

    def programme(self, base: Programme) -> Programme:
        changed: dict[str, Any] = {**self.numbers(), "promotions": self.promotions()}
        return replace(base, **changed)


def _text(promotion: Promotion) -> str:
    return json.dumps(asdict(promotion), sort_keys=True, ensure_ascii=False)


def _promotion(text: str) -> Promotion:
    fields = json.loads(text)
    lists = {name: tuple(fields[name]) for name in ("days", "sites", "plans")}
    return Promotion(**{**fields, **lists})
