"""What the network sold, day by day, as the ledger has it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Row, case, func, select

from central.clock import Clock, utc_from_text, utc_text
from central.storage.engine import Database
from central.storage.tables.accounts import ENTRY, POSTING, TRANSACTION

_HOUR = len("2026-11-21T08")


@dataclass(frozen=True, slots=True)
class Day:
    """Of a local date. `sales_minor`: less what was given back; `charges`: those that ended."""

    date: str
    sales_minor: int = 0
    fees_minor: int = 0
    charges: int = 0
    energy_wh: int = 0


class Takings:
    """Sums by the hour in the database, by the local day here: a day's hours differ by its zone."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def days(self, count: int, timezone: str) -> list[Day]:
        """The newest `count`, newest first; days without anything too."""
        zone = ZoneInfo(timezone)
        today = self._clock.utc().astimezone(zone).date()
        names = [(today - timedelta(days=back)).isoformat() for back in range(count)]
        found = {name: Day(name) for name in names}
        since = utc_text(self._clock.utc() - timedelta(days=count + 1))
        for date, row in _local(self._money(since), zone):
            if date in found:
                day = found[date]
                found[date] = replace(
                    day,
                    sales_minor=day.sales_minor + int(row.sales),
                    fees_minor=day.fees_minor + int(row.fees),
                )
        for date, row in _local(self._energy(since), zone):
            if date in found:
                day = found[date]
                found[date] = replace(
                    day,
                    charges=day.charges + int(row.charges),
                    energy_wh=day.energy_wh + int(row.energy_wh),
                )
        return [found[name] for name in names]

    def _money(self, since: str) -> Iterable[Row[*tuple[object, ...]]]:
        hour = func.substr(POSTING.c.at, 1, _HOUR).label("hour")
        amount = ENTRY.c.amount_minor

        def total(account: str) -> object:
            return func.sum(case((ENTRY.c.account == account, amount), else_=0)).label(account)

        statement = (
            select(hour, total("sales"), total("fees"))  # type: ignore[call-overload]
            .join_from(ENTRY, POSTING)
            .where(ENTRY.c.account.in_(("sales", "fees")), POSTING.c.at >= since)
            .group_by(hour)
        )
        return self._database.rows(statement)

    def _energy(self, since: str) -> Iterable[Row[*tuple[object, ...]]]:
        hour = func.substr(TRANSACTION.c.stopped_at, 1, _HOUR).label("hour")
        used = TRANSACTION.c.meter_wh - TRANSACTION.c.meter_start_wh
        statement = (
            select(hour, func.count().label("charges"), func.sum(used).label("energy_wh"))
            .where(TRANSACTION.c.stopped_at >= since)
            .group_by(hour)
        )
        return self._database.rows(statement)


def _local(
    rows: Iterable[Row[*tuple[object, ...]]], zone: ZoneInfo
) -> Iterable[tuple[str, Row[*tuple[object, ...]]]]:
    for row in rows:
        moment = utc_from_text(f"{row.hour}:00:00Z")
        yield moment.astimezone(zone).date().isoformat(), row
