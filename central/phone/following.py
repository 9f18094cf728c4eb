"""What the point tells of a running charge, kept for whoever has the name of its page.

Session.Cost ──► row of its page ──► feed ("session", page) ──► open pages, messages
Session.Receipt (same page) ──────────────────────────────────► the receipt takes its place
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from central.clock import Clock, utc_from_text, utc_text
from central.errors import MalformedRequest
from central.feed import Feed
from central.storage.store import Store
from central.storage.tables.phones import SESSION_PAGE

KIND = "session"  # of the feed
STAGES = frozenset(
    {"starting", "charging", "carPaused", "paused", "stopping", "finished", "interrupted"}
)
_PAGE = re.compile(r"[a-z2-7]{26}")
_MOST = 2**53


@dataclass(frozen=True, slots=True)
class Followed:
    """A charge as its page shows it. `receipt_number`: of the receipt, once there is one."""

    page: str
    point: str
    connector: int
    transaction_id: int
    stage: str
    cost_minor: int
    energy_wh: int
    seconds: int
    most_minor: int | None
    idle_fee_at: str | None
    has_code: bool
    at: str
    power_w: int | None
    receipt_number: str | None

    @property
    def is_running(self) -> bool:
        return self.stage not in ("finished", "interrupted", "ended")


def is_page(name: str) -> bool:
    return _PAGE.fullmatch(name) is not None


class SessionPages:
    def __init__(self, store: Store, clock: Clock, feed: Feed) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed

    def told(self, point: str, content: dict[str, Any]) -> dict[str, Any]:
        """`Session.Cost`; without a page it is news that nobody waits for."""
        page = content.get("page")
        if page is None:
            return {}
        values = _values(content)
        number = values["transaction_id"]
        with self._store.change(f"transaction:{number}"):
            transaction = self._store.charges.transaction(number)
            if transaction is None or transaction.key.point != point:
                raise MalformedRequest(f"transaction {number} is not of this point")
            known = self._rows.first(select(SESSION_PAGE).where(SESSION_PAGE.c.page == page))
            other = select(SESSION_PAGE.c.page).where(SESSION_PAGE.c.transaction_id == number)
            if (known is not None and known.transaction_id != number) or self._rows.value(
                other
            ) not in (None, page):
                raise MalformedRequest("page and transaction belong to others")
            at = utc_text(self._clock.utc())
            self._rows.upsert(SESSION_PAGE, page=page, point=point, at=at, **values)
            self._feed.changed(KIND, page)
        return {}

    def followed(self, page: str) -> Followed | None:
        """The newest of what point and meter told."""
        row = self._rows.first(select(SESSION_PAGE).where(SESSION_PAGE.c.page == page))
        if row is None:
            return None
        transaction = self._store.charges.transaction(row.transaction_id)
        has_ended = transaction is not None and transaction.stopped_at is not None
        metered_wh = 0 if transaction is None else transaction.energy_wh
        stage = row.stage
        if has_ended and stage not in ("finished", "interrupted"):
            stage = "ended"  # the plug was out before the point could tell
        return Followed(
            page=page,
            point=row.point,
            connector=row.connector,
            transaction_id=row.transaction_id,
            stage=stage,
            cost_minor=row.cost_minor,
            energy_wh=max(row.energy_wh, metered_wh),
            seconds=row.seconds,
            most_minor=row.most_minor,
            idle_fee_at=row.idle_fee_at,
            has_code=bool(row.has_code),
            at=row.at,
            power_w=None if transaction is None or has_ended else transaction.power_w,
            receipt_number=None if transaction is None else transaction.receipt_number,
        )


def _values(content: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(content["page"], str) or not is_page(content["page"]):
        raise MalformedRequest("page is no name of a page")
    if content.get("stage") not in STAGES:
        raise MalformedRequest("stage is unknown")
    return {
        "connector": _whole(content, "connectorId"),
        "transaction_id": _whole(content, "transactionId"),
        "stage": content["stage"],
        "cost_minor": _amount(content, "cost"),
        "energy_wh": _whole(content, "energyWh"),
        "seconds": _whole(content, "seconds"),
        "most_minor": _amount(content, "most") if "most" in content else None,
        "idle_fee_at": _moment(content),
        "has_code": int(content.get("hasCode") is True),
    }


def _whole(content: dict[str, Any], name: str) -> int:
    value = content.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise MalformedRequest(f"{name} is missing or not a whole number")
    return value


def _amount(content: dict[str, Any], name: str) -> int:
    money = content.get(name)
    if not isinstance(money, dict):
        raise MalformedRequest(f"{name} is no amount")
    return _whole(money, "amount")


def _moment(content: dict[str, Any]) -> str | None:
    text = content.get("idleFeeAt")
    if text is None:
        return None
    try:
        return utc_text(utc_from_text(text))
    except (TypeError, ValueError) as error:
        raise MalformedRequest("idleFeeAt is not a time") from error
