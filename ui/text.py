"""Words and numbers in the driver's language: catalogue key and integers in, text out.

A key that no catalogue knows is shown as it is, so that it is noticed, and told once. Numbers,
money and dates are Babel's, with the glyphs our faces lack replaced.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_precision

from ui.catalogue import FALLBACK, available, merged

log = logging.getLogger(__name__)

AUTONYMS = {
    "es": "Español",
    "ca": "Català",
    "eu": "Euskara",
    "gl": "Galego",
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "pt": "Português",
    "it": "Italiano",
    "nl": "Nederlands",
}

# Where a language has one form for the whole world and another for here.
_REGIONS = {"en": "en_GB", "pt": "pt_PT"}

# U+202F is missing in both faces; the direction marks draw as boxes in every one.
_GLYPHS = str.maketrans({"\u202f": "\u00a0", "\u200e": None, "\u200f": None})
_MILLI = 1000
_MOST_TOLD = 50
_NUMBERS_KEPT = 512


@dataclass(frozen=True, slots=True)
class Text:
    """One language. Made once by the kiosk and handed to whoever composes a screen."""

    language: str
    locale: Locale
    messages: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)  # by message, of those without fields
    unknown: set[str] = field(default_factory=set)  # keys that were asked for and are nowhere

    def __call__(self, key: str, **values: object) -> str:
        """The message `key` with its fields filled in."""
        pattern = self.messages.get(key)
        if pattern is None:
            self._tell(key)
            return key
        return pattern.format_map(values) if values else pattern

    def key_of(self, words: str) -> str:
        """The key of the message that is exactly `words`; empty when none is. Keys are for recordings."""
        return self.keys.get(words, "")

    def _tell(self, key: str) -> None:
        # A broken core could send any number of keys: beyond some, more say nothing new.
        if key not in self.unknown and len(self.unknown) < _MOST_TOLD:
            self.unknown.add(key)
            log.warning("text unknown", extra={"key": key, "language": self.language})

    def counted(self, key: str, count: int) -> str:
        """The message for so many: `key_one` where the language uses its singular, else `key`."""
        form = f"{key}_one" if self.locale.plural_form(abs(count)) == "one" else key
        return self(form, count=self.number(count))

    def has(self, key: str) -> bool:
        return key in self.messages

    def or_else(self, key: str, fallback: str) -> str:
        """The message `key`, or the message `fallback` when the catalogue has no `key`."""
        return self(key if key in self.messages else fallback)

    def money(self, minor: int, currency: str) -> str:
        """An amount with all its decimals: 15,00 €."""
        digits = _precision(currency)
        return _amount(Decimal(minor).scaleb(-digits), _known(currency), None, self.locale)

    def money_short(self, minor: int, currency: str) -> str:
        """An amount without decimals when they are zero: 40 €."""
        digits = _precision(currency)
        if minor % 10**digits:
            return self.money(minor, currency)
        whole = Decimal(minor).scaleb(-digits)
        pattern = str(self.locale.currency_formats["standard"].pattern).replace("0.00", "0")
        return _amount(whole, _known(currency), pattern, self.locale)

    def money_whole(self, units: int, currency: str) -> str:
        """So many whole euros: 40 €."""
        return self.money_short(units * 10 ** _precision(currency), currency)

    def price(self, milli: int, currency: str) -> str:
        """A rate in 1/1000 minor unit, with as many decimals as it needs, at least the usual."""
        pattern = str(self.locale.currency_formats["standard"].pattern)
        rate = Decimal(milli) / _MILLI
        exact = rate.scaleb(-_precision(currency))
        return _amount(exact, _known(currency), pattern.replace("0.00", "0.00###"), self.locale)

    def coin(self, minor: int, currency: str) -> str:
        """What is stamped on a coin or note: 0,10 or 5."""
        digits = _precision(currency)
        pattern = "0" if minor % 10**digits == 0 else "0." + "0" * digits
        return self.number(Decimal(minor).scaleb(-digits), pattern)

    def number(self, value: Decimal | int, pattern: str = "#,##0") -> str:
        return _spelled(value, pattern, self.locale)

    def day(self, iso: str) -> str:
        """A day in digits, in the order of the language; what is no day stays as it is."""
        try:
            found = date.fromisoformat(iso)
        except ValueError:
            return iso
        # Only receipts and vouchers name a day: the first frame does not wait for its library.
        from babel.dates import format_skeleton  # noqa: PLC0415

        return _drawable(format_skeleton("yMd", found, locale=self.locale))

    def kilo(self, base: int, decimals: int = 2) -> str:
        """Wh as kWh, W as kW: 12,48."""
        return self.number(Decimal(base).scaleb(-3), "#,##0." + "0" * decimals)

    def kilo_short(self, base: int) -> str:
        """Thousands with at most one decimal: 22."""
        return self.number(Decimal(base).scaleb(-3), "#,##0.#")


def duration(seconds: int) -> str:
    """Hours and minutes: 0:35."""
    minutes = max(0, seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def countdown(seconds: int) -> str:
    """Minutes and seconds: 2:05."""
    seconds = max(0, seconds)
    return f"{seconds // 60}:{seconds % 60:02d}"


def _drawable(text: str) -> str:
    return text.translate(_GLYPHS)


# Every layout spells the same few numbers: each takes 10 to 30 us of Babel, a fifth of a layout.
@lru_cache(_NUMBERS_KEPT)
def _amount(value: Decimal, currency: str, pattern: str | None, locale: Locale) -> str:
    """`pattern` None: with the decimals that the currency has."""
    usual = pattern is None
    return _drawable(
        format_currency(value, currency, pattern, locale=locale, currency_digits=usual)
    )


@lru_cache(_NUMBERS_KEPT)
def _spelled(value: Decimal | int, pattern: str, locale: Locale) -> str:
    return _drawable(format_decimal(value, pattern, locale=locale))


def _known(currency: str) -> str:
    return currency or "EUR"


def _precision(currency: str) -> int:
    return get_currency_precision(_known(currency))


class Catalogues:
    """Loads each language once, when it is first asked for."""

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}
        self._troubles: list[str] = []
        self._unknown: set[str] = set()

    def text(self, language: str) -> Text:
        """The text of `language`, or of the fallback when there is no such catalogue."""
        if language not in self._texts:
            self._texts[language] = self._load(language)
        return self._texts[language]

    def troubles(self) -> tuple[str, ...]:
        """What a technician should know about the words, in the order it was found."""
        unknown = [f"text unknown: {key}" for key in sorted(self._unknown)]
        return (*self._troubles, *unknown)

    def _load(self, language: str) -> Text:
        # The name comes over the socket: only names that are folders are ever opened.
        known = language if language in available() else FALLBACK
        if known != language:
            self._note(f"no catalogue: {language[:8]}")
        messages, troubles = merged(known)
        for trouble in troubles:
            self._note(trouble)
        keys = {words: key for key, words in reversed(messages.items()) if "{" not in words}
        return Text(known, _locale_of(known), messages, keys, self._unknown)

    def _note(self, trouble: str) -> None:
        if trouble not in self._troubles and len(self._troubles) < _MOST_TOLD:
            self._troubles.append(trouble)
            log.warning("catalogue incomplete", extra={"what": trouble})


def _locale_of(language: str) -> Locale:
    try:
        return Locale.parse(_REGIONS.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_REGIONS[FALLBACK])
