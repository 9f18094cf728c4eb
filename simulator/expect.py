"""Looks up what a scenario expects: one small function per key, all in one table.

A look-up returns what is there instead, as a text for a person, or None when the wish is met.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chargepoint.store import books
from simulator.matching import matches, substituted
from simulator.money_seen import captured, cost, credit, paid_out
from simulator.relay import CALL, CALLERROR, CALLRESULT
from simulator.report import Entry
from simulator.shapes import MINOR_PER_MAJOR, Span
from simulator.station import Screen, Station, StepImpossible

WH_IN_MWH = 1000
LookUp = Callable[[Station, Any], str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """What of an expectation does not hold."""

    expected: str
    was: str


def unmet(station: Station, arguments: Mapping[str, Any]) -> Finding | None:
    """The first wish of an `expect` or `never` step that is not met now; None when all are."""
    # What is heard last moves the ears on: only when all else holds.
    wishes = sorted(arguments["wanted"].items(), key=lambda wish: wish[0] == "spoken")
    for key, wanted in wishes:
        if key in _PHYSICAL:
            _check_connectors(station, wanted)
        if key == "ocpp":
            was = _ocpp(station, wanted, arguments.get("times"))
        else:
            was = LOOK_UPS[key](station, wanted)
        if was is not None:
            return Finding(described(key, wanted, arguments.get("times")), was)
    if "spoken" in arguments["wanted"]:
        station.ears.keep()
    return None


def described(key: str, wanted: Any, times: int | None = None) -> str:
    """An expectation in words."""
    count = "" if times is None else f", {times} times"
    return f"{key}: {_in_words(key, wanted)}{count}"


def major(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // MINOR_PER_MAJOR}.{abs(minor) % MINOR_PER_MAJOR:02}"


_MONEY = {"credit", "cost", "paid_out", "returned", "captured", "owed", "balance", "ledger"}


def _in_words(key: str, wanted: Any) -> str:
    match wanted:
        case Span(lowest=low, highest=high) if key in _MONEY:
            shown = Span(*(None if end is None else end / MINOR_PER_MAJOR for end in (low, high)))
            return str(shown)
        case {0: only}:
            return _in_words(key, only)
        case {"balanced": _}:
            return "balanced"
        case {"accounts": accounts}:
            return _in_words(key, accounts)
        case dict():
            return ", ".join(f"{name}: {_in_words(key, item)}" for name, item in wanted.items())
        case _:
            return str(wanted)


# --- the screen ---------------------------------------------------------------------------------


def shown(screen: Screen | None) -> str:
    """What is on the screen, for a message."""
    if screen is None:
        return "no kiosk is alive"
    names = [
        button.id if button.enabled else f"{button.id} (disabled)" for button in screen.buttons
    ]
    return f"screen {screen.id} with {', '.join(names) or 'no buttons'}"


def _screen(station: Station, wanted: str) -> str | None:
    screen = station.kiosk.screen()
    return None if screen is not None and screen.id == wanted else shown(screen)


def _says(station: Station, wanted: str) -> str | None:
    screen = station.kiosk.screen()
    if screen is None:
        return shown(screen)
    texts = [*screen.texts, screen.title, *(button.label for button in screen.buttons)]
    spoken = [" ".join(text.split()) for text in texts]
    return None if any(" ".join(wanted.split()) in text for text in spoken) else f"{spoken}"


def _button(station: Station, wanted: str) -> str | None:
    screen = station.kiosk.screen()
    if screen is not None and any(each.id == wanted and each.enabled for each in screen.buttons):
        return None
    return shown(screen)


def _spoken(station: Station, wanted: Mapping[str, str]) -> str | None:
    """Behind the sentence that was found last: a file reads like the conversation."""
    heard = station.kiosk.heard()
    words = " ".join(wanted["text"].split())
    if station.ears.find(heard, words, wanted.get("by", "")):
        return None
    return f"since then: {station.ears.unheard(heard)}"


def _focus(station: Station, wanted: str) -> str | None:
    screen = station.kiosk.screen()
    if screen is not None and screen.focus == wanted:
        return None
    return shown(screen) if screen is None else f"{screen.focus or 'the title'} on {screen.id}"


# --- the wire -----------------------------------------------------------------------------------


def _ocpp(station: Station, wanted: Mapping[str, Any], times: int | None) -> str | None:
    direction = "sent" if "sent" in wanted else "received"
    action = wanted[direction]
    where = substituted(wanted.get("where", {}), Resolver(station))
    candidates = [frame for frame in station.record.ocpp if _is_about(frame, direction, action)]
    count = sum(matches(where, frame["payload"]) for frame in candidates)
    if count == times or (times is None and count):
        return None
    last = f"; the last one: {candidates[-1]['payload']}" if candidates else ""
    return f"{count} of {len(candidates)} {direction} {action} match{last}"


def _is_about(frame: Entry, direction: str, action: str) -> bool:
    """An answer counts under the action of its call; `CALLERROR` means any refusal."""
    if frame["dir"] != direction:
        return False
    if action == "CALLERROR":
        return bool(frame["type"] == CALLERROR)
    return bool(frame["action"] == action and frame["type"] in {CALL, CALLRESULT, CALLERROR})


class Resolver:
    """`$GC-1.number`, `$GC-1.uid`; `$connector-1.transactionId`, the last one started there."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def __call__(self, name: str, field: str) -> Any:
        card = self._station.cards.get(name)
        if card is not None and field in card:
            return card[field]
        place, _, number = name.partition("-")
        if place == "connector" and field == "transactionId" and number.isdecimal():
            return self._transaction(int(number))
        raise StepImpossible(f"nothing is known as ${name}.{field}")

    def _transaction(self, connector: int) -> Any:
        frames = self._station.record.ocpp
        calls = {
            frame["id"]
            for frame in frames
            if (frame["action"], frame["type"]) == ("StartTransaction", CALL)
            and frame["payload"].get("connectorId") == connector
        }
        for frame in reversed(frames):
            if frame["type"] == CALLRESULT and frame["id"] in calls:
                return frame["payload"].get("transactionId")
        raise StepImpossible(f"no transaction was started at connector {connector}")


