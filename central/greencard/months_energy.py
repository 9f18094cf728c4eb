"""Which month's energy a charge uses: that of the month in which its price was told. Pure.

A point takes off what it was told at the start, however long the charge runs and however late its
receipt comes. So the plan as told is frozen into the charge's terms, its receipt is checked against that,
and only the same plan, still in the same month, is lowered: a month that has begun since is whole.
"""

from collections.abc import Iterable
from dataclasses import replace

from central.greencard.accounts import Card, Plan, Terms
from central.greencard.records import Transaction


def included_wh(card: Card, terms: Terms, energy_wh: int) -> int:
    """How much of the charge the plan pays for, by what was told."""
    return _told(card, terms).included_wh(energy_wh) if terms.uses_plan else 0


def used_wh(card: Card, terms: Terms | None, energy_wh: int, said_wh: int | None) -> int:
    """What the charge took of its plan: what its receipt says, at most what was told.

    A point that took the offline rule meanwhile, because our answer was late, has billed everything:
    nobody pays for energy twice.
    """
    if terms is None:
        return 0
    if said_wh is None:
        return included_wh(card, terms, energy_wh)
    return min(said_wh, _told(card, terms).included_wh(energy_wh))


def lowered(card: Card, terms: Terms | None, taken_wh: int) -> Card:
    """The card after a charge with `terms` took so much, which may be more than is left."""
    left_wh = _left_wh(card, terms)
    if left_wh is None:
        return card
    return replace(card, plan=replace(card.plan, wh_left=max(0, left_wh - taken_wh)))


def beyond_wh(card: Card, terms: Terms | None, taken_wh: int) -> int:
    """What it took that was no longer there: two points were told of the same energy at once."""
    left_wh = _left_wh(card, terms)
    if left_wh is None:
        return 0
    return max(0, taken_wh - left_wh)


def given_back(card: Card, terms: Terms | None, taken_wh: int) -> Card:
    """The card after such a charge was undone; a month never holds more than it began with."""
    left_wh = _left_wh(card, terms)
    if left_wh is None:
        return card
    after_wh = left_wh + taken_wh
    if card.plan.monthly_wh is not None:
        after_wh = max(left_wh, min(after_wh, card.plan.monthly_wh))
    return replace(card, plan=replace(card.plan, wh_left=after_wh))


def not_held(plan: Plan, charges: Iterable[Transaction]) -> Plan:
    """`plan` less what unsettled charges of its month have taken or may yet take."""
    if plan.wh_left is None:
        return plan
    held_wh = sum(_held_wh(plan, each) for each in charges)
    return replace(plan, wh_left=max(0, plan.wh_left - held_wh))


def _held_wh(plan: Plan, charge: Transaction) -> int:
    terms = charge.terms
    if charge.status != "Accepted" or terms is None or terms.plan is None or not terms.uses_plan:
        return 0
    if not _is_same(plan, terms.plan):
        return 0
    told_wh = terms.plan.wh_left or 0
    return told_wh if charge.is_running else min(told_wh, max(0, charge.energy_wh))


def _left_wh(card: Card, terms: Terms | None) -> int | None:
    """What is left of the month that was told; None: it is over, or counts no energy."""
    if terms is None or not _is_same(card.plan, _told(card, terms)):
        return None
    return card.plan.wh_left


def _told(card: Card, terms: Terms) -> Plan:
    return card.plan if terms.plan is None else terms.plan


def _is_same(one: Plan, other: Plan) -> bool:
    """The same plan in the same month; whoever ends it while they charge has it to its last day."""
    return replace(one, wh_left=None, until_date="") == replace(other, wh_left=None, until_date="")
