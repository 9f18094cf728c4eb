"""Who gets how much of a current that several connectors share. The one home of that decision.

In proportion to what each could take. A share below what a vehicle can use at all is worth nothing to
anybody: then the connector with the highest number waits, and the others share again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chargepoint.domain.units import ConnectorId, MilliAmp

SMALLEST_OFFER = MilliAmp(6_000)  # IEC 61851-1: less cannot be signalled


@dataclass(frozen=True, slots=True)
class Wish:
    """`most`: by its own profile and rating. `least`: below it, rather nothing."""

    most: MilliAmp
    least: MilliAmp = SMALLEST_OFFER


def shares(total: MilliAmp, wishes: Mapping[ConnectorId, Wish]) -> dict[ConnectorId, MilliAmp]:
    """Never more than `total` together, never more than wished."""
    found = dict.fromkeys(wishes, MilliAmp(0))
    # Whoever may not charge anyway takes nothing from the others.
    served = sorted(c for c, wish in wishes.items() if wish.most >= SMALLEST_OFFER)
    while served:
        wanted = sum(wishes[c].most for c in served)
        split = {c: wishes[c].most * min(total, wanted) // wanted for c in served}
        if all(split[c] >= _least(wishes[c]) for c in served):
            return found | {c: MilliAmp(share) for c, share in split.items()}
        served.pop()
    return found


def _least(wish: Wish) -> MilliAmp:
    """A minimum above the wish would never be met."""
    return min(max(wish.least, SMALLEST_OFFER), wish.most)
