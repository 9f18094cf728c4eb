"""What a customer does with cash and a bank card, and what is in the way of it: rows of the player's table."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from simulator.expect import Finding
from simulator.station import Station, StepImpossible

PATIENCE_S = 10.0  # how long a hand waits at the tray, and holds its card for a terminal to ask
SLOT_OPENS_S = 2.0  # a screen that invites comes before the slot is open; then whoever pays tries

Arguments = Mapping[str, Any]
_COUNTRIES = {"EUR": "EU", "GBP": "GB"}  # as validators write it


class Performer(Protocol):
    """Of the player (play.py), what these acts need."""

    station: Station
    touched_s: float  # when a finger last took a button

    def queue(self, device: str) -> asyncio.Lock: ...

    async def eventually(
        self, look: Callable[[], Finding | None], limit_s: float
    ) -> Finding | None: ...


async def _coin(player: Performer, arguments: Arguments) -> None:
    async with player.queue("coin_acceptor"):
        await _until_open(player, "coin_acceptor")
        await player.station.devices.insert_coin(arguments["minor"])


async def _coin_jam(player: Performer, _: Arguments) -> None:
    player.station.devices.fault("coin_acceptor", "stuck", None)


async def _note(player: Performer, arguments: Arguments) -> None:
    async with player.queue("note_validator"):
        country = _COUNTRIES[arguments.get("currency", "EUR")]
        await _until_open(player, "note_validator")
        await player.station.devices.insert_note(arguments["value"], country)


async def _until_open(player: Performer, device: str) -> None:
    """A slot that stays shut gets its money too, and gives it back."""

    def shut() -> Finding | None:
        is_shut = player.station.devices.state(device, None) == "inhibited"
        return Finding(f"{device} open", "inhibited") if is_shut else None

    await player.eventually(shut, SLOT_OPENS_S)


async def _take_change(player: Performer, _: Arguments) -> None:
    def empty() -> Finding | None:
        taken = player.station.devices.take_change()
        return None if taken else Finding("change in the tray", "nothing")

    if await player.eventually(empty, PATIENCE_S):
        raise StepImpossible("there is no change in the tray")


async def _hopper(player: Performer, arguments: Arguments) -> None:
    """Somebody fills or empties bowls; the books are not told."""
    for value_minor, coins in arguments.items():
        player.station.devices.fill_hopper(int(value_minor), coins)


async def _bank(player: Performer, arguments: Arguments) -> None:
    """`bank: approve`, or `{approve: false, delay: 20s}`. A hand with a card waits to be asked.

    Whoever is not asked holds the card to the terminal nevertheless, which is deaf to it for as
    long as nobody pays.
    """
    kind = arguments.get("do") or ("approve" if arguments.get("approve", True) else "decline")

    def unasked() -> Finding | None:
        is_asked = player.station.devices.asks_for_bank_card(kind)
        return None if is_asked else Finding("a card asked for", "no card asked for")

    async with player.queue("bank_terminal"):
        if kind != "reboot":
            await player.eventually(unasked, PATIENCE_S)
        player.station.devices.present_bank_card(
            kind, arguments.get("delay"), arguments.get("brand", "mastercard")
        )


async def _exchange(player: Performer, arguments: Arguments) -> None:
    """`exchange: {device: coin_acceptor, serial: 4711, country: GB, events: 7}`."""
    await player.station.devices.exchange(
        arguments["device"],
        arguments.get("coins") or arguments.get("connector"),
        serial=arguments["serial"],
        country=arguments.get("country", "EU"),
        events=arguments.get("events", 0),
    )


CASH_ACTS: dict[str, Callable[[Performer, Arguments], Awaitable[None]]] = {
    "coin": _coin,
    "note": _note,
    "hopper": _hopper,
    "coin_jam": _coin_jam,
    "exchange": _exchange,
    "take_change": _take_change,
    "bank": _bank,
}
