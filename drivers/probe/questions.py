"""One question for each protocol. All of them only read: nothing is moved, paid, printed or set.

The order in `search.py` matters: a printer would print what is meant for another device, so it is
asked first, by three bytes that overtake its buffer.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from drivers.cctalk.bus import Bus, EchoMode
from drivers.cctalk.codec import BILL_VALIDATOR, COIN_ACCEPTOR, Header
from drivers.cctalk.identity import serial_and_firmware, text
from drivers.exchange import NoAnswer, Pace
from drivers.greencard.link import Pn532Link, ReaderTrouble
from drivers.port import BytePort
from drivers.printer.codec import Status, ask, status_in
from drivers.probe.found import Found, LineSetting
from drivers.rapi.codec import Command, Reply, board_decoder, encode
from drivers.trace import Trace
from drivers.zvt.apdu import TAKEN, Apdu, Kind
from drivers.zvt.commands import STATUS_ENQUIRY
from drivers.zvt.link import LinkLost, SerialLink
from drivers.zvt.settings import Timeouts

T = TypeVar("T")

SHORT_S = 0.25  # a device that is there begins to answer well before
READER_S = 2.0  # a reader asleep takes a second for its first acknowledgement
TERMINAL_S = 4.0
HOPPERS = range(3, 11)  # part 3, appendix 1: where payout devices are
_POLL = Pace(timeout_s=0.12, attempts=2, recovery_s=0.05)
_TERMINAL_TIMES = Timeouts(t1_s=0.2, t2_s=0.4, t3_s=1.5, t4_s=2.0)
_CATEGORIES = {
    "coin acceptor": ("coin_acceptor", "cctalk"),
    "payout": ("hopper", "cctalk_hopper"),
    "hopper": ("hopper", "cctalk_hopper"),
    "bill validator": ("note_validator", "cctalk_notes"),
    "bill acceptor": ("note_validator", "cctalk_notes"),
}


async def _answer(
    port: BytePort, octets: bytes, read: Callable[[bytes], T | None], limit_s: float
) -> T | None:
    """What `read` makes of everything that came; None when it makes nothing of it in time."""
    port.discard_input()
    port.write(octets)
    received = b""
    try:
        async with asyncio.timeout(limit_s):
            while True:
                received = (received + await port.read())[-512:]
                found = read(received)
                if found is not None:
                    return found
    except TimeoutError:
        return None


async def ask_printer(port: BytePort, _trace: Trace, setting: LineSetting) -> list[Found]:
    """`DLE EOT n`, three times: each answer is one byte with five fixed bits, and nothing beside."""

    def alone(received: bytes) -> int | None:
        return status_in(received) if len(received) == 1 else None

    for status in Status:
        if await _answer(port, ask(status), alone, SHORT_S) is None:
            return []
    return [Found("printer", ("escpos80", "escpos58"), setting)]


async def ask_board(port: BytePort, _trace: Trace, setting: LineSetting) -> list[Found]:
    """`$GV`: versions of firmware and protocol."""

    def version(received: bytes) -> str | None:
        replies = [f for f in board_decoder().feed(received) if isinstance(f, Reply) and f.ok]
        return next((f.arguments[0] for f in replies if f.arguments), None)

    for _ in range(2):  # what came before may have left half a line in its buffer
        words = await _answer(port, encode(Command("GV")), version, 2 * SHORT_S)
        if words is not None:
            return [Found("evse", ("openevse",), setting, words=f"OpenEVSE {words}")]
    return []


async def ask_reader(port: BytePort, trace: Trace, setting: LineSetting) -> list[Found]:
    try:
        async with asyncio.timeout(READER_S):
            firmware = await Pn532Link(port, trace).wake()
    except (ReaderTrouble, TimeoutError):
        return []
    return [Found("card_reader", ("pn532",), setting, words=str(firmware))]


async def ask_terminal(port: BytePort, trace: Trace, setting: LineSetting) -> list[Found]:
    """05 01 without registration, heard to its end so that the terminal is not left waiting."""
    link = SerialLink(port, trace, _TERMINAL_TIMES)
    try:
        async with asyncio.timeout(TERMINAL_S):
            await link.send(STATUS_ENQUIRY)
            await _heard_out(link)
    except (LinkLost, TimeoutError):
        return []
    return [Found("bank_terminal", ("zvt",), setting)]


async def _heard_out(link: SerialLink) -> None:
    """A refusal ends it as well as a completion does."""
    while True:
        message: Apdu = await link.receive()
        if message.refusal is not None:
            return
        if not message.is_answer:
            await link.send(TAKEN)
        if message.kind in {Kind.COMPLETION, Kind.ABORTED}:
            return


async def ask_coins(port: BytePort, trace: Trace, setting: LineSetting) -> list[Found]:
    """Simple poll of the usual addresses, then category and serial number of who answered."""
    found = []
    for address in (COIN_ACCEPTOR, *HOPPERS, BILL_VALIDATOR):
        for crc in (False, True) if address == BILL_VALIDATOR else (False,):
            bus = Bus(port, trace, address=address, echo=EchoMode.AUTO, crc=crc)
            device = await _money_device(bus, address, setting)
            if device is not None:
                found.append(device)
                break
    return found


async def _money_device(bus: Bus, address: int, setting: LineSetting) -> Found | None:
    try:
        await bus.ask(Header.SIMPLE_POLL, exactly=0, pace=_POLL)
        category = text(await bus.ask(Header.EQUIPMENT_CATEGORY)).replace("_", " ").lower()
        serial, words = await serial_and_firmware(bus.ask)
    except NoAnswer:
        return None
    role, kind = _CATEGORIES.get(category, ("", ""))
    if not role:
        return Found("", (), setting, address, serial, f"{words} ({category})")
    return Found(role, (kind,), setting, address, serial, words)
