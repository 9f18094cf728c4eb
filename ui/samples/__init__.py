"""One truthful example of every screen, for the gallery, the layout tests and the bench's docs.

A new screen's sample goes into the file of its area; `VARIANTS` holds its other forms.
"""

from dataclasses import replace

from chargepoint.contract import Snapshot
from ui.samples import arrival, charge, paying, service
from ui.samples.money import MONEY
from ui.samples.parts import given
from ui.samples.prices import price_variants

SCREENS: dict[str, Snapshot] = {
    **arrival.SCREENS,
    **paying.SCREENS,
    **charge.SCREENS,
    **service.SCREENS,
}
VARIANTS: dict[str, Snapshot] = {
    **arrival.VARIANTS,
    **paying.VARIANTS,
    **charge.VARIANTS,
    **service.VARIANTS,
    **{name: given(SCREENS[screen], params) for name, (screen, params) in MONEY.items()},
    **price_variants(SCREENS),
}
ALL: dict[str, Snapshot] = {**SCREENS, **VARIANTS}


def under_of(snapshot: Snapshot) -> Snapshot | None:
    """What lies under a `more_time` sample."""
    name = snapshot.params.get("under")
    if snapshot.screen != "more_time" or not isinstance(name, str):
        return None
    return replace(SCREENS[name], language=snapshot.language, theme=snapshot.theme)