def statuses(frames: Iterable[Entry]) -> dict[int, str]:
    """The status of each connector as last sent to the central system."""
    return {
        frame["payload"]["connectorId"]: frame["payload"]["status"]
        for frame in frames
        if (frame["dir"], frame["type"], frame["action"]) == ("sent", CALL, "StatusNotification")
    }


def _connector(station: Station, wanted: Mapping[int, str]) -> str | None:
    sent = statuses(station.record.ocpp)
    return _per_connector(wanted, lambda number: sent.get(number, "no status sent"))


# --- the physical world -------------------------------------------------------------------------

_PHYSICAL = {"energy_wh", "contactor", "current_a", "lock", "lamp"}


def _check_connectors(station: Station, wanted: Iterable[int]) -> None:
    for connector in wanted:
        if connector not in station.world.connectors:
            raise StepImpossible(f"this station has no connector {connector}")


def _per_connector(wanted: Mapping[int, Any], read: Callable[[int], Any]) -> str | None:
    wrong = []
    for connector, wish in wanted.items():
        value = read(connector)
        is_met = value in wish if isinstance(wish, Span) else value == wish
        if not is_met:
            wrong.append(f"{connector}: {value}")
    return ", ".join(wrong) or None


def _energy_wh(station: Station, wanted: Mapping[int, Span]) -> str | None:
    return _per_connector(
        wanted, lambda connector: station.world.register_mwh(connector) / WH_IN_MWH
    )


def _contactor(station: Station, wanted: Mapping[int, str]) -> str | None:
    world = station.world
    return _per_connector(
        wanted, lambda connector: "closed" if world.is_contactor_closed(connector) else "open"
    )


def _current_a(station: Station, wanted: Mapping[int, Span]) -> str | None:
    return _per_connector(wanted, lambda connector: station.world.current_ma(connector) / 1000)


def _lock(station: Station, wanted: Mapping[int, str]) -> str | None:
    world = station.world
    return _per_connector(
        wanted, lambda connector: "locked" if world.is_locked(connector) else "unlocked"
    )


def _lamp(station: Station, wanted: Mapping[int, str]) -> str | None:
    return _per_connector(wanted, station.devices.lamp)


def _beeps(station: Station, wanted: Span) -> str | None:
    count = station.devices.beeps()
    return None if count in wanted else str(count)


def _device(station: Station, wanted: Mapping[str, str]) -> str | None:
    def state(name: str) -> str:
        device, _, connector = name.partition(":")
        return station.devices.state(device, int(connector) if connector else None)

    wrong = [f"{name}: {state(name)}" for name, wish in wanted.items() if state(name) != wish]
    return ", ".join(wrong) or None


# --- money --------------------------------------------------------------------------------------


def _amount(read: Callable[[Station], int]) -> LookUp:
    def look_up(station: Station, wanted: Span) -> str | None:
        value = read(station)
        return None if value in wanted else major(value)

    return look_up


def _amounts(read: Callable[[Station, int], int | None]) -> LookUp:
    """Per connector; connector 0 is the whole station."""

    def look_up(station: Station, wanted: Mapping[int, Span]) -> str | None:
        wrong = []
        for connector, wish in wanted.items():
            value = read(station, connector)
            if value is None or value not in wish:
                shown_value = "nothing" if value is None else major(value)
                wrong.append(f"{connector}: {shown_value}" if connector else shown_value)
        return ", ".join(wrong) or None

    return look_up


def _balance(station: Station, wanted: Mapping[str, Span]) -> str | None:
    wrong = []
    for name, wish in wanted.items():
        if name not in station.cards:
            raise StepImpossible(f"card {name} is not given in this scenario")
        value = station.central.balance_minor(station.cards[name]["number"])
        if value not in wish:
            wrong.append(f"{name}: {major(value)}")
    return ", ".join(wrong) or None


def _ledger(station: Station, wanted: Mapping[str, Any]) -> str | None:
    if "balanced" in wanted:
        keys = books.unbalanced(station.journal)
        return f"postings that do not sum to zero: {keys}" if keys else None
    accounts = books.balances(station.journal)
    wrong = [
        f"{name}: {major(accounts.get(name, 0))}"
        for name, wish in wanted["accounts"].items()
        if accounts.get(name, 0) not in wish
    ]
    return ", ".join(wrong) or None


def _incident(station: Station, wanted: str) -> str | None:
    codes = [incident["code"] for incident in books.incidents(station.journal)]
    return None if wanted in codes else f"incidents: {', '.join(codes) or 'none'}"


LOOK_UPS: dict[str, LookUp] = {
    "screen": _screen,
    "says": _says,
    "spoken": _spoken,
    "focus": _focus,
    "button": _button,
    "connector": _connector,
    "energy_wh": _energy_wh,
    "contactor": _contactor,
    "current_a": _current_a,
    "lock": _lock,
    "lamp": _lamp,
    "beeps": _beeps,
    "credit": _amounts(credit),
    "cost": _amounts(cost),
    "paid_out": _amount(paid_out),
    "returned": _amount(lambda station: station.devices.returned_minor()),
    "captured": _amount(captured),
    "owed": _amount(lambda station: books.balances(station.journal).get("owed", 0)),
    "balance": _balance,
    "ledger": _ledger,
    "device": _device,
    "incident": _incident,
}
