"""The account book: cards, their balances, top-ups and vouchers, each booked once.

Accounts, credit positive: `card:N` what we owe a holder · `clearing:POINT` money a point has taken
for us (negative until it is collected) · `held_topup:REF` money for a card we do not serve ·
`voucher` · `sales` · `fees` of flat rates and of reservations, less what we give for one that
failed · `owed:TAG` · `opening` ·
`corrections` by people · `shop:ID` what a shop took for us (negative until it pays) · `bank`.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from central.clock import Clock, utc_from_text, utc_text
from central.feed import Feed
from central.greencard.accounts import (
    Card,
    Plan,
    Programme,
    Terms,
    masked,
    offline_terms,
    plan_from,
    terms_for,
    whole_or_none,
)
from central.greencard.blanks import SENT
from central.greencard.expiry import Expiry
from central.greencard.lineage import REPLACED
from central.greencard.months_energy import not_held
from central.greencard.points import OPENING, Lot
from central.greencard.promotions import Occasion
from central.greencard.records import Transaction
from central.greencard.tariffs import Tariff
from central.storage.store import Store

logger = logging.getLogger(__name__)

DEBT = "debt"
_OFFER_STANDS = timedelta(minutes=15)  # what a customer was shown holds for a start this much later


class AccountBook:
    """Operations ending in a commit of their own, and `*_inside` parts of a caller's commit."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        feed: Feed,
        *,
        tariff: Tariff,
        programme: Programme,
        places_of: Callable[[str], tuple[str, ...]],
    ) -> None:
        self._store = store
        self._clock = clock
        self._feed = feed
        self.tariff = tariff
        self._programme = programme
        with store.change():
            store.programme.make_missing(programme.promotions)
        self._places_of = places_of
        self.expiry = Expiry(store, clock, self._programme.timezone)
        self._offered: dict[tuple[str, str], tuple[datetime, Terms]] = {}

    @property
    def programme(self) -> Programme:
        """As it is now: people change it while we run."""
        return self._store.programme.programme(self._programme)

    @property
    def timezone(self) -> str:
        """Where days begin."""
        return self._programme.timezone

    # --- cards ------------------------------------------------------------------------------------

    def create_card(  # noqa: PLR0913 -- a card as the provisioning file writes it
        self,
        number: str,
        *,
        uid: str | None = None,
        balance_minor: int = 0,
        plan: Mapping[str, Any] | None = None,
        state: str = "active",
        points: int = 0,
        discount: Mapping[str, Any] | None = None,
    ) -> Card:
        """The card `number`; one that exists already stays as it is, with its money.

        `plan`: `{"kind", "whLeft", "energyMilliPerKwh", "monthlyFeeMinor", "monthlyWh",
        "fromDate", "untilDate"}`; `discount`: `{"percent", "reason": "loyalty" | "promotion",
        "chargesUntilNext", "every"}`.
        """
        plan = plan or {}
        card = self._with_discount(
            Card(
                number=number,
                uid=uid,
                state=state,
                plan=plan_from(plan),
                energy_milli_per_kwh=whole_or_none(plan.get("energyMilliPerKwh")),
            ),
            discount or {},
        )
        with self._store.change(f"card:{number}"):
            existing = self._store.card(number)
            if existing is not None:
                return existing
            self._store.save_card(card)
            if points:
                lot = Lot(f"opening:{number}", number, points, against=OPENING)
                self._store.points.add(lot, self._now())
            if balance_minor:
                entries = {f"card:{number}": balance_minor, "opening": -balance_minor}
                self._store.post(f"opening:{number}", self._now(), "opening balance", entries)
        self._feed.changed("card", number)
        return replace(card, points=points)

    def _with_discount(self, card: Card, discount: Mapping[str, Any]) -> Card:
        if not discount:
            return card
        if discount.get("reason") == "promotion":
            return replace(card, promotion_percent=int(discount["percent"]))
        missing = int(discount.get("chargesUntilNext", 0))
        every = max(missing, int(discount.get("every", self.programme.loyalty_every)), 1)
        return replace(
            card,
            loyalty_every=every,
            loyalty_percent=int(discount.get("percent", self.programme.loyalty_percent)),
            charges_since_discount=every - missing,
        )

    def set_state(self, number: str, state: str, reason: str = "") -> None:
        """Block, expire or release a card; KeyError if there is no such card, or not any more."""
        with self._store.change(f"card:{number}"):
            card = self._store.card(number)
            if card is None or card.state_reason == REPLACED:
                raise KeyError(number)
            self._store.save_card(replace(card, state=state, state_reason=reason))
        self._feed.changed("card", number)

    def block_inside(self, number: str, reason: str) -> bool:
        """False when there is nothing to block."""
        card = self._store.card(number)
        if card is None or not may_be_blocked(card):
            return False
        self._store.save_card(replace(card, state="blocked", state_reason=reason))
        self._feed.changed("card", number)
        return True

    def card(self, number: str) -> Card | None:
        card = self._store.card(number)
        return None if card is None else self._with_points(card)

    def cards(self, limit: int = 200) -> list[Card]:
        return [self._with_points(card) for card in self._store.cards(limit)]

    def _with_points(self, card: Card) -> Card:
        return replace(card, points=self._store.points.on_card(card.number, self._now()))

    def balance(self, number: str) -> int:
        return self._store.balance(f"card:{number}")

    def held(self, number: str) -> int:
        """Of every number that the account had: a charge may outlive its card."""
        return sum(transaction.hold_minor for transaction in self._holds(number))

    def _holds(self, number: str) -> list[Transaction]:
        numbers = self._store.lineage.of(number)
        return [hold for each in numbers for hold in self._store.charges.open_holds(each)]

    def spend_limit(self, number: str) -> int:
        """Balance less open holds; never negative."""
        return max(0, self.balance(number) - self.held(number))

    # --- prices -----------------------------------------------------------------------------------

    def offer(self, card: Card, point: str) -> Terms:
        """The terms of a charge that begins now; they stand for a while, whatever the clock says."""
        terms = self.terms(card, point)
        self._offered[(point, card.number)] = (self._clock.utc(), terms)
        return terms

    def terms(self, card: Card, point: str = "") -> Terms:
        occasion = Occasion(self._local(), self._places_of(point))
        free = replace(card, plan=self._not_held(card))
        return terms_for(free, self.tariff, self.programme, occasion)

    def terms_at_start(self, card: Card, point: str, started_at: str, *, replayed: bool) -> Terms:
        """What the point was told; if it could not ask, what it then charges by itself."""
        offered = self._offered.get((point, card.number))
        if offered is not None:
            age = utc_from_text(started_at) - offered[0]
            if timedelta(seconds=-1) <= age <= _OFFER_STANDS:
                return offered[1]
        if replayed:
            began = utc_from_text(started_at).astimezone(ZoneInfo(self.timezone))
            return offline_terms(card, self.tariff, self.programme, began)
        return self.terms(card, point)

    def plan_now(self, card: Card) -> Plan:
        return card.plan.on(self._local())

    def plan_left(self, card: Card) -> Plan:
        """What a charge that begins now may use of it: charges that are not settled keep theirs."""
        return self._not_held(card).on(self._local())

    def _not_held(self, card: Card) -> Plan:
        return not_held(card.plan, self._holds(card.number))

    def unpaid_now(self, card: Card) -> int:
        """This month's fee of a flat rate for which the balance is too small.

        One that waits, because a charge holds the money until it is settled, is not missing.
        """
        fee = card.plan.monthly_fee_minor
        return fee if self._is_due(card) and self.balance(card.number) < fee else 0

    def renew(self, number: str) -> None:
        """What the calendar asks of a card: its last day passes; this month's fee of a flat rate is
        taken, once, where the free balance covers it."""
        card = self._store.card(number)
        if card is not None and card.is_over_on(self._local()):
            if self.expiry.expire(number):
                self._feed.changed("card", number)
            return
        if not self._is_due(card):
            return
        with self._store.change(f"card:{number}"):
            card = self._store.card(number)
            if card is None or not self._is_due(card):
                return
            fee = card.plan.monthly_fee_minor
            if fee > self.spend_limit(number):
                return
            plan = card.plan.renewed(self._local())
            self._store.save_card(replace(card, plan=plan))
            if fee:
                entries = {f"card:{number}": -fee, "fees": fee}
                self._store.post(f"fee:{number}:{plan.month}", self._now(), "flat rate", entries)
        self._feed.changed("card", number)

    def _is_due(self, card: Card | None) -> bool:
        return card is not None and card.state == "active" and card.plan.is_due(self._local())

    def _local(self) -> datetime:
        return self._clock.utc().astimezone(ZoneInfo(self.programme.timezone))

    # --- money in ---------------------------------------------------------------------------------

    def top_up_inside(self, point: str, reference: str, number: str, amount_minor: int) -> str:
        """`Accepted`, or `Held` when the card cannot take it now; the money is booked either way."""
        number = self._store.lineage.newest(number)
        card = self._store.card(number)
        may_take = card is not None and takes_money(card)
        account = f"card:{number}" if may_take else f"held_topup:{point}:{reference}"
        self._store.post(
            f"topup:{point}:{reference}",
            self._now(),
            "top-up",
            {account: amount_minor, f"clearing:{point}": -amount_minor},
        )
        if not may_take:
            logger.warning("top-up held", extra={"point": point, "card": masked(number)})
            return "Held"
        assert card is not None
        self._settle_debt_inside(card)
        self._feed.changed("card", number)
        return "Accepted"

    def unload_inside(
        self, key: str, point: str, reference: str, number: str, amount_minor: int
    ) -> None:
        """A top-up that the point gave back: out of what is held of it, else off the card."""
        number = self._store.lineage.newest(number)
        held = f"held_topup:{point}:{reference}"
        account = held if self._store.balance(held) >= amount_minor else f"card:{number}"
        entries = {account: -amount_minor, f"clearing:{point}": amount_minor}
        self._store.post(key, self._now(), "top-up given back", entries)
        card = self._store.card(number)
        if card is not None:
            self._settle_debt_inside(card)
            self._feed.changed("card", number)

    def _settle_debt_inside(self, card: Card) -> None:
        """Debt blocks a card, and only debt is lifted by money."""
        balance = self.balance(card.number)
        if balance < 0 and card.state == "active":
            self._store.save_card(replace(card, state="blocked", state_reason=DEBT))
        elif balance >= 0 and card.state_reason == DEBT:
            self._store.save_card(replace(card, state="active", state_reason=""))

    def settle_debt_inside(self, number: str) -> None:
        """After money of another kind came or went."""
        card = self._store.card(number)
        assert card is not None
        self._settle_debt_inside(card)

    def debit_inside(self, key: str, card: Card, amount_minor: int) -> None:
        """Take exactly `amount_minor`, into debt if need be, and give its points; saves `card`."""
        self._store.save_card(card)
        programme = self.programme
        if points := programme.points_for(amount_minor):
            lot = Lot(key, card.number, points, programme.points_expire_at(self._clock.utc()))
            self._store.points.add(lot, self._now())
        if amount_minor:
            entries = {f"card:{card.number}": -amount_minor, "sales": amount_minor}
            self._store.post(key, self._now(), "charge", entries)
        self._settle_debt_inside(card)
        self._feed.changed("card", card.number)

    def sell_inside(self, key: str, payer: str, amount_minor: int) -> None:
        """A sale paid otherwise than by a card of ours."""
        if amount_minor:
            entries = {payer: -amount_minor, "sales": amount_minor}
            self._store.post(key, self._now(), "charge", entries)

    def refund_inside(self, key: str, payee: str, amount_minor: int) -> None:
        """A sale that is undone, in part or whole; `payee` is a card or a point's clearing."""
        entries = {payee: amount_minor, "sales": -amount_minor}
        self._store.post(key, self._now(), "refund", entries)
        card = self._store.card(payee.removeprefix("card:"))
        if card is not None:
            self._settle_debt_inside(card)
            self._feed.changed("card", card.number)

    def fee_inside(self, key: str, number: str, amount_minor: int, memo: str) -> int:
        """Take at most what is free on the card, once per key; what was taken."""
        number = self._store.lineage.newest(number)
        taken = min(amount_minor, self.spend_limit(number))
        entries = {f"card:{number}": -taken, "fees": taken}
        if taken <= 0 or not self._store.post(key, self._now(), memo, entries):
            return 0
        self._feed.changed("card", number)
        return taken

    def give_inside(self, key: str, number: str, amount_minor: int, memo: str) -> bool:
        """Money of ours onto a card, or a fee back, once per key."""
        number = self._store.lineage.newest(number)
        entries = {f"card:{number}": amount_minor, "fees": -amount_minor}
        card = self._store.card(number)
        if amount_minor <= 0 or card is None:
            return False
        if not self._store.post(key, self._now(), memo, entries):
            return False
        self._settle_debt_inside(card)
        self._feed.changed("card", number)
        return True

    # --- vouchers ---------------------------------------------------------------------------------

    def issue_voucher_inside(
        self, point: str, reference: str, code: str, amount_minor: int, *, expires: str
    ) -> dict[str, Any]:
        if self._store.voucher(code) is not None:
            return {"status": "Rejected", "reason": "exists"}
        self._store.issue_voucher(code, amount_minor, f"{point}:{reference}", expires)
        entries = {"voucher": amount_minor, f"clearing:{point}": -amount_minor}
        self._store.post(f"voucher:issue:{point}:{reference}", self._now(), "voucher", entries)
        return {"status": "Accepted"}

    def redeem_voucher_inside(self, point: str, reference: str, code: str) -> dict[str, Any]:
        found = self._store.voucher(code)
        if found is None:
            return {"status": "Rejected", "reason": "unknown"}
        amount_minor, expires = found
        if expires and self._clock.utc().date().isoformat() > expires:
            return {"status": "Rejected", "reason": "expired"}
        if not self._store.redeem_voucher(code, f"{point}:{reference}"):
            return {"status": "Rejected", "reason": "redeemed"}
        entries = {"voucher": -amount_minor, f"clearing:{point}": amount_minor}
        self._store.post(f"voucher:redeem:{point}:{reference}", self._now(), "voucher", entries)
        amount = {"amount": amount_minor, "currency": self.tariff.currency}
        return {"status": "Accepted", "amount": amount}

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def takes_money(card: Card) -> bool:
    """Money lifts debt, and reaches a card on its way to its holder; a lost card is no purse."""
    return card.state == "active" or card.state_reason in (DEBT, SENT)


def may_be_blocked(card: Card) -> bool:
    """Also one in debt: money would open it for whoever found it."""
    return card.state == "active" or card.state_reason == DEBT
