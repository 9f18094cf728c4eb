"""What the page and the JSON interface show. Card numbers are masked here, once."""

from dataclasses import asdict
from typing import Any

from central.clock import Clock, utc_text
from central.feed import EVERYTHING, Change
from central.fleet.registry import PointState
from central.greencard.accounts import Card, Programme, charges_until_discount, masked
from central.greencard.records import Transaction
from central.reservations.records import Reservation
from central.system import SERVICE_TOKENS, CentralSystem

View = dict[str, Any]
_TRANSACTIONS_SHOWN = 30
_FINDINGS_SHOWN = 20
_CARDS_SHOWN = 12  # of a bench; a network looks for them at /operator/cards


class Views:
    """Reads the newest state of a system; holds none."""

    def __init__(self, system: CentralSystem, clock: Clock) -> None:
        self._system = system
        self._clock = clock

    def everything(self) -> View:
        return {
            "points": self.points(),
            "transactions": self.transactions(),
            "cards": self.cards(),
            "findings": self.findings(),
            "frames": self.frames(0),
            "books": self.books(),
            "outgoing": self.outgoing(),
            "now": utc_text(self._clock.utc()),
        }

    def changed(self, changes: list[Change], last_frame: int) -> View:
        """Only the parts that `changes` name, each in its newest state."""
        if EVERYTHING in changes:
            return self.everything()
        kinds = {kind for kind, _ in changes}
        shown: View = {"now": utc_text(self._clock.utc())}
        if "point" in kinds:
            names = {name for kind, name in changes if kind == "point"}
            shown["points"] = [self._one(name) for name in sorted(names)]
        if "transaction" in kinds:
            shown["transactions"] = self.transactions()
        if "card" in kinds:
            shown["cards"] = self.cards()
        if kinds & {"card", "transaction"}:
            shown["books"] = self.books()
        if "finding" in kinds:
            shown["findings"] = self.findings()
        if "frame" in kinds:
            shown["frames"] = self.frames(last_frame)
        return shown

    # --- parts --------------------------------------------------------------------------------------

    def outgoing(self) -> list[View]:
        """Mails and messages that wait to leave."""
        waiting = self._system.outgoing.waiting()
        return [{"channel": c, "waiting": n, "since": since} for c, n, since in waiting]

    def points(self) -> list[View]:
        """One question for the charges of all of them."""
        running: dict[str, list[Transaction]] = {}
        for each in self._system.store.charges.running():
            running.setdefault(each.key.point, []).append(each)
        points = self._system.registry.points()
        return [self._point(point, running.get(point.id, [])) for point in points]

    def _one(self, name: str) -> View:
        running = self._system.store.charges.running_at(name)
        return self._point(self._system.registry.point(name), running)

    def _point(self, point: PointState, charges: list[Transaction]) -> View:
        running = {each.key.connector: each for each in charges}
        numbers = sorted({*point.connectors, *running})
        return {
            "id": point.id,
            "name": point.site.name,
            "address": point.site.address,
            "connected": point.is_connected,
            "boot": point.boot_status,
            "lastSeen": point.last_seen,
            "vendor": point.vendor,
            "model": point.model,
            "serial": point.serial,
            "firmware": point.firmware,
            "health": point.health,
            "cash": point.cash,
            "connectors": [
                self._connector(point, number, running.get(number)) for number in numbers
            ],
        }

    def _connector(self, point: PointState, number: int, running: Transaction | None) -> View:
        state = point.connectors.get(number)
        return {
            "id": number,
            "status": state.status if state else "Unknown",
            "errorCode": state.error_code if state else "NoError",
            "info": state.info if state else "",
            "since": state.since if state else "",
            "transaction": None if running is None else self._transaction(running),
        }

    def transactions(self) -> list[View]:
        found = self._system.store.charges.transactions(_TRANSACTIONS_SHOWN)
        return [self._transaction(transaction) for transaction in found]

    def _transaction(self, transaction: Transaction) -> View:
        key = transaction.key
        return {
            "id": transaction.id,
            "point": key.point,
            "connector": key.connector,
            "idTag": key.id_tag if key.id_tag in SERVICE_TOKENS else masked(key.id_tag),
            "status": transaction.status,
            "startedAt": key.started_at,
            "stoppedAt": transaction.stopped_at,
            "reason": transaction.stop_reason,
            "energyWh": transaction.energy_wh,
            "powerW": transaction.power_w,
            "holdMinor": transaction.hold_minor if transaction.hold_open else 0,
            "receipt": transaction.receipt_number,
            "totalMinor": transaction.total_minor,
        }

    def cards(self) -> list[View]:
        programme = self._system.accounts.programme
        cards = self._system.accounts.cards(_CARDS_SHOWN)
        return [self._card(card, programme) for card in cards]

    def _card(self, card: Card, programme: Programme) -> View:
        accounts = self._system.accounts
        return {
            "number": masked(card.number),
            "state": card.state,
            "stateReason": card.state_reason,
            "plan": card.plan.kind,
            "whLeft": card.plan.wh_left,
            "balanceMinor": accounts.balance(card.number),
            "heldMinor": accounts.held(card.number),
            "points": card.points,
            "chargesUntilDiscount": charges_until_discount(card, programme),
            "promotionPercent": card.promotion_percent,
        }

    def card(self, number: str) -> View | None:
        """One account with its newest postings, for whoever knows the whole number."""
        card = self._system.accounts.card(number)
        if card is None:
            return None
        postings = self._system.store.postings(f"card:{number}")
        trail = [
            {"at": each["at"], "memo": each["memo"], "amountMinor": each["amount_minor"]}
            for each in postings
        ]
        return self._card(card, self._system.accounts.programme) | {
            "currency": self._system.accounts.tariff.currency,
            "postings": trail,
        }

    def findings(self) -> list[View]:
        return [asdict(finding) for finding in self._system.store.findings(_FINDINGS_SHOWN)]

    def frames(self, after: int) -> list[View]:
        return [asdict(frame) for frame in self._system.frames.since(after)]

    def books(self) -> View:
        store = self._system.store
        return {
            "currency": self._system.accounts.tariff.currency,
            "salesMinor": store.balance("sales"),
            "atPointsMinor": -store.balance_of_kind("clearing"),
        }


def reservation_view(one: Reservation) -> View:
    """For the JSON interface; without the code, which opens the connector."""
    return {
        "id": one.id,
        "point": one.point,
        "connector": one.connector,
        "card": masked(one.number),
        "kind": one.kind,
        "state": one.state,
        "beginsAt": one.begins_at,
        "endsAt": one.ends_at,
        "arriveBy": one.arrive_by,
        "told": one.told,
        "answer": one.answer,
        "outcome": one.outcome,
        "feeMinor": one.fee_minor,
        "compensatedMinor": one.compensated_minor,
        "moves": one.moves,
        "transaction": one.transaction_id,
    }
