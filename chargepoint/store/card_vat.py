"""`python -m chargepoint.store.card_vat`: changes when the money of Green Cards is taxed."""

import argparse
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime

from chargepoint.domain.money import ledger
from chargepoint.domain.money.prepaid_vat import CHOSEN, CardVat, changed, in_books, vat_in
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.units import Minor
from chargepoint.errors import ChargepointError
from chargepoint.store import books, command, rows, schema
from chargepoint.store.audit import amount_of, money, open_read_only

_EPILOG = """\
A station refuses to start with a greencard.vat other than the one its books were kept by: what is on
the cards would be taxed twice, or never. To change it:
  1. stop the station in order (not by a power cut), with no load of a card on its way
  2. ask the central system how much is on all cards; of several stations only one books it, the
     others are told 0
  3. python -m chargepoint.store.card_vat state/journal.sqlite --to at_topup --on-cards 1234.50 \\
         --vat-percent 21 --role operator --reason "from 2027 on"
  4. set greencard.vat to the same, and start
To at_topup the tax of that money is due now; to at_use it is taken back, for each charge will be
taxed. Invoices already given for loads are the operator's to correct. It is told as an incident.

Exit code: 0 changed, or so already, 1 refused, 2 wrong use or journal.
"""


class ChangeRefused(ChargepointError):
    """Money is on its way that belongs to neither side of the change."""


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = command.parser(
        "card_vat",
        "Changes greencard.vat of a stopped station, and moves the tax of what is on the cards.",
        _EPILOG,
    )
    parser.add_argument("--to", required=True, type=CardVat, choices=list(CardVat))
    parser.add_argument(
        "--on-cards", required=True, type=amount_of, metavar="A", help="on all cards, as 1234.50"
    )
    parser.add_argument("--vat-percent", required=True, type=int, choices=range(101), metavar="P")
    parser.add_argument("--reason", required=True, help="why, in a few words")
    parser.add_argument("--role", required=True, help="who decides")
    return parser.parse_args(words)


def change(
    connection: sqlite3.Connection,
    to: CardVat,
    on_cards: Minor,
    percent: int,
    *,
    why: str,
    at: datetime,
) -> str:
    """What was done, in words; raises ChangeRefused."""
    balances = books.balances_in(connection)
    if in_books(balances, _setting(connection, CHOSEN)) is to:
        return f"greencard.vat is {to} already"
    _require_rest(connection, balances)
    moved = vat_in(on_cards, percent)
    detail = f"to {to}, {money(on_cards)} on the cards, VAT {money(moved)} moved: {why}"
    batch = Batch(
        postings=changed(rows.stamp(at), to, on_cards, percent),
        settings=((CHOSEN, to.value),),
        incidents=(Incident("card.vat_changed", detail),),
    )
    rows.write(connection, batch, at)
    return f"greencard.vat changed {detail}"


def _require_rest(connection: sqlite3.Connection, balances: dict[str, int]) -> None:
    (boot,) = connection.execute("SELECT MAX(id) FROM boot").fetchone()
    if boot is not None and _setting(connection, "boot.clean") != str(boot):
        raise ChangeRefused("the station runs, or a power cut ended it: stop it in order first")
    prefix = ledger.topup("")
    loads = [name for name, amount in balances.items() if name.startswith(prefix) and amount]
    if loads:
        raise ChangeRefused(f"{len(loads)} loads are not on their cards yet: let them arrive first")


def _setting(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def main(words: list[str] | None = None) -> int:
    chosen = _parse(words)
    at = datetime.now(UTC)  # noqa: TID251 - a person's command; no clock is injected here
    try:
        with closing(open_read_only(chosen.journal)):
            pass  # refuses what is not there, before anything is opened for writing
        with closing(schema.connect(str(chosen.journal))) as connection:
            why = f"{chosen.reason} ({chosen.role})"
            done = change(
                connection, chosen.to, chosen.on_cards, chosen.vat_percent, why=why, at=at
            )
    except ChangeRefused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    except (ChargepointError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{done}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
