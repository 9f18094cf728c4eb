"""What the kiosk would be told to show now."""

from chargepoint import contract
from chargepoint.app.projection import Panel, snapshot
from chargepoint.domain.dialogue.machine import DialogueMachine
from chargepoint.domain.now import Now

_PANEL = Panel(contract.Station())


def picture(dialogue: DialogueMachine, now: Now) -> contract.Snapshot:
    return snapshot(dialogue, dialogue.params(now), _PANEL, now.utc, "")
