"""The wire between core and kiosk: newline-delimited JSON over a Unix socket. Leaf module.

Core to kiosk: `Snapshot` (everything the screen needs; newest replaces older), `Key` (a tactile key
was pressed) and `Alive` once a second. Kiosk to core: `Hello`, `Intent` (what a finger, a key asked
for), `Ability` (what this kiosk can and cannot do), `Alive` after each second in which the frame
loop completed a frame. Neither side trusts the other's timing.

A snapshot says *what* is shown: a screen id, parameters (numbers in minor units, Wh, W, seconds),
and which buttons exist and are enabled. Words, pictures and rectangles are the kiosk's.
"""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from chargepoint.quick import quickly_made

VERSION = 1
MAX_LINE_BYTES = 65_536

Scalar = str | int | bool | None
Params = dict[str, Scalar | list[int] | list[str]]


class ContractViolated(ValueError):
    """A line that is no message of this contract version; the reason says why."""


@dataclass(frozen=True, slots=True)
class Button:
    """`id` from design/scenarios.md. A disabled button stays visible, with `reason` (a text key)."""

    id: str
    enabled: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One connector in the header. `state`: free busy charging paused finished reserved out."""

    connector: int
    state: str
    label: str = ""  # what is printed on the socket, e.g. "A"


@dataclass(frozen=True, slots=True)
class Station:
    """What never changes between restarts."""

    name: str = "07"
    socket_letter: str = "C"  # EN 17186 hexagon
    socket_name: str = "type2"  # text key
    max_power: int = 22_000  # W
    currency: str = "EUR"
    phone: str = ""
    languages: tuple[str, ...] = ("es", "en")
    places: dict[str, list[int]] = field(default_factory=dict)  # slot: cm right of, above the keys


@quickly_made
@dataclass(frozen=True, slots=True)
class Access:
    """How the present driver wants to be served; all of it is gone with them."""

    voice: bool = False  # everything is spoken
    jack: bool = False  # a headphone is plugged in: what is private may be spoken
    volume: int = 2  # 1 to 4
    contrast: bool = False  # the plainest colours
    slow: bool = False  # three times the time for each step
    low: bool = False  # everything that is pressed lies as low as the panel allows
    locator_s: int = 0  # seconds between two tones that help to find the idle station; 0: none


@quickly_made
@dataclass(frozen=True, slots=True)
class Snapshot:
    """One truthful screen.

    `screen_seq` changes with the screen or its set of buttons, never with numbers; an intent
    names the one the finger saw. `sequence` rises with every snapshot.
    """

    sequence: int
    screen_seq: int
    screen: str
    language: str = "es"
    theme: str = "day"  # day | night
    brightness: int = 100  # % of the backlight that this hour asks for
    easy: bool = False
    connector: int = 1  # in focus
    session: str = ""  # current session of the connector in focus
    step: int = 1  # 1 connect 2 pay 3 charge 4 collect; 0 no steps bar
    clock: str = ""  # local wall time "14:32"
    online: bool = True
    params: Params = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()
    tabs: tuple[Tab, ...] = ()
    station: Station = field(default_factory=Station)
    earcon: str = ""  # tap ok error attention; played once per new `sequence`
    access: Access = field(default_factory=Access)

    def param(self, name: str) -> int:
        """An integer parameter; 0 when absent or null."""
        value = self.params.get(name)
        return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True)
class Intent:
    """`id` is a button id. `number` rises per kiosk start, so a repeated line does nothing."""

    id: str
    screen_seq: int
    number: int
    session: str = ""
    held_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Key:
    """One press of a tactile key of the cabinet: prev next ok cancel. Each is sent once, in order."""

    key: str


@dataclass(frozen=True, slots=True)
class Ability:
    """Something of the kiosk that works, or does not, and why: `voice sound display size touch words`."""

    name: str
    works: bool = True
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the screen, for people who help from afar; nothing private is in it.

    `texts` and `labels` are lines; a label is `button id`, a tab, its words.
    """

    screen_seq: int
    language: str
    title: str
    texts: str = ""
    labels: str = ""


@dataclass(frozen=True, slots=True)
class Hello:
    version: int = VERSION
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Alive:
    frame: int = 0


Message = Snapshot | Key | Intent | Ability | Shown | Hello | Alive
_KINDS: dict[str, type[Message]] = {
    "snapshot": Snapshot,
    "key": Key,
    "intent": Intent,
    "ability": Ability,
    "shown": Shown,
    "hello": Hello,
    "alive": Alive,
}


def encode(message: Message) -> bytes:
    """One line, newline included."""
    kind = type(message).__name__.lower()
    body = {"v": VERSION, "kind": kind, **asdict(message)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Message:
    """The message in `line`; raises ContractViolated. Unknown fields are refused, not ignored."""
    if len(line) > MAX_LINE_BYTES:
        raise ContractViolated(f"line of {len(line)} bytes")
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ContractViolated(f"not JSON: {error}") from error
    if not isinstance(body, dict):
        raise ContractViolated("not a JSON object")
    if body.pop("v", None) != VERSION:
        raise ContractViolated("another contract version")
    kind = _KINDS.get(str(body.pop("kind", "")))
    if kind is None:
        raise ContractViolated("unknown kind of message")
    try:
        return kind(**_revive(body)) if kind is Snapshot else kind(**_flat(kind, body))
    except (TypeError, ValueError) as error:
        raise ContractViolated(str(error)) from error


def _flat(kind: type[Message], body: dict[str, Any]) -> dict[str, Any]:
    """What a kiosk says is a handful of plain values; each must be of its own kind."""
    kinds = {each.name: each.type for each in fields(kind)}
    for name, value in body.items():
        of = kinds.get(name, ())
        wanted = (int, float) if of is float else of
        if isinstance(value, bool) is not (of is bool) or not isinstance(value, wanted):  # type: ignore[arg-type]  # classes, not strings: this module has no lazy annotations
            raise ContractViolated(f"field {name} is not of its kind")
    return body


def _revive(body: dict[str, Any]) -> dict[str, Any]:
    body["buttons"] = tuple(Button(**item) for item in body.get("buttons", ()))
    body["tabs"] = tuple(Tab(**item) for item in body.get("tabs", ()))
    station = dict(body.get("station", {}))
    station["languages"] = tuple(station.get("languages", ()))
    body["station"] = Station(**station)
    body["access"] = Access(**body.get("access", {}))
    return body
