"""The coin acceptor's driver against the simulated device, in virtual time, on every line."""

import asyncio
from pathlib import Path

import pytest

from chargepoint.domain.devices import (
    CoinCursor,
    CoinRefused,
    DeviceIncident,
    DeviceOffline,
    DeviceOnline,
)
from chargepoint.ports import CoinAcceptor
from drivers.cctalk.bus import EchoMode
from drivers.cctalk.codec import Decoder, Frame, Header, encode
from drivers.cctalk.driver import AcceptorFitting
from drivers.serial_port import serial_opener
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.entropy import SeededEntropy
from simulator.pipes import Line, MemoryLine, PtyLine
from simulator.vtime import run_virtual
from tests.support.coin_post import (
    FIRST,
    SECOND,
    Post,
    eventually,
    now_s,
    play,
    while_running,
)
from tests.support.transports import NORMAL, Transport, on_every_transport

# --- every line ---------------------------------------------------------------------------------


@on_every_transport
def test_every_coin_is_credited_once(transport: Transport) -> None:
    async def story(post: Post) -> None:
        assert isinstance(post.line, MemoryLine)
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await transport.disturb(post.line)
        fate = await post.device.insert(50)
        await post.online(1 + transport.is_unplugged_midway)
        await post.accepting()
        assert await post.device.insert(100) == "accepted"
        await post.credited(*post.device.cash_box_minor)
        assert (fate == "accepted") is (50 in post.till.credit)

    play(story, transport)


@on_every_transport
def test_inhibited_coins_go_back_and_nothing_is_credited(transport: Transport) -> None:
    async def story(post: Post) -> None:
        assert isinstance(post.line, MemoryLine)
        await post.online()
        assert await post.device.insert(200) == "returned"
        await post.till.until(lambda: bool(post.till.of(CoinRefused)))
        post.driver.accept(FIRST)
        await post.accepting()
        await transport.disturb(post.line)
        post.driver.inhibit(SECOND)
        await eventually(lambda: not post.device.takes_coins)
        assert await post.device.insert(200) == "returned"
        assert post.till.credit == []

    play(story, transport)


@on_every_transport
def test_coins_taken_while_the_core_was_away_are_booked_first(transport: Transport) -> None:
    async def story(post: Post) -> None:
        assert isinstance(post.line, MemoryLine)
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        coin = post.group.create_task(post.device.insert(20))
        await asyncio.sleep(0.2)  # let in, and not yet in the box when the core dies
        await post.core_dies()
        assert await coin == "accepted"
        await transport.disturb(post.line)
        assert post.till.credit == []
        post.core_starts()
        await post.credited(20)

    play(story, transport)


@on_every_transport
def test_coins_balance_across_many_deaths_of_the_core(transport: Transport) -> None:
    async def story(post: Post) -> None:
        assert isinstance(post.line, MemoryLine)
        entropy = SeededEntropy(11)
        for times in range(1, 11):
            await post.online(times)
            post.driver.accept(FIRST)
            await post.accepting()
            for _ in range(entropy.below(10)):
                await post.device.insert((10, 20, 50)[entropy.below(3)])
            coin = post.group.create_task(post.device.insert(200))
            await asyncio.sleep(entropy.below(400) / 1000)
            await post.core_dies()
            await coin
            await asyncio.sleep(entropy.below(3))
            post.core_starts()
        await post.credited(*post.device.cash_box_minor)
        assert post.till.of(DeviceIncident) == []

    play(story, transport)


# --- identity and start -------------------------------------------------------------------------


def test_driver_is_a_coin_acceptor_and_says_who_is_there() -> None:
    async def story(post: Post) -> None:
        driver: CoinAcceptor = post.driver
        assert driver is post.driver
        await post.online()
        (online,) = post.till.of(DeviceOnline)
        assert (online.serial, online.firmware) == ("12345678", "SIM CA-1 1.0")
        assert post.till.stored["12345678"] == CoinCursor("12345678", 1, 0, 0, bytes(10))
        assert now_s() < 1.0

    play(story)


@pytest.mark.parametrize("has_echo", [True, False])
@pytest.mark.parametrize("mode", list(EchoMode))
def test_echo_as_fitted_is_removed_and_auto_finds_out(mode: EchoMode, has_echo: bool) -> None:
    async def story(post: Post) -> None:
        if mode is EchoMode.ON and not has_echo:
            await post.offline()
            assert post.till.of(DeviceOnline) == []
            assert any(frame.meaning == "collision" for frame in post.trace.frames())
            return
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(100) == "accepted"
        await post.credited(100)

    play(story, has_echo=has_echo, fitting=AcceptorFitting(echo=mode))


