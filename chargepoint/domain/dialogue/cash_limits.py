"""How much cash may come in: fifty coins in one payment, and no more than a simplified invoice bears.

Money beyond either limit is refused by the slot, not taken and explained afterwards.
"""

from chargepoint.domain.dialogue import guards as guard
from chargepoint.domain.dialogue.context import MAX_COINS, Talk
from chargepoint.domain.units import Minor

_ANY = Minor(1_000_000)


def coins_left(talk: Talk) -> int:
    return max(0, MAX_COINS - talk.data.coins)


def room(talk: Talk) -> Minor:
    """What more a charge may be prepaid, or a card be loaded with (greencard.topup_max)."""
    receipt, topup = talk.settings.receipt, talk.data.pay.topup
    if topup is not None:
        return Minor(max(0, talk.settings.topup_max - topup.inserted))
    if not receipt.issues_invoices:
        return _ANY
    session = talk.data.point.session
    paid = (session.limit or 0) if session and guard.cash_session_in_focus(talk) else 0
    return Minor(max(0, receipt.simplified_limit - paid - talk.data.here))


def takes_one_more_coin(talk: Talk) -> bool:
    """The acceptor takes any coin or none, so the largest must fit."""
    return coins_left(talk) > 0 and room(talk) >= max(talk.settings.denominations)
