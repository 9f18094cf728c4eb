"""Commands to a reader that misbehaves: scripted answers instead of a good simulator."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.greencard.commands import (
    GET_FIRMWARE_VERSION,
    Malformed,
    Target,
    parse_exchange,
    parse_firmware,
    parse_target,
    target_list,
)
from drivers.greencard.link import Pn532Link, ReaderTrouble
from drivers.greencard.pn532 import Ack, Command, Decoder, Nack, Refused, Response, encode
from drivers.trace import Trace
from simulator.entropy import SeededEntropy
from simulator.pipes import MemoryLine
from simulator.vtime import VirtualClock, run_virtual

Script = Callable[[object], bytes]
"""What the reader says to a frame it heard."""

DESFIRE = Target(1, bytes.fromhex("0344"), 0x20, bytes.fromhex("04782E21801D80"), b"\x75\x77")


async def follow(line: MemoryLine, script: Script) -> None:
    decoder = Decoder()
    while True:
        for frame in decoder.feed(await line.read()):
            line.write(script(frame))


def play(script: Script, story: Callable[[Pn532Link], Awaitable[None]]) -> Trace:
    async def main() -> Trace:
        line = MemoryLine("card_reader", SeededEntropy(1), baudrate=115_200)
        trace = Trace("card_reader", VirtualClock().monotonic)
        async with asyncio.TaskGroup() as group:
            device = group.create_task(follow(line, script))
            await story(Pn532Link(await line.open_port(), trace))
            device.cancel()
        return trace

    return run_virtual(main())


def sent(trace: Trace) -> list[str]:
    return [frame.meaning for frame in trace.frames() if frame.direction == "sent"]


async def ask_in_vain(link: Pn532Link) -> None:
    with pytest.raises(ReaderTrouble):
        await link.request(GET_FIRMWARE_VERSION)


def test_command_without_acknowledgement_is_repeated_three_times() -> None:
    trace = play(lambda _: b"", ask_in_vain)
    assert sent(trace) == ["get firmware version"] * 3


def test_response_that_never_comes_is_asked_for_again() -> None:
    trace = play(lambda frame: encode(Ack()) if isinstance(frame, Command) else b"", ask_in_vain)
    assert sent(trace) == ["get firmware version", *["NACK"] * 3]


def test_response_repeated_on_nack_is_taken() -> None:
    def script(frame: object) -> bytes:
        if isinstance(frame, Nack):
            return encode(Response(0x03, b"\x32\x01\x06\x07"))
        return encode(Ack()) + b"\x00\x00\xff\x06\xfa\xd5"

    async def story(link: Pn532Link) -> None:
        assert await link.request(GET_FIRMWARE_VERSION) == b"\x32\x01\x06\x07"

    play(script, story)


def test_response_to_an_earlier_command_is_not_taken_for_ours() -> None:
    def script(_frame: object) -> bytes:
        stale = encode(Response(0x4B, b"\x00"))
        return encode(Ack()) + stale + encode(Response(0x03, b"\x32\x01\x06\x07"))

    async def story(link: Pn532Link) -> None:
        assert await link.request(GET_FIRMWARE_VERSION) == b"\x32\x01\x06\x07"

    play(script, story)


def test_error_frame_is_trouble_at_once() -> None:
    trace = play(lambda _: encode(Ack()) + encode(Refused()), ask_in_vain)
    assert sent(trace) == ["get firmware version"]


def test_response_with_impossible_content_is_trouble() -> None:
    async def story(link: Pn532Link) -> None:
        with pytest.raises(ReaderTrouble, match="UID or ATS"):
            await link.find(1.0)

    play(lambda _: encode(Ack()) + encode(Response(0x4B, b"\x01\x01\x03\x44\x20\x09\x04")), story)


def test_interrupt_without_a_search_does_nothing() -> None:
    async def story(link: Pn532Link) -> None:
        link.interrupt()

    assert sent(play(lambda _: b"", story)) == []


# --- what responses may hold --------------------------------------------------------------------


def test_card_listing_is_read_and_written() -> None:
    octets = bytes.fromhex("010103442007 04782E21801D80 03 7577")
    assert parse_target(octets) == DESFIRE
    assert target_list(DESFIRE) == octets
    assert parse_target(target_list(None)) is None


def test_memory_card_has_no_ats() -> None:
    octets = bytes.fromhex("01010004 08 04 DEADBEEF")
    target = parse_target(octets)
    assert target is not None
    assert not target.speaks_iso_14443_4
    assert target_list(target) == octets


@pytest.mark.parametrize(
    "octets", ["", "02", "01", "0101034420", "010103442000", "010103442004DEAD", "010103442001DE05"]
)
def test_card_listing_that_contradicts_itself_is_malformed(octets: str) -> None:
    with pytest.raises(Malformed):
        parse_target(bytes.fromhex(octets))


def test_firmware_or_exchange_of_another_length_is_malformed() -> None:
    with pytest.raises(Malformed):
        parse_firmware(b"\x32")
    with pytest.raises(Malformed):
        parse_exchange(b"")


def test_exchange_status_is_its_low_six_bits() -> None:
    assert parse_exchange(b"\x41\x02") == (0x01, b"\x02")
