"""Languages of the members' web: catalogues of `locale/<code>/*.po`, and how money and time are written.

A msgid is a stable key; the extracted comment is its English. A key without words shows itself, and a
test finds it.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from central.clock import utc_from_text

LANGUAGES = {"es": "Español", "eu": "Euskara", "en": "English"}
_DEFAULT = "es"


@dataclass(frozen=True)
class Language:
    """Words and numbers for one reader."""

    code: str
    words: Mapping[str, str]
    timezone: str
    currency: str

    def t(self, key: str, **values: object) -> str:
        text = self.words.get(key, key)
        return text.format(**values) if values else text

    def plural(self, key: str, count: int) -> str:
        """`key.one` or `key.other`, with {n}."""
        return self.t(f"{key}.{'one' if count == 1 else 'other'}", n=count)

    def money(self, minor: int) -> str:
        return _plain(format_currency(_decimal(minor, 100), self.currency, locale=self.code))

    def rate(self, milli: int) -> str:
        """A price per kWh or minute, of 1/1000 minor unit; three decimals only where they count."""
        is_whole = milli % 1000 == 0
        form = "#,##0.00\u00a0¤" if is_whole else "#,##0.000\u00a0¤"
        if self.code == "en":
            form = "¤#,##0.00" if is_whole else "¤#,##0.000"
        value = _decimal(milli, 100_000)
        return _plain(
            format_currency(value, self.currency, form, locale=self.code, currency_digits=False)
        )

    def kwh(self, wh: int) -> str:
        return (
            _plain(format_decimal(_decimal(wh, 1000), "#,##0.00", locale=self.code)) + "\u00a0kWh"
        )

    def distance(self, metres: int) -> str:
        if metres < 1000:
            return f"{metres}\u00a0m"
        return f"{_plain(format_decimal(metres / 1000, '#,##0.#', locale=self.code))}\u00a0km"

    def number(self, value: int) -> str:
        return _plain(format_decimal(value, locale=self.code))

    def day(self, text: str) -> str:
        return _plain(format_date(self._local(text).date(), "medium", locale=self.code))

    def date(self, text: str) -> str:
        """A day of the calendar, `2026-11-30`, wherever it is read."""
        return _plain(format_date(date.fromisoformat(text), "medium", locale=self.code))

    def weekday(self, text: str) -> str:
        """A day as one speaks of it: Monday 23 November."""
        form = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}.get(self.code, "EEEE, MMMM d")
        return _plain(format_date(self._local(text).date(), form, locale=self.code))

    def short_day(self, text: str) -> str:
        form = "EEE, MMM d" if self.code == "eu" else "EEE d MMM"
        return _plain(format_date(self._local(text).date(), form, locale=self.code))

    def moment(self, text: str) -> str:
        return _plain(format_datetime(self._local(text), "d MMM y, HH:mm", locale=self.code))

    def clock(self, text: str) -> str:
        return _plain(format_time(self._local(text).time(), "HH:mm", locale=self.code))

    def month(self, text: str) -> str:
        """`2026-11` in words."""
        first = datetime.fromisoformat(f"{text}-01T12:00:00")
        return _plain(format_date(first.date(), "LLLL y", locale=self.code))

    def _local(self, text: str) -> datetime:
        return utc_from_text(text).astimezone(ZoneInfo(self.timezone))


def language(code: str, *, timezone: str, currency: str) -> Language:
    return Language(code, catalogue(code), timezone, currency)


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """Every word of one language; files that share a key would be an error of ours."""
    words: dict[str, str] = {}
    folder = resources.files("central.members").joinpath("locale", code)
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".po"):
            continue
        read = read_po(io.BytesIO(file.read_bytes()), locale=code)
        for message in read:
            if message.id:
                assert message.id not in words, f"{message.id} is in two catalogues"
                words[str(message.id)] = str(message.string)
    return words


def choose(asked: str, kept: str, accepted: str) -> str:
    """What was asked for, what the visitor or member has, else the first the browser knows."""
    for code in (asked, kept):
        if code in LANGUAGES:
            return code
    for part in accepted.lower()[:500].split(","):
        code = part.partition(";")[0].strip().partition("-")[0]
        if code in LANGUAGES:
            return code
    return _DEFAULT


def _decimal(amount: int, scale: int) -> float:
    # For drawing only; Babel rounds to the decimals that are shown, which are exact here.
    return amount / scale


def _plain(text: str) -> str:
    """Characters our fonts have (the narrow space and marks of direction are none)."""
    for mark in ("\u200e", "\u200f"):
        text = text.replace(mark, "")
    return text.replace("\u202f", "\u00a0")
