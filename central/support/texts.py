"""What people write in more than a line, as it is kept: bounded, no control characters but new lines."""

import unicodedata
from collections.abc import Callable
from datetime import date

from central.forms import Wrong


def long_text(least: int, most: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
        kept = "".join(each for each in lines if each == "\n" or each.isprintable()).strip()
        if len(kept) < least:
            raise Wrong("wrong.message_empty")
        if len(kept) > most:
            raise Wrong("wrong.message_long")
        return kept

    return read


def past_day(today: date) -> Callable[[str], str]:
    """`YYYY-MM-DD`, as browsers send it; not tomorrow, and not ten years ago."""

    def read(text: str) -> str:
        try:
            day = date.fromisoformat(text.strip())
        except ValueError as error:
            raise Wrong("wrong.past_day") from error
        if not 0 <= (today - day).days < 3653:
            raise Wrong("wrong.past_day")
        return day.isoformat()

    return read
