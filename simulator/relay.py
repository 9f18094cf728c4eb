"""The man in the middle of the OCPP link: records every frame, and makes the central system behave.

    charge point  <->  Relay  <->  central system (ours, or any other)

Sans-I/O: `from_point` and `from_central` take a frame and say what to pass on, to whom and how
late. `down` and links are the adapters' business (relay_links.py). What the relay asks or answers
itself never reaches the other side.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any

from chargepoint.errors import ChargepointError

CALL, CALLRESULT, CALLERROR = 2, 3, 4  # OCPP-J 1.6 §4.1.3

SLOW_ANSWER_S = 12.0  # past the 10 s that a customer is made to wait
SLOW_NETWORK_S = 2.0  # each way: a bad mobile link
REJECTED_RETRY_S = 30


class CentralState(StrEnum):
    UP = "up"
    DOWN = "down"
    REJECTING = "rejecting"  # answers BootNotification with Rejected
    SLOW = "slow"


class Side(Enum):
    POINT = "point"
    CENTRAL = "central"


class NoLink(ChargepointError):
    """The charge point is not connected, so nothing can be sent to it."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A frame to hand on."""

    to: Side
    text: str
    after_s: float = 0.0


@dataclass(slots=True)
class _Answer:
    """How a CALL of the point is answered here. `left` None: every time."""

    payload: Any
    error: str
    left: int | None


class Relay:
    """State of the man in the middle; outlives links, power cuts and restarts of the point."""

    def __init__(
        self, record: Callable[[dict[str, Any]], None], utc: Callable[[], datetime]
    ) -> None:
        self.state = CentralState.UP
        self.is_cut = False  # the network is unplugged: no link can be
        self.is_mute = False  # the network swallows everything, links stay open
        self.is_slow = False  # the network takes its time, both ways
        self._record = record
        self._utc = utc
        self._answers: dict[str, _Answer] = {}
        self._own_calls = 0
        self._asked: dict[tuple[Side, str], str] = {}  # open CALLs: by who asked, and id

    @property
    def is_reachable(self) -> bool:
        return self.state is not CentralState.DOWN and not self.is_cut

    # --- orders ---

    def answer(
        self, action: str, payload: Any, *, times: int | None = None, error: str = ""
    ) -> None:
        """Answer the point's next CALLs of `action` here, `times` or for ever; 0 ends it."""
        self._answers[action] = _Answer(payload, error, times)

    def call(self, action: str, payload: Any) -> Pass:
        """A CALL to the point in the name of the central system."""
        self._own_calls += 1
        text = _compact([CALL, f"relay-{self._own_calls}", action, payload])
        return self.raw(text)

    def raw(self, text: str) -> Pass:
        """Any text to the point, well-formed or not."""
        self._note(Side.CENTRAL, text)
        return Pass(Side.POINT, text)

    def link_lost(self) -> None:
        """Open CALLs of a link die with it."""
        self._asked.clear()

    # --- frames ---

    def from_point(self, text: str) -> list[Pass]:
        kind, message_id, action = self._note(Side.POINT, text)
        if self.is_mute:
            return []
        if kind == CALL:
            own = self._own_answer(message_id, action)
            if own is not None:
                self._note(Side.CENTRAL, own)
                return [Pass(Side.POINT, own)]
        elif message_id.startswith("relay-"):
            return []
        return [Pass(Side.CENTRAL, text, self._delay_s)]

    def from_central(self, text: str) -> list[Pass]:
        if self.is_mute:
            return []
        kind, _, _ = self._note(Side.CENTRAL, text)
        is_late = self.state is CentralState.SLOW and kind in {CALLRESULT, CALLERROR}
        return [Pass(Side.POINT, text, self._delay_s + (SLOW_ANSWER_S if is_late else 0.0))]

    @property
    def _delay_s(self) -> float:
        return SLOW_NETWORK_S if self.is_slow else 0.0

    def _own_answer(self, message_id: str, action: str) -> str | None:
        if action == "BootNotification" and self.state is CentralState.REJECTING:
            return _compact([CALLRESULT, message_id, self._rejection()])
        answer = self._answers.get(action)
        if answer is None or answer.left == 0:
            return None
        if answer.left is not None:
            answer.left -= 1
        if answer.error:
            return _compact([CALLERROR, message_id, answer.error, "", answer.payload or {}])
        return _compact([CALLRESULT, message_id, answer.payload or {}])

    def _rejection(self) -> dict[str, Any]:
        now = self._utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"status": "Rejected", "currentTime": now, "interval": REJECTED_RETRY_S}

    # --- recording ---

    def _note(self, sender: Side, text: str) -> tuple[int, str, str]:
        """Record a frame; (type, id, action), the action of an answer being that of its CALL."""
        frame = _parsed(text)
        if frame["type"] == CALL:
            self._asked[sender, frame["id"]] = frame["action"]
        else:
            other = Side.CENTRAL if sender is Side.POINT else Side.POINT
            frame["action"] = self._asked.pop((other, frame["id"]), "")
        self._record({"dir": "sent" if sender is Side.POINT else "received", **frame})
        return frame["type"], frame["id"], frame["action"]


def _compact(frame: list[Any]) -> str:
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def _parsed(text: str) -> dict[str, Any]:
    """A frame in the report's shape; one that is not OCPP-J has type 0 and its text as payload."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        frame = None
    match frame:
        case [2, str(message_id), str(action), payload, *_]:
            return {"type": CALL, "id": message_id, "action": action, "payload": payload}
        case [3, str(message_id), payload, *_]:
            return {"type": CALLRESULT, "id": message_id, "action": "", "payload": payload}
        case [4, str(message_id), code, *rest]:
            description, details = [*rest, "", {}][:2] if len(rest) < 2 else rest[:2]
            error = {"errorCode": code, "errorDescription": description, "errorDetails": details}
            return {"type": CALLERROR, "id": message_id, "action": "", "payload": error}
        case _:
            return {"type": 0, "id": "", "action": "", "payload": text}
