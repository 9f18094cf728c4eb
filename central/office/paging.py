"""Long lists a page at a time, with their filters in the address, and as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from central.members.pages import Visit

SIZE = 50
FILE_ROWS_MAX = 20_000  # of a file: whoever needs more narrows the filters


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of `total` rows. `filters`: as they were asked for."""

    rows: Sequence[Any]
    total: int
    page: int = 1
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // SIZE))

    @property
    def first(self) -> int:
        return (self.page - 1) * SIZE + 1 if self.total else 0

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1 if self.rows else 0

    def at(self, page: int) -> str:
        return self._query({"page": str(page)} if page > 1 else {})

    @property
    def file(self) -> str:
        return self._query({"as": "csv"})

    def _query(self, more: Mapping[str, str]) -> str:
        kept = {name: text for name, text in self.filters.items() if text}
        return f"?{urlencode({**kept, **more})}"


def asked_page(visit: Visit) -> int:
    text = visit.asked("page")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 6 else 1


def wants_file(visit: Visit) -> bool:
    return visit.asked("as") == "csv"


def of_list(rows: Sequence[Any], page: int, filters: Mapping[str, str]) -> Paged:
    """Of what is in memory; a page beyond the last one is the last."""
    last = max(1, -(-len(rows) // SIZE))
    shown = min(max(page, 1), last)
    begin = (shown - 1) * SIZE
    return Paged(rows[begin : begin + SIZE], len(rows), shown, filters)
