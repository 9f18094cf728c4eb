"""What of a screen is nobody else's business: balances, costs, codes. Found by value, on every screen.

A text is private when a private number of the snapshot stands in it, in whatever way it is written:
a screen cannot forget to say so. Equal numbers by chance only make it more careful.
"""

from chargepoint.contract import Snapshot
from ui.text import Text

# Inserted coins and published prices are heard and seen by all; these are not.
MONEY = (
    *("balance_minor", "spend_minor", "cost_minor", "owed_minor", "captured_minor"),
    *("released_minor", "load_minor", "recovered_minor"),
)
OWED = "amount_minor"
OWED_ON = frozenset({"cash_iou", "change", "gc_load", "top_done"})
CODES = ("code", "voucher", "qr")
COUNTS = ("points",)
# Labels name what the driver may choose; only this one carries an amount of the driver's own.
PRIVATE_LABELS = frozenset({"to_greencard"})


def secrets_of(shot: Snapshot, text: Text) -> frozenset[str]:
    """Every way in which this screen may write something private."""
    found: set[str] = set()
    currency = shot.station.currency
    names = (*MONEY, OWED) if shot.screen in OWED_ON else MONEY
    for name in names:
        if amount := shot.param(name):
            found |= {text.money(amount, currency), text.money_short(amount, currency)}
    found |= codes_of(shot)
    for name in COUNTS:
        if count := shot.param(name):
            found.add(text.number(count))
    return frozenset(found)


def codes_of(shot: Snapshot) -> frozenset[str]:
    found: set[str] = set()
    for name in CODES:
        code = shot.params.get(name)
        if isinstance(code, str) and code:
            found |= {code, " ".join(code), f"{code[:4]} {code[4:]}"}
    return frozenset(found)


def is_private(words: str, secrets: frozenset[str]) -> bool:
    return any(secret in words for secret in secrets)
