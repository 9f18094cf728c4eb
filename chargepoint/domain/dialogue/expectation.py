"""Who has shown a card and not plugged in yet: the connector in focus is told (OCPP 1.6 §4.9 A2)."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import Expect, TellPoint
from chargepoint.domain.units import ConnectorId


def level(talk: Talk, state: str, overlays: tuple[str, ...]) -> None:
    """Tell whom it concerns, once; what lies over the card's screen changes nothing."""
    before = talk.data.expects
    now = before if state in overlays else _expects(talk, state)
    if now == before:
        return
    if before is not None:
        talk.do(TellPoint(before, Expect(coming=False)))
    if now is not None:
        talk.do(TellPoint(now, Expect(coming=True)))
    talk.set(expects=now)


def _expects(talk: Talk, state: str) -> ConnectorId | None:
    seen = talk.data.point
    is_free = seen.is_usable and seen.state == "idle/free"
    return talk.data.focus if state == "gc_ok" and is_free else None