def test_crc_frames_work_as_well() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(100) == "accepted"
        await post.credited(100)

    play(story, fitting=AcceptorFitting(crc=True))


def test_only_coins_of_the_country_are_let_in() -> None:
    async def main() -> None:
        line = NORMAL.line("coins", echo=True)
        post = Post(line, line.open_port)
        post.device = SimulatedCoinAcceptor(line, coins={3: "EU100A", 4: "GB050A", 16: "EU200A"})

        async def story(post: Post) -> None:
            await post.online()
            post.driver.accept(FIRST)
            await post.accepting()
            assert await post.device.insert(50) == "returned"
            assert await post.device.insert(200) == "accepted"
            await post.credited(200)
            masks = [frame.octets for frame in post.trace.frames() if " E7 " in frame.octets]
            assert masks[0].startswith("02 02 01 E7 04 80")

        await while_running(post, story)

    run_virtual(main())


class OtherDevice:
    """Something else at address 2: answers a category, is silent to what `answers` lacks."""

    def __init__(self, line: Line, answers: dict[int, bytes]) -> None:
        self.line = line
        self.answers = answers

    async def run(self) -> None:
        decoder = Decoder()
        while True:
            for frame in decoder.feed(await self.line.read()):
                if isinstance(frame, Frame) and frame.header in self.answers:
                    self.line.write(encode(Frame(1, 2, 0, self.answers[frame.header])))


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({Header.EQUIPMENT_CATEGORY: b"Bill_Validator"}, "a 'Bill_Validator' answers"),
        (
            {
                Header.EQUIPMENT_CATEGORY: b"Coin_Acceptor",
                Header.SERIAL_NUMBER: b"\x01\x00\x00",
                Header.COIN_ID: b"GB050A",
            },
            "no coin of EU",
        ),
        ({Header.EQUIPMENT_CATEGORY: b"\xff\xfe"}, "answers where a coin acceptor"),
    ],
)
def test_another_device_is_offline_with_its_name(answers: dict[int, bytes], reason: str) -> None:
    async def main() -> None:
        line = NORMAL.line("coins", echo=True)
        post = Post(line, line.open_port)
        common = {
            Header.SIMPLE_POLL: b"",
            Header.MODIFY_MASTER_INHIBIT: b"",
            Header.MODIFY_INHIBITS: b"",
            Header.READ_CREDIT: bytes(11),
        }
        post.device = OtherDevice(line, {**common, **answers})  # type: ignore[assignment]

        async def story(post: Post) -> None:
            await post.offline()
            assert reason in post.till.of(DeviceOffline)[0].reason

        await while_running(post, story)

    run_virtual(main())


def test_a_device_silent_about_some_positions_and_names_is_still_used() -> None:
    async def main() -> None:
        line = NORMAL.line("coins", echo=True)
        post = Post(line, line.open_port)
        answers = {
            Header.SIMPLE_POLL: b"",
            Header.MODIFY_MASTER_INHIBIT: b"",
            Header.MODIFY_INHIBITS: b"",
            Header.EQUIPMENT_CATEGORY: b"Coin Acceptor",
            Header.SERIAL_NUMBER: b"\x01\x02\x00",
            Header.SELF_CHECK: b"\x00",
            Header.READ_CREDIT: bytes(11),
        }

        class FewPositions(OtherDevice):
            async def run(self) -> None:
                decoder = Decoder()
                while True:
                    for frame in decoder.feed(await self.line.read()):
                        assert isinstance(frame, Frame)
                        if frame.header == Header.COIN_ID and frame.payload[0] == 1:
                            self.line.write(encode(Frame(1, 2, 0, b"EU100A")))
                        elif frame.header in self.answers:
                            self.line.write(encode(Frame(1, 2, 0, self.answers[frame.header])))

        post.device = FewPositions(line, answers)  # type: ignore[assignment]

        async def story(post: Post) -> None:
            await post.online()
            assert post.till.of(DeviceOnline)[0].serial == "513"

        await while_running(post, story)

    run_virtual(main())


# --- a real pseudo-terminal ----------------------------------------------------------------------


def test_a_coin_is_credited_over_a_pseudo_terminal(tmp_path: Path) -> None:
    async def main() -> None:
        # Without pacing: this is about the terminal, and tests do not wait.
        line = PtyLine(tmp_path / "coins", SeededEntropy(1), baudrate=0, echo=True)
        post = Post(line, serial_opener(str(line.path), 9600))

        async def story(post: Post) -> None:
            await post.online()
            post.driver.accept(FIRST)
            await post.accepting()
            assert await post.device.insert(200) == "accepted"
            await post.credited(200)

        await while_running(post, story)
        line.close()

    asyncio.run(main())
