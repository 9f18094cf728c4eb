"""Promotions and the programme's numbers as they are now: the file's, unless somebody changed them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import func, select, update

from central.greencard.accounts import Programme
from central.greencard.promotions import Promotion
from central.greencard.wording import kept, read
from central.storage.engine import Database
from central.storage.tables.offers import PROGRAMME_VALUE, PROMOTION

NUMBERS = (
    "loyalty_every",
    "loyalty_percent",
    "points_per_euro",
    "points_valid_days",
    "exchange_from",
    "exchange_until",
)

_PROMOTIONS = (
    select(PROMOTION.c.document)
    .where(PROMOTION.c.is_ended == 0)
    .order_by(PROMOTION.c.place, PROMOTION.c.name)
)
_NUMBERS = select(PROGRAMME_VALUE.c.name, PROGRAMME_VALUE.c.value).order_by(PROGRAMME_VALUE.c.name)


class KeptProgramme:
    """Read at every question, so that a change counts for the next answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make_missing(self, promotions: Iterable[Promotion]) -> None:
        """As with cards: what exists stays as it is, ended ones too."""
        for place, each in enumerate(promotions, start=self._next_place()):
            self._database.insert_new(PROMOTION, name=each.name, document=_text(each), place=place)

    def save(self, promotion: Promotion) -> None:
        """New, or in the place of the one with its name; it is not ended then."""
        name, document = promotion.name, _text(promotion)
        if not self._database.insert_new(
            PROMOTION, name=name, document=document, place=self._next_place()
        ):
            self._database.write(
                update(PROMOTION)
                .where(PROMOTION.c.name == name)
                .values(document=document, is_ended=0)
            )

    def end(self, name: str) -> bool:
        """False when there is none of that name that has not ended."""
        running = (PROMOTION.c.name == name) & (PROMOTION.c.is_ended == 0)
        return self._database.write(update(PROMOTION).where(running).values(is_ended=1)) == 1

    def promotions(self) -> tuple[Promotion, ...]:
        """In the order in which they were made."""
        return tuple(_promotion(row.document) for row in self._database.rows(_PROMOTIONS))

    def _next_place(self) -> int:
        return int(self._database.value(select(func.count()).select_from(PROMOTION))) + 1

    def set_number(self, name: str, value: int) -> None:
        assert name in NUMBERS
        self._database.upsert(PROGRAMME_VALUE, name=name, value=value)

    def numbers(self) -> dict[str, int]:
        """Those that somebody changed."""
        return {row.name: row.value for row in self._database.rows(_NUMBERS)}

    def programme(self, base: Programme) -> Programme:
        changed: dict[str, Any] = {**self.numbers(), "promotions": self.promotions()}
        return replace(base, **changed)


def _text(promotion: Promotion) -> str:
    fields = asdict(promotion) | {"words": kept(promotion.words)}
    return json.dumps(fields, sort_keys=True, ensure_ascii=False)


def _promotion(text: str) -> Promotion:
    fields = json.loads(text)
    lists = {name: tuple(fields[name]) for name in ("days", "sites", "plans")}
    return Promotion(**{**fields, **lists, "words": read(fields.get("words", {}))})
