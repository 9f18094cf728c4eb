"""The charging board's lines in words (OpenEVSE RAPI 5.x)."""

from drivers.rapi.codec import (
    Command,
    Event,
    Frame,
    Garbage,
    Reply,
    board_decoder,
    encode,
    host_decoder,
)
from drivers.rapi.state import (
    BoardState,
    State,
    UnreadableState,
    parse_state_event,
    parse_state_reply,
)
from simulator.meaning.said import Said, hexadecimal

_COMMANDS = {
    "FE": "let the car have power",
    "FS": "sleep: no power",
    "FD": "disable: no power",
    "GS": "what is your state?",
    "GV": "which firmware?",
    "GG": "how much current flows?",
    "SC": "offer this many amperes",
    "SY": "lower the current when I fall silent",
    "S5": "socket lock",
    "G5": "where is the socket lock?",
}
_STATES = {
    State.A: "no car",
    State.B: "car connected",
    State.C: "car takes power",
}
_ASLEEP = {State.SLEEPING: "asleep", State.DISABLED: "disabled"}
_EVENTS = {"AB": "the board has started", "AN": "button pressed", "WF": "network"}


class RapiReader:
    def __init__(self) -> None:
        self._decoders = {"tx": host_decoder(), "rx": board_decoder()}
        self._asked = ""

    def heard(self, direction: str, chunk: bytes) -> list[Said]:
        return [self._said(frame) for frame in self._decoders[direction].feed(chunk)]

    def _said(self, frame: Frame | Garbage) -> Said:
        if isinstance(frame, Garbage):
            return Said(hexadecimal(frame.octets), f"no frame: {frame.reason}")
        return Said(hexadecimal(encode(frame)), self._meaning(frame))

    def _meaning(self, frame: Frame) -> str:
        match frame:
            case Command(name, arguments, _):
                self._asked = name
                return f"{_line(name, arguments)}: {_COMMANDS.get(name, 'command')}"
            case Reply(False, _, _):
                return f"$NK: {self._asked} refused"
            case Reply(_, arguments, _) if self._asked == "GS":
                return f"{_line('OK', arguments)}: {_state(arguments)}"
            case Reply(_, arguments, _):
                return f"{_line('OK', arguments)}"
            case Event("AT", arguments):
                return f"{_line('AT', arguments)}: {_changed(arguments)}"
            case Event(name, arguments):
                return f"{_line(name, arguments)}: {_EVENTS.get(name, 'event')}"


def _line(name: str, arguments: tuple[str, ...]) -> str:
    return " ".join((f"${name}", *arguments))


def _state(arguments: tuple[str, ...]) -> str:
    try:
        return _words(parse_state_reply(arguments))
    except UnreadableState as error:
        return str(error)


def _changed(arguments: tuple[str, ...]) -> str:
    try:
        state, offered_a = parse_state_event(arguments)
    except UnreadableState as error:
        return str(error)
    return f"now {_words(state)}, {offered_a} A offered"


def _words(report: BoardState) -> str:
    try:
        state = State(report.code)
    except ValueError:
        return f"state {report.code:02X}"
    if state in _ASLEEP:
        return f"{_ASLEEP[state]}, {'car connected' if report.pilot_code != State.A else 'no car'}"
    return _STATES.get(state, f"fault: {state.name.replace('_', ' ').lower()}")
