"""The coin acceptor's driver against the simulated device, in virtual time, on every line."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from chargepoint.domain.devices import (
    CoinCursor,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    DeviceEvent,
    DeviceIncident,
    DeviceOffline,
    DeviceOnline,
)
from chargepoint.domain.units import Generation
from chargepoint.ports import CoinAcceptor
from drivers.cctalk.bus import EchoMode
from drivers.cctalk.codec import Decoder, Frame, Header, encode
from drivers.cctalk.driver import AcceptorFitting, CoinAcceptorDriver
from drivers.port import OpenPort
from drivers.serial_port import serial_opener
from drivers.trace import Direction, Trace
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.pipes import Line, MemoryLine, PtyLine
from simulator.vtime import run_virtual
from tests.support.transports import NORMAL, Transport, on_every_transport

Event = TypeVar("Event")

FIRST, SECOND, THIRD = Generation(1), Generation(2), Generation(3)
PATIENCE_S = 60.0


class Till:
    """A core of three lines: keeps what the driver emits and stores every cursor with it."""

    def __init__(self) -> None:
        self.facts: list[DeviceEvent] = []
        self.stored: dict[str, CoinCursor] = {}
        self.credits: dict[tuple[str, int, int], int] = {}
        self.changed = asyncio.Event()

    def emit(self, fact: DeviceEvent) -> None:
        self.facts.append(fact)
        if isinstance(fact, CoinSeen | CoinRefused | CoinCursorMoved):
            self.stored[fact.cursor.serial] = fact.cursor
        if isinstance(fact, CoinSeen):
            key = (fact.cursor.serial, fact.cursor.epoch, fact.cursor.sequence)
            assert key not in self.credits
            self.credits[key] = fact.value
        self.changed.set()

    def of(self, kind: type[Event]) -> list[Event]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    @property
    def credit(self) -> list[int]:
        return list(self.credits.values())


class Post:
    """An acceptor, its line, its driver and a till."""

    def __init__(
        self, line: Line, open_port: OpenPort, fitting: AcceptorFitting | None = None
    ) -> None:
        self.line = line
        self.open_port = open_port
        self.fitting = fitting or AcceptorFitting()
        self.till = Till()
        self.device = SimulatedCoinAcceptor(line, crc=self.fitting.crc)
        self.trace = Trace("coins", asyncio.get_running_loop().time)
        self.driver = self.new_driver()
        self.group = asyncio.TaskGroup()
        self.running: list[asyncio.Task[None]] = []

    def new_driver(self) -> CoinAcceptorDriver:
        return CoinAcceptorDriver(
            self.open_port,
            self.till.emit,
            self.trace,
            stored_cursor=self.till.stored.get,
            fitting=self.fitting,
        )

    async def core_dies(self) -> None:
        """Its task ends in whatever it is doing; what is stored stays, a new one is ready."""
        task = self.running.pop()
        task.cancel()
        await asyncio.wait([task])
        self.driver = self.new_driver()

    def core_starts(self) -> None:
        self.running.append(self.group.create_task(self.driver.run()))

    async def online(self, times: int = 1) -> None:
        await self.till.until(lambda: len(self.till.of(DeviceOnline)) >= times)
        await self.till.until(lambda: bool(self.till.stored))

    async def offline(self, times: int = 1) -> None:
        await self.till.until(lambda: len(self.till.of(DeviceOffline)) >= times)

    async def accepting(self) -> None:
        await eventually(lambda: self.device.takes_coins)

    async def credited(self, *values: int) -> None:
        await self.till.until(lambda: len(self.till.credit) >= len(values))
        assert self.till.credit == list(values)

    def sent_since(self, at_s: float) -> list[str]:
        return [
            frame.meaning
            for frame in self.trace.frames()
            if frame.direction is Direction.SENT and frame.at_s >= at_s
        ]


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the physical world announces nothing
            await asyncio.sleep(0.05)


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def while_running(post: Post, story: Callable[[Post], Awaitable[None]]) -> None:
    async with post.group:
        post.running.append(post.group.create_task(post.device.run()))
        post.core_starts()
        await story(post)
        for task in post.running:
            task.cancel()


def play(
    story: Callable[[Post], Awaitable[None]],
    transport: Transport = NORMAL,
    *,
    has_echo: bool = True,
    fitting: AcceptorFitting | None = None,
) -> None:
    async def main() -> None:
        line = transport.line("coins", echo=has_echo)
        await while_running(Post(line, line.open_port, fitting), story)

    run_virtual(main())


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


# --- levels -------------------------------------------------------------------------------------


def test_the_newest_generation_wins_whatever_comes_late() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(THIRD)
        await post.accepting()
        post.driver.inhibit(SECOND)
        await asyncio.sleep(2)
        assert post.device.takes_coins
        post.driver.inhibit(THIRD)
        await asyncio.sleep(0.1)
        assert not post.device.takes_coins

    play(story)


def test_accept_before_the_device_is_there_holds_when_it_comes() -> None:
    async def story(post: Post) -> None:
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(5) == "accepted"
        await post.credited(5)

    play(story)


def test_inhibit_is_the_next_frame_on_the_wire_while_polling() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        for after_s in (1.0, 0.003, 0.011, 0.024, 0.2):
            await asyncio.sleep(after_s)
            asked_s = now_s()
            post.driver.inhibit(SECOND)
            await asyncio.sleep(0.08)
            assert post.sent_since(asked_s)[0] == "modify master inhibit"
            assert not post.device.takes_coins
            post.driver.accept(SECOND)
            await post.accepting()

    play(story)


def test_inhibit_goes_before_the_repetition_of_a_request_without_answer() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.line.fault(LineFault.SILENT)
        await eventually(lambda: post.sent_since(now_s() - 0.05) == ["read credit"])
        asked_s = now_s()
        post.driver.inhibit(SECOND)
        post.line.clear(LineFault.SILENT)
        await eventually(lambda: not post.device.takes_coins)
        assert post.sent_since(asked_s)[0] == "modify master inhibit"
        assert now_s() - asked_s < 0.3

    play(story)


def test_inhibit_goes_before_the_repetition_of_an_opening_without_answer() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(5)
        post.line.fault(LineFault.SILENT)
        post.driver.accept(FIRST)
        await eventually(lambda: post.sent_since(now_s() - 0.05) == ["modify inhibits"])
        asked_s = now_s()
        post.driver.inhibit(SECOND)
        await asyncio.sleep(0.2)
        post.line.clear(LineFault.SILENT)
        await asyncio.sleep(5)
        assert set(post.sent_since(asked_s)) == {"modify master inhibit", "read credit"}
        assert not post.device.takes_coins

    play(story)


def test_inhibit_pre_empts_identification() -> None:
    async def story(post: Post) -> None:
        post.driver.accept(FIRST)
        await eventually(lambda: "coin id" in post.sent_since(0.0))
        post.driver.inhibit(SECOND)
        await post.online()
        await asyncio.sleep(1.0)
        assert not post.device.takes_coins

    play(story)


def test_inhibit_in_the_middle_of_opening_is_not_overtaken() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(0.5)
        for after_s in (0.0, 0.005, 0.012, 0.02, 0.025, 0.03, 0.04):
            post.driver.accept(FIRST)
            await asyncio.sleep(after_s)
            post.driver.inhibit(FIRST)
            await asyncio.sleep(0.15)
            assert not post.device.takes_coins

    play(story)


def test_inhibited_acceptor_is_polled_once_a_second_and_accepting_five_times() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(5)
        start_s = now_s()
        await asyncio.sleep(8)
        assert 7 <= post.sent_since(start_s).count("read credit") <= 9
        post.driver.accept(FIRST)
        await post.accepting()
        start_s = now_s()
        await asyncio.sleep(8)
        assert 33 <= post.sent_since(start_s).count("read credit") <= 41

    play(story)


# --- what the device does by itself --------------------------------------------------------------


def test_a_device_reset_is_seen_and_its_masks_are_set_again() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)
        post.device.reset()
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200, 200)
        assert [event.code for event in post.till.of(DeviceIncident)] == ["coin_acceptor.reset"]
        assert [seen.cursor.epoch for seen in post.till.of(CoinSeen)] == [1, 2]

    play(story)


def test_a_power_cut_takes_the_device_offline_and_back() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)
        post.device.power_cut()
        assert await post.device.insert(200) == "returned"
        await post.offline()
        assert post.till.of(DeviceOffline)[0].trace
        await asyncio.sleep(5)
        post.device.power_on()
        await post.accepting()
        assert await post.device.insert(100) == "accepted"
        await post.credited(200, 100)

    play(story)


def test_a_coin_in_flight_when_the_power_goes_falls_back_to_the_customer() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        async with asyncio.TaskGroup() as group:
            coin = group.create_task(post.device.insert(200))
            await asyncio.sleep(0.3)
            post.device.power_cut()
            post.device.power_on()
        assert coin.result() == "returned"
        await post.accepting()
        assert post.till.credit == []

    play(story)


def test_masks_forgotten_without_a_trace_are_set_again_after_the_first_refusal() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        await asyncio.sleep(1)
        post.device._registers.masks = bytes(2)
        assert await post.device.insert(200) == "returned"
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


def test_the_watchdog_of_the_device_is_woken_after_a_stall_of_the_line() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.line.fault(LineFault.SILENT)
        await asyncio.sleep(1.3)
        assert not post.device.takes_coins
        post.line.clear(LineFault.SILENT)
        await post.accepting()
        assert post.till.of(DeviceOffline) == []

    play(story)


def test_more_events_than_the_device_keeps_are_reported_as_possibly_lost() -> None:
    async def story(post: Post) -> None:
        await post.online()
        for position in (1, 1, 2, 3, 4, 5, 6):
            post.device._registers.event(position, 0)
        await post.credited(10, 20, 50, 100, 200)
        moved = post.till.of(CoinCursorMoved)[-1]
        assert (moved.possibly_lost, moved.cursor.sequence) == (2, 2)
        assert post.till.of(DeviceIncident) == []

    play(story)


@pytest.mark.parametrize("tells_masks", [True, False])
def test_a_reset_followed_by_many_events_is_told_from_loss_by_the_masks(tells_masks: bool) -> None:
    async def story(post: Post) -> None:
        registers = post.device._registers
        await post.online()
        for position in (1, 2, 3, 4, 5):
            registers.event(position, 0)
        await post.credited(5, 10, 20, 50, 100)
        registers.forget()
        if not tells_masks:
            registers.masks = b""  # answered with no data, which is no answer
        for _ in range(20):
            registers.event(0, 1)
        await post.till.until(lambda: len(post.till.of(CoinRefused)) == 5)
        moved = post.till.of(CoinCursorMoved)[-1]
        assert (moved.cursor.epoch, moved.possibly_lost) == ((2, 15) if tells_masks else (1, 10))
        assert len(post.till.credit) == 5

    play(story)


def test_readings_that_never_agree_are_not_believed() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.device._registers.event(1, 0)
        await post.credited(5)

        async def never_the_same() -> None:
            while True:
                post.device._registers.counter = (post.device._registers.counter + 50) % 250
                await asyncio.sleep(0.01)

        chaos = post.group.create_task(never_the_same())
        await post.offline()
        chaos.cancel()
        assert "do not agree" in post.till.of(DeviceOffline)[0].reason
        assert post.till.credit == [5]

    play(story)


def test_a_reset_without_any_event_is_found_by_looking_at_the_masks() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        await asyncio.sleep(1)
        post.device._registers.forget()  # the counter was 0 and is 0
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


def test_hundreds_of_coins_pass_the_wrap_of_the_counter() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        for _ in range(300):
            assert await post.device.insert(5) == "accepted"
        await post.credited(*[5] * 300)
        last = post.till.of(CoinSeen)[-1].cursor
        assert (last.epoch, last.sequence, last.counter) == (1, 300, 45)

    play(story)


@pytest.mark.parametrize("kind", ["jam", "coils"])
def test_a_mechanical_fault_is_offline_until_the_self_check_is_clean(kind: str) -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.device.fault(kind)
        await post.offline()
        assert "self-check: fault" in post.till.of(DeviceOffline)[0].reason
        assert post.till.of(DeviceIncident)[-1].code == "coin_acceptor.fault"
        assert await post.device.insert(200) == "returned"
        await asyncio.sleep(3)
        post.device.clear(kind)
        await post.online(2)
        await post.accepting()
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


def test_a_fault_without_an_event_is_found_by_the_self_check_while_inhibited() -> None:
    async def story(post: Post) -> None:
        await post.online()
        await asyncio.sleep(1)
        post.device._registers.fault_code = 33
        await post.offline()
        assert "supply voltage" in post.till.of(DeviceOffline)[0].reason

    play(story)


def test_rejected_coins_are_refused_with_the_reason() -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.device.fault("rejecting")
        assert await post.device.insert(200) == "returned"
        assert await post.device.insert(3) == "returned"
        await post.till.until(lambda: len(post.till.of(CoinRefused)) == 2)
        post.device.clear("rejecting")
        assert await post.device.insert(200) == "accepted"
        await post.credited(200)

    play(story)


# --- broken lines -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [LineFault.SILENT, LineFault.GARBLED, LineFault.UNPLUGGED], ids=str
)
def test_a_broken_line_is_offline_once_and_online_again_when_repaired(kind: LineFault) -> None:
    async def story(post: Post) -> None:
        await post.online()
        post.driver.accept(FIRST)
        await post.accepting()
        post.line.fault(kind)
        await post.offline()
        await asyncio.sleep(40)
        assert len(post.till.of(DeviceOffline)) == 1
        post.line.clear(kind)
        await post.online(2)
        await post.accepting()
        assert await post.device.insert(10) == "accepted"
        await post.credited(10)

    play(story)


def test_a_slow_line_is_waited_for_and_its_late_answers_are_not_mixed_up() -> None:
    async def story(post: Post) -> None:
        post.line.fault(LineFault.SLOW)
        await post.online()
        for value in (5, 10, 20, 50, 100, 200):
            post.driver.accept(FIRST)
            await post.accepting()
            assert await post.device.insert(value) == "accepted"
            post.driver.inhibit(FIRST)
            await eventually(lambda: not post.device.takes_coins)
        await post.credited(5, 10, 20, 50, 100, 200)
        assert post.till.of(DeviceOffline) == []

    play(story)


def test_a_port_that_is_not_there_is_offline_and_retried_with_longer_pauses() -> None:
    async def story(post: Post) -> None:
        post.line.fault(LineFault.UNPLUGGED)
        await post.offline()
        assert now_s() == 0.0
        assert "no such device" in post.till.of(DeviceOffline)[0].reason
        await asyncio.sleep(100)
        post.line.clear(LineFault.UNPLUGGED)
        await post.online()
        assert now_s() < 100 + 31
        assert len(post.till.of(DeviceOffline)) == 1

    play(story)


def test_a_babbling_line_never_ends_the_driver_and_holds_no_memory() -> None:
    async def story(post: Post) -> None:
        noise = SeededEntropy(5)

        async def babble() -> None:
            while True:
                post.line.write(noise.token(200))
                await asyncio.sleep(0.2)

        async with asyncio.TaskGroup() as group:
            babbling = group.create_task(babble())
            await post.offline()
            await asyncio.sleep(300)
            babbling.cancel()
        post.driver.accept(FIRST)
        await post.accepting()
        assert await post.device.insert(10) == "accepted"
        await post.credited(10)

    play(story)


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
