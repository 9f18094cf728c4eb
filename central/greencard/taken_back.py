"""What a refund takes back besides the money: points in proportion, the charge's place in the count.

Points never fall below zero: what was spent already stays spent, and the trail says how many. A
charge that was given back whole does not count towards the next discount; one that was discounted
gives the discount back, and one that used a flat rate's energy gives it back to its month, if that runs.
"""

from dataclasses import dataclass, replace

from central.greencard.accounts import Card, Programme, Terms
from central.greencard.months_energy import given_back, used_wh
from central.greencard.points import Lot, share_of
from central.greencard.records import Refund
from central.greencard.trail import SYSTEM, Note
from central.storage.store import Store


@dataclass(frozen=True, slots=True)
class Undone:
    """A refund and what its receipt was: `given_minor` before this one."""

    refund: Refund
    total_minor: int
    given_minor: int
    terms: Terms | None

    @property
    def is_whole(self) -> bool:
        return self.given_minor + self.refund.amount_minor == self.total_minor


def take_back_inside(
    store: Store, programme: Programme, card: Card, undone: Undone, *, at: str
) -> None:
    """Part of the caller's commit, which happens once per refund."""
    _take_points(store, card, undone, at)
    if undone.is_whole:
        card = _give_energy(store, card, undone, at)
        _take_count(store, programme, card, undone, at)


def _take_points(store: Store, card: Card, undone: Undone, at: str) -> None:
    refund = undone.refund
    granted = store.points.lot(f"receipt:{refund.point}:{refund.receipt_number}")
    if granted is None or (granted.expires_at is not None and granted.expires_at <= at):
        return
    after = undone.given_minor + refund.amount_minor
    owed = share_of(
        granted.points, undone.total_minor, before_minor=undone.given_minor, after_minor=after
    )
    taken = min(owed, max(0, store.points.on_card(card.number, at)))
    name = f"refund {refund.reference} of {refund.receipt_number}"
    if taken:
        key = f"refund:{refund.point}:{refund.reference}"
        store.points.add(Lot(key, card.number, -taken, granted.expires_at), at)
        store.trail.add(Note(at, card.number, SYSTEM, "points.taken", f"{taken}, {name}"))
    if taken < owed:
        detail = f"{owed - taken} of {owed} were spent before, {name}"
        store.trail.add(Note(at, card.number, SYSTEM, "points.short", detail))


def _give_energy(store: Store, card: Card, undone: Undone, at: str) -> Card:
    refund = undone.refund
    receipt = store.charges.receipt(refund.point, refund.receipt_number)
    taken_wh = used_wh(card, undone.terms, receipt["energyWh"], receipt.get("includedWh"))
    after = given_back(card, undone.terms, taken_wh)
    if after != card:
        name = f"refund {refund.reference} of {refund.receipt_number}"
        detail = f"{card.plan.wh_left} to {after.plan.wh_left} Wh, {name}"
        store.trail.add(Note(at, card.number, SYSTEM, "plan.given_back", detail))
    return after


def _take_count(store: Store, programme: Programme, card: Card, undone: Undone, at: str) -> None:
    every = programme.loyalty_every if card.loyalty_every is None else card.loyalty_every
    used_discount = undone.terms is not None and undone.terms.discount.reason == "loyalty"
    counted = card.charges_since_discount
    after = counted + every if used_discount else max(0, counted - 1)
    name = f"refund {undone.refund.reference} of {undone.refund.receipt_number}"
    event = "loyalty.given_back" if used_discount else "loyalty.taken"
    if not used_discount and counted == 0:
        event, name = "loyalty.short", f"its discount was used before, {name}"
    store.save_card(replace(card, charges_since_discount=after))
    store.trail.add(Note(at, card.number, SYSTEM, event, f"{counted} to {after}, {name}"))
