"""`python -m chargepoint.store.audit`: do the books balance, and what is still open?"""

import argparse
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from chargepoint.domain.money import ledger
from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from chargepoint.store import books, cash_box, command, export, invoices, schema, unsettled

_EPILOG = """\
examples:
  python -m chargepoint.store.audit state/journal.sqlite
      trial balance, everything unsettled, coins by value; reads only, also beside a running station
  python -m chargepoint.store.audit state/journal.sqlite --csv report/
      the same, and every table as a CSV file in that folder
  python -m chargepoint.store.audit state/journal.sqlite --collect 183.50 --role collector
      the cash box was emptied and 183.50 counted: books the difference and seals the period.
      Close the slot first (door open, or connectors inoperative): what falls in between counting
      and this command is missing in the count.

Amounts are in the station's currency, each account in the sign in which people read it.
Exit code: 0 the books balance, 1 they do not (or a seal or invoice chain is broken),
2 the journal cannot be read or the collection was refused.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What an audit found at one instant."""

    balances: dict[str, int]
    unsettled: list[unsettled.Item]
    levels: tuple[cash_box.Level, ...]
    periods: list[cash_box.Period]
    wrongs: list[str]


def audit(connection: sqlite3.Connection) -> Report:
    """One consistent look; nothing is written."""
    connection.execute("BEGIN")
    try:
        return Report(
            balances=ledger.folded(books.balances_in(connection)),
            unsettled=unsettled.items(connection),
            levels=cash_box.levels(connection),
            periods=cash_box.periods(connection),
            wrongs=[
                *[f"posting {key} does not sum to zero" for key in books.unbalanced_in(connection)],
                *[f"posting {key} is taxed twice" for key in books.taxed_twice_in(connection)],
                *invoices.chain_breaks(connection),
                *invoices.untaxed_loads(connection),
                *cash_box.broken_seals(connection),
            ],
        )
    finally:
        connection.execute("ROLLBACK")


def lines_of(report: Report) -> Iterator[str]:
    yield "TRIAL BALANCE"
    debit = credit = 0
    for account, amount in report.balances.items():
        if not amount:
            continue
        signed = ledger.natural(account, amount)  # its own inverse
        debit, credit = debit + max(0, signed), credit + max(0, -signed)
        yield f"  {account:<40} {money(amount):>14}  {'debit' if signed > 0 else 'credit'}"
    yield f"  {'debit and credit':<40} {money(debit):>14}  {money(credit)}"
    yield ""
    yield f"UNSETTLED ({len(report.unsettled)})"
    for item in report.unsettled:
        amount_text = "" if item.amount_minor is None else money(item.amount_minor)
        yield f"  {item.kind:<16} {item.reference:<48} {amount_text:>10}  waits for {item.waits_for}"
    yield ""
    yield "COINS AND NOTES, by the books"
    for level in report.levels:
        yield f"  {level.place:<16} {money(level.value):>8} x {level.count:<6} {money(level.value * level.count):>12}"
    yield ""
    yield f"COLLECTIONS ({len(report.periods)})"
    for period in report.periods:
        yield from _period_lines(period)
    yield ""
    yield from (f"WRONG: {wrong}" for wrong in report.wrongs)
    yield "the books do not balance" if report.wrongs else "the books balance"


def _period_lines(period: cash_box.Period) -> Iterator[str]:
    yield (
        f"  {period.number:>4}  {period.sealed_at}  {period.role:<14} counted"
        f" {money(period.counted_minor)}, booked {money(period.book_minor)}, difference"
        f" {money(period.difference_minor)}  seal {period.seal[:16]}"
    )


def money(amount: int) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def amount_of(text: str) -> Minor:
    """An amount as people write it; whole cents, not negative."""
    try:
        minor = Decimal(text) * 100
    except InvalidOperation:
        minor = Decimal(-1)
    if not minor.is_finite() or minor < 0 or minor != minor.to_integral_value():
        raise argparse.ArgumentTypeError(f"{text!r} is no amount, as 183.50")
    return Minor(int(minor))


def open_read_only(path: Path) -> sqlite3.Connection:
    """Raises JournalBroken for what is no journal of this version."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None)
        connection.execute("PRAGMA busy_timeout = 2000")
        schema.require_current(connection)
    except sqlite3.Error as error:
        raise schema.JournalBroken(f"{path}: {error}") from error
    return connection


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = command.parser(
        "audit",
        "Trial balance, open items, cash levels and sealed collections of one station.",
        _EPILOG,
    )
    parser.add_argument("--csv", type=Path, metavar="DIR", help="also write the tables there")
    parser.add_argument(
        "--collect", type=amount_of, metavar="COUNTED",
        help="the box was emptied and this amount counted: book it, seal the period",
    )  # fmt: skip
    parser.add_argument("--role", default="", help="who counted, as collector; with --collect")
    return parser.parse_args(words)


def _collect(path: Path, counted: Minor, role: str, at: datetime) -> None:
    with closing(open_read_only(path)):
        pass  # refuses what is not there, before anything is opened for writing
    with closing(schema.connect(str(path))) as connection:
        cash_box.seal(connection, counted, role, at)


def main(words: list[str] | None = None) -> int:
    chosen = _parse(words)
    try:
        if chosen.collect is not None:
            at = datetime.now(UTC)  # noqa: TID251 - a person's command; no clock is injected here
            _collect(chosen.journal, chosen.collect, chosen.role, at)
        with closing(open_read_only(chosen.journal)) as connection:
            report = audit(connection)
            if chosen.csv is not None:
                export.write(connection, chosen.csv)
    except (ChargepointError, sqlite3.Error, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("\n".join(lines_of(report)) + "\n")
    return 1 if report.wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
