"""What a person, a car, a fault or the power can do to a station: one function per step, one table.

The tactile keys move a focus; `key: {to: ID}` presses `next` until it is there, as a person does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from simulator.cash_acts import CASH_ACTS, Performer
from simulator.ev import Vehicle, VehicleChange
from simulator.expect import Finding, Resolver, shown
from simulator.matching import substituted
from simulator.relay import CentralState, NoLink
from simulator.service_acts import service_act
from simulator.station import Screen, ScreenButton, StepImpossible

SETTLE_S = 10.0  # how long a finger waits for its button, and a message for its link
KEYPAD_LEAVES_S = 1.0
CASH_KNOWN_S = 0.5  # how long a finger waits for a coin to be read, and then for the screen
CASH_SHOWN_S = 0.1
TAB_SHOWN_S = 1.0
TOUCH_AGAIN_S = 0.25
TOUCH_SEEN_S = 0.15  # until a person has seen what the last touch did
KEY_HEARD_S = 0.2
MOST_STOPS = 40  # more than any screen has

Arguments = Mapping[str, Any]


Act = Callable[[Performer, Arguments], Awaitable[None]]


# --- vehicle ------------------------------------------------------------------------------------


async def _plug(player: Performer, arguments: Arguments) -> None:
    vehicle = dict(arguments.get("ev", {}))
    options: dict[str, Any] = {**vehicle, "diode_shorted": vehicle.get("diode") == "short"}
    options.pop("diode", None)
    player.station.world.plug(arguments["connector"], Vehicle(**options))


async def _unplug(player: Performer, arguments: Arguments) -> None:
    """Pulls until the lock lets go: a person does not pull once and give up. By force: at once."""
    world, connector = player.station.world, arguments["connector"]
    if arguments.get("by_force"):
        world.unplug(connector, forced=True)
        return

    def held() -> Finding | None:
        is_held = world.is_locked(connector) and world.vehicle(connector) is not None
        return (
            Finding("unplugged", f"the lock of connector {connector} holds the plug")
            if is_held
            else None
        )

    await player.eventually(held, SETTLE_S)
    world.unplug(connector)


async def _ev(player: Performer, arguments: Arguments) -> None:
    change = {name: value for name, value in arguments.items() if name != "connector"}
    if "diode" in change:
        change["diode_shorted"] = change.pop("diode") == "short"
    known = {name: change[name] for name in VehicleChange.__annotations__ if name in change}
    if known.keys() != change.keys():
        fixed = ", ".join(sorted(change.keys() - known.keys()))
        raise StepImpossible(f"a plugged car cannot change its {fixed}")
    # True because the shape of the step (steps.py) gives each of these names its type.
    player.station.world.change_vehicle(arguments["connector"], **cast(VehicleChange, known))


# --- cards --------------------------------------------------------------------------------------


async def _tap(player: Performer, arguments: Arguments) -> None:
    if "connector" in arguments:
        await _choose_connector(player, arguments["connector"])
    await _until_cash_is_known(player)
    async with player.queue("card_reader"):
        await player.station.devices.tap(arguments)


async def _remove_card(player: Performer, _: Arguments) -> None:
    player.station.devices.remove_card()


# --- screen -------------------------------------------------------------------------------------


def _found(screen: Screen | None, button: str) -> ScreenButton | None:
    buttons = screen.buttons if screen is not None else ()
    return next((each for each in buttons if each.id == button), None)


async def _ready_button(player: Performer, button: str, limit_s: float) -> None:
    """Waits until the button is shown, enabled and past its dead time."""
    kiosk = player.station.kiosk

    def dead() -> Finding | None:
        screen = kiosk.screen()
        found = _found(screen, button)
        is_ready = found is not None and found.enabled and found.is_alive
        return None if is_ready else Finding(f"button {button}", shown(screen))

    finding = await player.eventually(dead, limit_s)
    if finding is not None:
        raise StepImpossible(finding.was)


async def _until_cash_is_known(player: Performer) -> None:
    """A person sees the coin on the screen before the hand moves on; a poll comes every 200 ms."""
    devices = player.station.devices
    if devices.is_cash_read():
        return

    def unread() -> Finding | None:
        return None if devices.is_cash_read() else Finding("the coin read", "not yet polled")

    await player.eventually(unread, CASH_KNOWN_S)
    await asyncio.sleep(CASH_SHOWN_S)


async def _press(player: Performer, button: str, held_s: float = 0.0) -> None:
    """A touch that comes as the screen changes is not taken: a person touches again."""
    await _until_cash_is_known(player)
    until_s = player.station.now_s + SETTLE_S
    async with player.queue("screen"):
        while True:
            await _ready_button(player, button, max(0.0, until_s - player.station.now_s))
            if await player.station.kiosk.press(button, held_s):
                return
            if player.station.now_s >= until_s:
                raise StepImpossible(f"button {button} is there and takes no touch")
            await player.station.changes.wait(TOUCH_AGAIN_S)


async def _choose_connector(player: Performer, connector: int) -> None:
    """A tab touched just as the screen changes counts for nothing: a person touches it again."""

    def elsewhere() -> Finding | None:
        now = player.station.kiosk.screen()
        is_there = now is not None and now.connector == connector
        return None if is_there else Finding(f"connector {connector}", shown(now))

    until_s = player.station.now_s + SETTLE_S
    while (finding := elsewhere()) is not None:
        if player.station.now_s > until_s:
            raise StepImpossible(f"connector {connector} did not come up: {finding.was}")
        await _press(player, f"connector_{connector}")
        await player.eventually(elsewhere, TAB_SHOWN_S)


async def _touch(player: Performer, arguments: Arguments) -> None:
    if "x" in arguments:
        x, y = arguments["x"], arguments["y"]
        assert isinstance(x, Decimal)
        await player.station.kiosk.tap_at(float(x), float(y))
        return
    if "connector" in arguments:
        await _choose_connector(player, arguments["connector"])
    await _until_touch_is_seen(player)
    await _press(player, arguments["id"])
    player.touched_s = player.station.now_s


async def _until_touch_is_seen(player: Performer) -> None:
    """The next screen may have a button of the same name: nobody means that of the one before."""
    left_s = player.touched_s + TOUCH_SEEN_S - player.station.now_s
    if left_s > 0:
        await asyncio.sleep(left_s)


async def _hold(player: Performer, arguments: Arguments) -> None:
    if arguments["id"] == "service":  # the brand mark is no button
        await player.station.kiosk.press("service", arguments["for"])
        return
    await _press(player, arguments["id"], arguments["for"])


async def _enter_code(player: Performer, arguments: Arguments) -> None:
    code = arguments["code"]
    if code == "own":
        code = player.station.codes.own(player.station.kiosk.screen())
    if code == "voucher":
        code = player.station.codes.voucher()
    press = _press_by_keys if arguments.get("by") == "keys" else _press
    keypad: Screen | None = None
    for digit in code:
        keypad = player.station.kiosk.screen()
        await press(player, f"key_{digit}")
    # A keypad that takes the last digit for an answer leaves by itself; another one needs its OK.

    def waits_for_ok() -> Finding | None:
        screen = player.station.kiosk.screen()
        is_gone = screen is None or keypad is None or screen.id != keypad.id
        return None if is_gone else Finding("the keypad gone", shown(screen))

    if await player.eventually(waits_for_ok, KEYPAD_LEAVES_S):
        await press(player, "key_ok")


async def _key(player: Performer, arguments: Arguments) -> None:
    await _until_cash_is_known(player)
    async with player.queue("keys"):
        if "to" in arguments:
            await _move_focus(player, arguments["to"])
            return
        if arguments["key"] in ("ok", "cancel"):
            await _until_keys_count(player)
        await player.station.devices.press_key(arguments["key"])
    await asyncio.sleep(KEY_HEARD_S)


async def _until_keys_count(player: Performer) -> None:
    """A person listens a moment to what has just come up."""

    def dead() -> Finding | None:
        screen = player.station.kiosk.screen()
        is_alive = screen is not None and all(each.is_alive for each in screen.buttons)
        return None if is_alive else Finding("a screen that takes keys", shown(screen))

    await player.eventually(dead, SETTLE_S)


async def _move_focus(player: Performer, button: str) -> None:
    """`next` until it is on the button; raises StepImpossible after once around."""
    finding: Finding | None = Finding(f"button {button}", "no key pressed")
    await _ready_button(player, button, SETTLE_S)
    for _ in range(MOST_STOPS):
        screen = player.station.kiosk.screen()
        if screen is not None and screen.focus == button:
            return
        before = screen.focus if screen is not None else ""

        def still() -> Finding | None:
            now = player.station.kiosk.screen()
            has_moved = now is not None and now.focus != before  # noqa: B023 - looked at in this turn
            return None if has_moved else Finding("the focus elsewhere", shown(now))

        await player.station.devices.press_key("next")
        finding = await player.eventually(still, SETTLE_S)
        if finding is not None:
            break
    raise StepImpossible(finding.was if finding else f"the keys never came to {button}")


async def _press_by_keys(player: Performer, button: str) -> None:
    """As `key: {to: …}` and `key: ok`."""
    await _key(player, {"to": button})
    await _key(player, {"key": "ok"})


async def _jack(player: Performer, arguments: Arguments) -> None:
    player.station.devices.move_jack(is_in=arguments["to"] == "in")


# --- trouble ------------------------------------------------------------------------------------


async def _fault(player: Performer, arguments: Arguments) -> None:
    device, kind = arguments["device"], arguments["kind"]
    if device in player.station.troubles:
        await player.station.troubles[device].begin(kind, arguments.get("by"))
    else:
        player.station.devices.fault(device, kind, _place(arguments))


async def _clear(player: Performer, arguments: Arguments) -> None:
    device, kind = arguments["device"], arguments.get("kind")
    if device in player.station.troubles:
        await player.station.troubles[device].end(kind)
    else:
        player.station.devices.clear(device, kind, _place(arguments))


def _place(arguments: Arguments) -> int | None:
    """Which of several: by connector, a hopper by the value of its coins."""
    place: int | None = arguments.get("connector", arguments.get("value"))
    return place


async def _power(player: Performer, arguments: Arguments) -> None:
    power = player.station.power
    match arguments:
        case {"do": "cut"}:
            await power.cut()
        case {"do": _}:
            await power.restore()
        case _:
            ((mode, number),) = arguments.items()
            power.arm(mode, number)


async def _kill(player: Performer, arguments: Arguments) -> None:
    await player.station.power.kill(arguments["process"])


async def _central(player: Performer, arguments: Arguments) -> None:
    central = player.station.central
    resolve = Resolver(player.station)
    match arguments:
        case {"state": state}:
            await central.set_state(CentralState(state))
        case {"send": action}:
            payload = substituted(arguments.get("payload", {}), resolve)
            await _when_linked(player, lambda: central.send(action, payload))
        case {"send_raw": text}:
            await _when_linked(player, lambda: central.send_raw(text))
        case {"answer": action}:
            central.answer(
                action,
                substituted(arguments.get("with"), resolve),
                times=arguments.get("times"),
                error=arguments.get("error", ""),
            )
        case _:
            raise StepImpossible(f"nothing to do: {arguments}")


async def _when_linked(player: Performer, send: Callable[[], None]) -> None:
    def refused() -> Finding | None:
        try:
            send()
        except NoLink as error:
            return Finding("a link", str(error))
        return None

    finding = await player.eventually(refused, SETTLE_S)
    if finding is not None:
        raise StepImpossible(finding.was)


# --- the table ----------------------------------------------------------------------------------


async def _wait(_: Performer, arguments: Arguments) -> None:
    await asyncio.sleep(arguments["for"])


async def _nothing(_: Performer, __: Arguments) -> None:
    """A note to the reader of the file."""


ACTS: dict[str, Act] = {
    "plug": _plug,
    "unplug": _unplug,
    "ev": _ev,
    **CASH_ACTS,
    "tap": _tap,
    "remove_card": _remove_card,
    "enter_code": _enter_code,
    "touch": _touch,
    "hold": _hold,
    "key": _key,
    "jack": _jack,
    "fault": _fault,
    "clear": _clear,
    "power": _power,
    "kill": _kill,
    "central": _central,
    "service": service_act(_press),
    "wait": _wait,
    "note_to_reader": _nothing,
}
