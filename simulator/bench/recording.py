"""What was done on the bench, as a scenario file that passes when it is played.

Only steps that were carried out are kept, with the time between them. The end of the file expects
what was there when it was saved: the screen, the connectors' states, balanced books. Amounts of
energy depend on the second somebody clicked, so they are not expected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from simulator.bench.port import Step

SHORTEST_WAIT_S = 0.3
# How long the end of the file may take to come about: clicks are slower than the player.
SETTLE = "30s"
# Said to the bench itself, not to the station.
_NOT_RECORDED = frozenset({"speed", "expect", "never", "note_to_reader"})


@dataclass(frozen=True, slots=True)
class _Act:
    step: Step
    began_s: float
    ended_s: float


class Recording:
    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self._given = dict(given or {})
        self._acts: list[_Act] = []

    def add(self, step: Step, *, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Remember a step that was carried out, with the states around it."""
        if not _NOT_RECORDED & step.keys():
            self._acts.append(_Act(_portable(step, before), before["t"], after["t"]))

    def to_yaml(self, state: dict[str, Any]) -> str:
        document: dict[str, Any] = {"title": "Recorded on the bench"}
        if self._given:
            document["given"] = self._given
        document["steps"] = [*self._steps(), *_ending(state)]
        return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)

    def _steps(self) -> list[Step]:
        steps: list[Step] = []
        previous_s: float | None = None
        for act in self._acts:
            if previous_s is not None and act.began_s - previous_s >= SHORTEST_WAIT_S:
                steps.append({"wait": f"{round((act.began_s - previous_s) * 1000)}ms"})
            steps.append(act.step)
            previous_s = act.ended_s
        return steps


def _portable(step: Step, state: dict[str, Any]) -> Step:
    """A touch of a pixel becomes the touch of the button there: it survives another screen size."""
    touch = step.get("touch")
    if not isinstance(touch, dict) or not {"x", "y"} <= touch.keys():
        return step
    for button in state["screen"]["buttons"]:
        x, y, width, height = button["px"]
        if x <= touch["x"] < x + width and y <= touch["y"] < y + height:
            return {"touch": button["id"]}
    return step


def _ending(state: dict[str, Any]) -> list[Step]:
    expectations: list[Step] = [{"screen": state["screen"]["id"], "within": SETTLE}]
    statuses = {int(n): c["status"] for n, c in state["connectors"].items() if c.get("status")}
    if statuses and state["central"]["link"] == "online":
        expectations.append({"connector": statuses, "within": SETTLE})
    contactors = {int(n): c["contactor"] for n, c in state["connectors"].items()}
    expectations.append({"contactor": contactors, "within": SETTLE})
    expectations.append({"ledger": "balanced"})
    return [{"expect": expectation} for expectation in expectations]
