"""T_CASH besides the collection: what the hoppers hold, and coins that are filled in."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.money import ledger
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.steps import go, note, perform, service
from chargepoint.domain.service.values import Fact, Key
from chargepoint.domain.units import Minor

COINS_MOST = 4  # digits


def keys(talk: Talk) -> tuple[Key, ...]:
    refill = (Key("t_refill"),) if talk.settings.hoppers_fitted else ()
    return (Key("t_collect"), *refill, Key("t_owed"))


def facts(talk: Talk) -> tuple[Fact, ...]:
    """What the books cannot know: coins that went back to whoever inserted them."""
    if not talk.settings.coins_fitted:
        return ()
    return (Fact("till.refused", str(talk.data.refused)),)


def filled(talk: Talk) -> None:
    """Booked like the float of the first start; the key is the moment at this one screen."""
    data = service(talk)
    coins, value = int(data.typed or 0), int(data.subject)
    if coins == 0:
        return
    talk.draft.postings.append(
        ledger.transfer(
            f"float:{value}:{talk.now.utc.isoformat(timespec='milliseconds')}",
            Minor(coins * value),
            debit=ledger.HOPPER,
            credit=ledger.SURPLUS,
        )
    )
    note(talk, f"hopper {value} filled with {coins}", "done")
    go(talk, "t_cash")
    perform(talk, Deed.HOPPER_FILLED, str(value))
