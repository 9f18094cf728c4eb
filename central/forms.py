"""Forms as they arrive: small, urlencoded, text alone; and how a field is read.

    form = Form(fields)
    email = form.read("email", email_address)      # None, and form.errors["email"], when it is wrong
    if form.errors: return visit.page("sign_up.html", status=422)

A template shows `form.values` again and `form.errors` beside the field. Secrets are not shown again.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request

T = TypeVar("T")

BODY_BYTES_MAX = 32 * 1024
_FIELDS_MAX = 60
_TYPE = "application/x-www-form-urlencoded"
_EMAIL = re.compile(
    r"[^@\s<>\"'(),:;\\\[\]]{1,64}@[^@\s<>\"'(),:;\\\[\]]+\.[^@\s<>\"'(),:;\\\[\].]{2,}"
)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_SECRETS = frozenset(
    {"password", "password_again", "password_new", "code", "answer_1", "answer_2", "answer_3"}
)


class NotAForm(Exception):
    """`status` 413 or 415, or 400: what came is not what our pages send."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Wrong(Exception):
    """A field's value is refused; the message is a key of the catalogue."""


async def read_form(request: Request) -> dict[str, str]:
    """Raises NotAForm; files and anything else but short text never come in."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise NotAForm(415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise NotAForm(413)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_FIELDS_MAX,
        )
    except ValueError as error:  # no ASCII, no UTF-8 behind the percent signs, too many fields
        raise NotAForm(400) from error
    return dict(pairs)


class Form:
    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self.errors: dict[str, str] = {}

    @property
    def values(self) -> dict[str, str]:
        """What may be shown again."""
        return {name: text for name, text in self._fields.items() if name not in _SECRETS}

    def text(self, name: str) -> str:
        return self._fields.get(name, "")

    def refuse(self, name: str, wrong: str) -> None:
        """`wrong`: key of the catalogue; the field `form` is the form as a whole."""
        self.errors[name] = wrong

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        try:
            return reader(self._fields.get(name, ""))
        except Wrong as error:
            self.refuse(name, str(error))
            return None


def email_address(text: str) -> str:
    """Lower case throughout: nobody is known to tell two mailboxes apart by it."""
    address = unicodedata.normalize("NFC", text.strip()).lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address) or not address.isprintable():
        raise Wrong("wrong.email")
    return address


def a_name(text: str) -> str:
    """Anything people are called; control characters are no part of it."""
    return _line(text, 1, 80, "wrong.name")


def login(text: str) -> str:
    """What agents and shops sign in as."""
    name = text.strip().lower()
    if not _LOGIN.fullmatch(name):
        raise Wrong("wrong.login")
    return name


def new_password(text: str) -> str:
    # NIST SP 800-63B §5.1.1.2: length counts, kinds of characters do not.
    if not 10 <= len(text) <= 128:
        raise Wrong("wrong.password_length")
    if len(set(text)) < 4:
        raise Wrong("wrong.password_easy")
    return unicodedata.normalize("NFKC", text)


def given_password(text: str) -> str:
    if not text or len(text) > 128:
        raise Wrong("wrong.empty")
    return unicodedata.normalize("NFKC", text)


def card_number(text: str) -> str:
    number = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{16}", number):
        raise Wrong("wrong.card_number")
    return number


def support_number(text: str) -> str:
    number = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{8,16}", number):
        raise Wrong("wrong.support_number")
    return number


def letter_code(text: str) -> str:
    code = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[0-9A-Z]{6,20}", code):
        raise Wrong("wrong.letter_code")
    return code


def question(text: str) -> str:
    return _line(text, 4, 120, "wrong.question")


def answer(text: str) -> str:
    """As it is compared: an agent hears it, and nobody hears capitals, accents or commas."""
    if not text.isprintable() or len(text) > 200:
        raise Wrong("wrong.answer")
    # Marks are dropped before folding and after: folding makes new ones (as of a dotted capital I).
    folded = _without_marks(_without_marks(text).casefold())
    heard = "".join(each if each.isalnum() else " " for each in folded)
    return _line(" ".join(heard.split()), 2, 120, "wrong.answer")


def amount_minor(least: int, most: int) -> Callable[[str], int]:
    """Euros with at most two decimals, comma or point."""

    def read(text: str) -> int:
        found = re.fullmatch(
            r"([0-9]{1,6})(?:[.,]([0-9]{1,2}))?", text.strip().removesuffix("€").strip()
        )
        if found is None:
            raise Wrong("wrong.amount")
        minor = int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))
        if not least <= minor <= most:
            raise Wrong("wrong.amount_range")
        return minor

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", text.strip()) or not least <= int(text) <= most:
            raise Wrong("wrong.number")
        return int(text)

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise Wrong("wrong.choice")
        return text

    return read


def _without_marks(text: str) -> str:
    return "".join(
        each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each)
    )


def line(least: int, most: int, wrong: str) -> Callable[[str], str]:
    return lambda text: _line(text, least, most, wrong)


def long_text(least: int, most: int) -> Callable[[str], str]:
    """What people write in more than a line: control characters but new lines are left out."""

    def read(text: str) -> str:
        lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
        kept = "".join(each for each in lines if each == "\n" or each.isprintable()).strip()
        if len(kept) < least:
            raise Wrong("wrong.message_empty")
        if len(kept) > most:
            raise Wrong("wrong.message_long")
        return kept

    return read


def day(first: date, last: date, wrong: str) -> Callable[[str], date]:
    """`YYYY-MM-DD`, as browsers send it."""

    def read(text: str) -> date:
        try:
            found = date.fromisoformat(text.strip())
        except ValueError as error:
            raise Wrong(wrong) from error
        if not first <= found <= last:
            raise Wrong(wrong)
        return found

    return read


def _line(text: str, least: int, most: int, wrong: str) -> str:
    line = unicodedata.normalize("NFC", text.strip())
    if not least <= len(line) <= most or not line.isprintable():
        raise Wrong(wrong)
    return line
