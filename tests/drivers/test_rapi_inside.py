"""Protections of a board are on before it is used, and its temperature is told."""

import asyncio

import pytest

from chargepoint.domain.devices import BoardTemperature, DeviceOnline
from chargepoint.domain.units import MilliAmp
from drivers.rapi.codec import Event, Reply, encode
from drivers.rapi.inside import warmest_milli
from simulator.ev import Vehicle
from simulator.line_faults import LineFault
from tests.support.power import CONNECTOR, Socket, play


def test_protections_that_somebody_switched_off_are_on_before_the_board_is_online() -> None:
    async def before(socket: Socket) -> None:
        socket.board_device.checks_off = {"D", "G", "V"}
        socket.board_device.board.is_ventilated = True

    async def story(socket: Socket) -> None:
        await socket.online()
        assert socket.board_device.checks_off == set()
        assert not socket.board_device.board.is_ventilated
        sent = [line for line in socket.board_trace.tail() if "FF E" in line]
        assert not sent

    play(story, before=before)


def test_temperature_is_told_when_it_is_news_and_again_to_a_new_picture() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        await asyncio.sleep(120)
        assert socket.said(BoardTemperature) == [BoardTemperature(CONNECTOR, 25_100)]
        socket.board_line.fault(LineFault.UNPLUGGED)
        await asyncio.sleep(20)
        socket.board_line.clear(LineFault.UNPLUGGED)
        await socket.until(lambda: len(socket.said(DeviceOnline)) == 4)
        await asyncio.sleep(10)
        assert len(socket.said(BoardTemperature)) == 2

    play(story)


@pytest.mark.parametrize(
    ("arguments", "milli"),
    [
        (("251", "-2560", "-2560"), 25_100),
        (("251", "312", "-50"), 31_200),
        (("-2560", "-2560", "-2560"), None),
        (("99999", "x"), None),
        ((), None),
    ],
)
def test_warmest_sensor_counts(arguments: tuple[str, ...], milli: int | None) -> None:
    assert warmest_milli(arguments) == milli


def test_events_between_question_and_answer_lose_neither() -> None:
    """The firmware may say `$AT` and `$WF` at any time, twice, and answer late."""

    async def story(socket: Socket) -> None:
        await socket.online()
        socket.world.plug(1, Vehicle())
        device = socket.board_device
        answer = device._received

        def interrupted(frame: object) -> None:
            for event in (Event("WF", ("02",)), Event("AN", ("0",)), Event("AB", ())):
                device._line.write(b"$X")  # a line that a dollar cuts off
                if event.arguments:
                    device._line.write(encode(event))
            answer(frame)
            device._line.write(encode(Reply(True, ("99",), 0x01)))  # stale, from long ago

        device._received = interrupted  # type: ignore[method-assign]
        await socket.charging()
        assert socket.world.current_ma(1) == 16_000
        await socket.board.set_limit(MilliAmp(10_000))
        await socket.keep_leased(for_s=7)
        assert socket.world.current_ma(1) == 10_000

    play(story)
