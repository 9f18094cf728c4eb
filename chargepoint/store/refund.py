"""`python -m chargepoint.store.refund`: asks the station to give money back on a finished session."""

import argparse
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime

from chargepoint.domain.money.refund import Refund, RefundState
from chargepoint.domain.units import Minor, SessionId
from chargepoint.errors import ChargepointError
from chargepoint.store import command, refunds, rows, schema
from chargepoint.store.audit import amount_of, money, open_read_only
from chargepoint.store.refunds import RefundWrong

_EPILOG = """\
examples:
  python -m chargepoint.store.refund state/journal.sqlite --receipt CP-0001-1-000042 --amount 1.10 \\
      --reason "cable fault" --role support
      gives 1.10 back; --full instead of --amount: all that is left
  python -m chargepoint.store.refund state/journal.sqlite --show REFERENCE
      what became of it: a voucher's code, the terminal's receipt, or why not

The running station carries it out within seconds; one that is off does when it starts.
Cash: a voucher. Green Card: to the account, by the central system. Bank card: at the terminal
(06 31), so the customer must be there with the card. An invoice gets its corrective invoice.
The same --reference asks once, however often the command is repeated.
A refund that is shown as unproved is never repeated: settle it with the acquirer.

Exit code: 0 asked or done, 1 refused or unproved, 2 wrong use or journal.
"""


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = command.parser(
        "refund", "Full or partial refund of a finished session, with reason and role.", _EPILOG
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--session", metavar="ID", help="the session's id")
    which.add_argument("--receipt", metavar="NUMBER", help="its receipt or invoice number")
    which.add_argument("--show", metavar="REFERENCE", help="only show a refund")
    much = parser.add_mutually_exclusive_group()
    much.add_argument("--amount", type=amount_of, metavar="A", help="as 1.10")
    much.add_argument("--full", action="store_true", help="all that is left")
    parser.add_argument("--reason", default="", help="why, in a few words")
    parser.add_argument("--role", default="", help="who decides: support, technician, operator")
    parser.add_argument("--reference", default="", help="your own; makes a repetition harmless")
    chosen = parser.parse_args(words)
    if chosen.show is None and chosen.amount is None and not chosen.full:
        parser.error("one of --amount and --full is needed")
    return chosen


def _wanted(connection: sqlite3.Connection, chosen: argparse.Namespace) -> Refund:
    session = (
        SessionId(chosen.session)
        if chosen.session
        else refunds.session_of_receipt(connection, chosen.receipt)
    )
    if session is None:
        raise RefundWrong(f"no receipt {chosen.receipt}")
    reference = chosen.reference or refunds.next_reference(connection, session)
    known = refunds.read_one(connection, reference)
    amount = chosen.amount
    if chosen.full:
        amount = known.amount if known is not None else _left(connection, session)
    return Refund(reference, session, amount, chosen.reason.strip(), chosen.role.strip())


def _left(connection: sqlite3.Connection, session: SessionId) -> Minor:
    record = refunds.read_session(connection, session)
    if record is None or "document" not in record.body:
        raise RefundWrong(f"no finished session {session}")
    total = record.body["document"]["total"]["amount"]
    return Minor(total - refunds.refunded(connection, session, only_done=False))


def _show(refund: Refund) -> str:
    head = f"{refund.reference}: {money(refund.amount)} {refund.state}"
    return f"{head}: {refund.result}" if refund.result else head


def _ask(chosen: argparse.Namespace) -> Refund:
    with closing(open_read_only(chosen.journal)) as connection:
        if chosen.show is not None:
            known = refunds.read_one(connection, chosen.show)
            if known is None:
                raise RefundWrong(f"no refund {chosen.show}")
            return known
        wanted = _wanted(connection, chosen)
    at = rows.stamp(datetime.now(UTC))  # noqa: TID251 - a person's command; no clock is injected
    with closing(schema.connect(str(chosen.journal))) as connection:
        return refunds.ask(connection, wanted, at)


def main(words: list[str] | None = None) -> int:
    chosen = _parse(words)
    try:
        found = _ask(chosen)
    except (ChargepointError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(_show(found) + "\n")
    return 1 if found.state in (RefundState.REFUSED, RefundState.UNPROVED) else 0


if __name__ == "__main__":
    sys.exit(main())
