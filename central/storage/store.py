"""What is kept of accounts: a double-entry ledger, cards, vouchers, findings, answers given once.

Charges and their receipts are in `charge_rows`. Every change happens inside `change()`: all of it
is durable when the block ends, or none of it.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, select, update

from central.errors import CentralError
from central.greencard.accounts import Card, Plan
from central.greencard.lineage import Lineage
from central.greencard.offers_kept import KeptProgramme
from central.greencard.points import PointBook
from central.greencard.records import Finding
from central.greencard.trail import Trail
from central.storage.charge_rows import ChargeRows
from central.storage.engine import MEMORY, Database, Result, Wanted
from central.storage.schema import prepare
from central.storage.tables.accounts import ANSWERED, CARD, ENTRY, FINDING, POSTING, VOUCHER

_PLAN_COLUMNS = ("wh_left", "monthly_fee_minor", "monthly_wh", "from_date", "until_date", "month")

_CARD = select(CARD).where(CARD.c.number == bindparam("number"))
_BALANCE = select(func.coalesce(func.sum(ENTRY.c.amount_minor), 0)).where(
    ENTRY.c.account == bindparam("account")
)


class Store:
    """One file, `:memory:`, or `postgresql://…`; SQLite belongs to one event loop.

    Raises StorageAway, and WrongStore where the schema is not this program's.
    """

    def __init__(self, place: Path | str = MEMORY) -> None:
        self.database = Database(place)
        try:
            prepare(self.database)
        except CentralError:
            self.database.close()
            raise
        self.charges = ChargeRows(self.database)
        self.points = PointBook(self.database)
        self.trail = Trail(self.database)
        self.programme = KeptProgramme(self.database)
        self.lineage = Lineage(self.database)

    def close(self) -> None:
        self.database.close()

    def change(self, *names: str) -> AbstractContextManager[None]:
        """One durable step about what `names` name; see `Database.change`."""
        return self.database.change(*names)

    async def run(
        self, job: Callable[Wanted, Result], *args: Wanted.args, **named: Wanted.kwargs
    ) -> Result:
        """`job(*args)` without holding up the event loop; see `Database.run`."""
        return await self.database.run(job, *args, **named)

    # --- ledger ---------------------------------------------------------------------------------

    def post(self, key: str, at: str, memo: str, entries: Mapping[str, int]) -> bool:
        """Book once per `key`; False if this key was booked before, and nothing happened."""
        assert sum(entries.values()) == 0, f"posting {key} is not balanced: {entries}"
        if not self.database.insert_new(POSTING, key=key, at=at, memo=memo):
            return False
        number = self.database.value(select(POSTING.c.id).where(POSTING.c.key == key))
        self.database.write(
            ENTRY.insert(),
            *(
                {"posting_id": number, "account": account, "amount_minor": amount}
                for account, amount in entries.items()
            ),
        )
        return True

    def balance(self, account: str) -> int:
        return int(self.database.value(_BALANCE, account=account))

    def balance_of_kind(self, kind: str) -> int:
        """Of all accounts `KIND:…` together."""
        within = ENTRY.c.account.between(f"{kind}:", f"{kind};")  # ";" comes after ":"
        summed = select(func.coalesce(func.sum(ENTRY.c.amount_minor), 0)).where(within)
        return int(self.database.value(summed))

    def balances(self) -> dict[str, int]:
        """The trial balance; its values sum to zero."""
        statement = select(ENTRY.c.account, func.sum(ENTRY.c.amount_minor))
        rows = self.database.rows(statement.group_by(ENTRY.c.account).order_by(ENTRY.c.account))
        return {account: int(total) for account, total in rows}

    def unbalanced_postings(self) -> list[str]:
        statement = select(POSTING.c.key).join(ENTRY).group_by(POSTING.c.id, POSTING.c.key)
        unbalanced = statement.having(func.sum(ENTRY.c.amount_minor) != 0)
        return [row.key for row in self.database.rows(unbalanced.order_by(POSTING.c.key))]

    def postings(self, account: str, limit: int = 50) -> list[dict[str, Any]]:
        """Newest first."""
        statement = (
            select(POSTING.c.key, POSTING.c.at, POSTING.c.memo, ENTRY.c.amount_minor)
            .join(ENTRY)
            .where(ENTRY.c.account == account)
            .order_by(POSTING.c.id.desc())
            .limit(limit)
        )
        return [row._asdict() for row in self.database.rows(statement)]

    # --- answers given once -----------------------------------------------------------------------

    def answered(self, key: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """(request, answer) as first seen, or None."""
        statement = select(ANSWERED.c.request, ANSWERED.c.answer).where(ANSWERED.c.key == key)
        row = self.database.first(statement)
        return None if row is None else (json.loads(row.request), json.loads(row.answer))

    def remember_answer(
        self, key: str, at: str, request: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        self.database.insert(ANSWERED, key=key, at=at, request=_json(request), answer=_json(answer))

    # --- cards ------------------------------------------------------------------------------------

    def card(self, number: str) -> Card | None:
        row = self.database.first(_CARD, number=number)
        return None if row is None else _card(row._asdict())

    def cards(self, limit: int = 200) -> list[Card]:
        rows = self.database.rows(select(CARD).order_by(CARD.c.number).limit(limit))
        return [_card(row._asdict()) for row in rows]

    def save_card(self, card: Card) -> None:
        plan = {name: getattr(card.plan, name) for name in _PLAN_COLUMNS}
        self.database.upsert(
            CARD,
            number=card.number,
            uid=card.uid,
            state=card.state,
            state_reason=card.state_reason,
            plan_kind=card.plan.kind,
            charges_since_discount=card.charges_since_discount,
            loyalty_every=card.loyalty_every,
            loyalty_percent=card.loyalty_percent,
            promotion_percent=card.promotion_percent,
            energy_milli_per_kwh=card.energy_milli_per_kwh,
            expires_on=card.expires_on,
            **plan,
        )

    # --- vouchers -----------------------------------------------------------------------------------

    def voucher(self, code: str) -> tuple[int, str] | None:
        """Amount, and the last day on which it is worth money; empty: for ever."""
        statement = select(VOUCHER.c.amount_minor, VOUCHER.c.expires)
        row = self.database.first(statement.where(VOUCHER.c.code == code))
        return None if row is None else (row.amount_minor, row.expires)

    def issue_voucher(self, code: str, amount_minor: int, issued_by: str, expires: str) -> None:
        self.database.insert(
            VOUCHER, code=code, amount_minor=amount_minor, issued_by=issued_by, expires=expires
        )

    def redeem_voucher(self, code: str, redeemed_by: str) -> bool:
        """False when it was redeemed before."""
        unused = (VOUCHER.c.code == code) & VOUCHER.c.redeemed_by.is_(None)
        statement = update(VOUCHER).where(unused).values(redeemed_by=redeemed_by)
        return self.database.write(statement) == 1

    # --- findings -----------------------------------------------------------------------------------

    def add_finding(self, at: str, point: str, code: str, detail: str) -> Finding:
        number = self.database.numbered(FINDING, at=at, point=point, code=code, detail=detail)
        return Finding(number, at, point, code, detail)

    def findings(self, limit: int = 50) -> list[Finding]:
        """Newest first."""
        rows = self.database.rows(select(FINDING).order_by(FINDING.c.id.desc()).limit(limit))
        return [Finding(**row._asdict()) for row in rows]


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _card(fields: dict[str, Any]) -> Card:
    plan = Plan(fields.pop("plan_kind"), **{name: fields.pop(name) for name in _PLAN_COLUMNS})
    return Card(plan=plan, **fields)
