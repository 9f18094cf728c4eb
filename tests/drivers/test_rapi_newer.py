"""Boards since protocol 6.0 say more; older ones are not asked, and nobody is misled by what is no answer."""

import pytest

from chargepoint.domain.devices import DeviceIncident, DeviceOnline
from drivers.rapi.codec import Command, encode
from drivers.rapi.newer import READ_EVERY_S, odd_frequency, relays_off, wear
from drivers.rapi.state import BoardLost, version_of
from tests.support.power import Socket, play

BY_HAND = {"GZ": b"$GZ^39", "GR": b"$GR^31", "GL": b"$GL^2F"}  # frames of the reference


def codes(socket: Socket) -> list[str]:
    return [each.code for each in socket.said(DeviceIncident)]


def asked(socket: Socket) -> set[str]:
    sent = b"".join(bytes.fromhex(frame.octets) for frame in socket.board_trace.frames())
    return {name for name in BY_HAND if f"${name} ".encode("ascii") in sent}


async def newer(socket: Socket) -> None:
    socket.board_device.speaks("9.0.1", "6.0.0")


@pytest.mark.parametrize("name", BY_HAND)
def test_frames_are_those_of_the_reference(name: str) -> None:
    assert encode(Command(name)) == BY_HAND[name] + b"\r"


def test_newer_board_is_asked_and_what_is_wrong_is_told_once() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        assert "9.0.1" in {each.firmware for each in socket.said(DeviceOnline)}
        await socket.until(lambda: asked(socket) == set(BY_HAND))
        assert codes(socket) == []
        board = socket.board_device
        board.relays[0], board.relay_warning, board.frequency_centihz = 0, 2, 4_310
        wanted = ["evse.relay_off", "evse.relay_worn", "evse.frequency"]
        await socket.until(lambda: codes(socket) == wanted, READ_EVERY_S + 10)
        with pytest.raises(TimeoutError):
            await socket.until(lambda: codes(socket) != wanted, READ_EVERY_S + 10)

    play(story, before=newer)


def test_older_board_is_not_asked() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        with pytest.raises(TimeoutError):
            await socket.until(lambda: bool(asked(socket)), 10)

    play(story)


@pytest.mark.parametrize("said", [(), (1,), (1, 1, 1, 1)])
def test_reports_of_another_length_say_nothing(said: tuple[int, ...]) -> None:
    assert relays_off(said) is None
    assert wear(said) is None
    assert odd_frequency((5_000, 1)) is None


def test_wear_says_what_a_technician_asks() -> None:
    assert wear((12, 3, 1500, 9, 0, 100, 100, 0)) == ""
    assert wear((91, 3, 1500, 9, 0, 100, 100, 1, 2)) == (
        "warning 1, 91 % of its life, came unstuck 2 times"
    )
    assert wear((65_535, 3, 1500, 9, 0, 100, 100, 2)) == "warning 2"
    assert wear((12, 3, 1500, 9, 0, 100, 100, 65_535)) is None


@pytest.mark.parametrize("said", [("8.2.3",), ("8.2.3", ""), ("8.2.3", "5.x"), ("8.2.3", "4.9.9")])
def test_version_that_is_none_or_too_old_is_refused(said: tuple[str, ...]) -> None:
    with pytest.raises(BoardLost):
        version_of(said)


def test_protocols_are_compared_as_numbers() -> None:
    assert version_of(("9.9.0", "10.0.0")).protocol > version_of(("9.0.0", "6.1.0")).protocol
