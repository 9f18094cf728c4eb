"""Words and numbers in the driver's language: catalogue key and integers in, text out.

Catalogues are gettext `.po` files, read as they are. A missing key is shown as it is, so that it
is noticed; a test fails for it. Numbers and money are Babel's, with the glyphs our faces lack
replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision

LOCALE_DIR = Path(__file__).parent / "assets" / "locale"
FALLBACK = "en"

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

# U+202F is missing in both faces; the direction marks draw as boxes in every one.
_GLYPHS = str.maketrans({"\u202f": "\u00a0", "\u200e": None, "\u200f": None})
_MILLI = 1000


def available() -> tuple[str, ...]:
    """Languages with a catalogue."""
    return tuple(sorted(path.parent.name for path in LOCALE_DIR.glob("*/kiosk.po")))


def read_catalogue(language: str, name: str = "kiosk") -> dict[str, str]:
    """All messages of one language by key. `service`: the technician's, in some languages only."""
    path = LOCALE_DIR / language / f"{name}.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string
    }


@dataclass(frozen=True, slots=True)
class Text:
    """One language. Made once by the kiosk and handed to whoever composes a screen."""

    language: str
    locale: Locale
    messages: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)  # by message, of those without fields

    def __call__(self, key: str, **values: object) -> str:
        """The message `key` with its fields filled in."""
        pattern = self.messages.get(key)
        if pattern is None:
            return key
        return pattern.format_map(values) if values else pattern

    def key_of(self, words: str) -> str:
        """The key of the message that is exactly `words`; empty when none is. Keys are for recordings."""
        return self.keys.get(words, "")

    def has(self, key: str) -> bool:
        return key in self.messages

    def or_else(self, key: str, fallback: str) -> str:
        """The message `key`, or the message `fallback` when the catalogue has no `key`."""
        return self(key if key in self.messages else fallback)

    def money(self, minor: int, currency: str) -> str:
        """An amount with all its decimals: 15,00 €."""
        digits = _precision(currency)
        return _drawable(
            format_currency(Decimal(minor).scaleb(-digits), _known(currency), locale=self.locale)
        )

    def money_short(self, minor: int, currency: str) -> str:
        """An amount without decimals when they are zero: 40 €."""
        digits = _precision(currency)
        if minor % 10**digits:
            return self.money(minor, currency)
        whole = Decimal(minor).scaleb(-digits)
        pattern = str(self.locale.currency_formats["standard"].pattern).replace("0.00", "0")
        return _drawable(
            format_currency(
                whole, _known(currency), pattern, locale=self.locale, currency_digits=False
            )
        )

    def price(self, milli: int, currency: str) -> str:
        """A rate in 1/1000 minor unit, with as many decimals as it needs, at least the usual."""
        pattern = str(self.locale.currency_formats["standard"].pattern)
        rate = Decimal(milli) / _MILLI
        return _drawable(
            format_currency(
                rate.scaleb(-_precision(currency)),
                _known(currency),
                pattern.replace("0.00", "0.00###"),
                locale=self.locale,
                currency_digits=False,
            )
        )

    def coin(self, minor: int, currency: str) -> str:
        """What is stamped on a coin or note: 0,10 or 5."""
        digits = _precision(currency)
        pattern = "0" if minor % 10**digits == 0 else "0." + "0" * digits
        return self.number(Decimal(minor).scaleb(-digits), pattern)

    def number(self, value: Decimal | int, pattern: str = "#,##0") -> str:
        return _drawable(format_decimal(value, pattern, locale=self.locale))

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


def _known(currency: str) -> str:
    return currency or "EUR"


def _precision(currency: str) -> int:
    return get_currency_precision(_known(currency))


class Catalogues:
    """Loads each language once, when it is first asked for."""

    def __init__(self) -> None:
        self._texts: dict[str, Text] = {}

    def text(self, language: str) -> Text:
        """The text of `language`, or of the fallback when there is no such catalogue."""
        if language not in self._texts:
            self._texts[language] = self._load(language)
        return self._texts[language]

    def _load(self, language: str) -> Text:
        # The name comes over the socket: only names that are folders are ever opened.
        if language not in available():
            return self.text(FALLBACK)
        try:
            locale = Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            locale = Locale.parse(FALLBACK)
        words = {
            **read_catalogue(FALLBACK, "service"),
            **read_catalogue(language, "service"),
            **read_catalogue(language),
        }
        keys = {words: key for key, words in reversed(words.items()) if "{" not in words}
        return Text(language, locale, words, keys)
