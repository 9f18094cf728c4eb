"""The card reader's driver against the simulated reader, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import pytest

from chargepoint.domain.devices import (
    CardNotAuthentic,
    CardRemoved,
    CardUnreadable,
    DeviceEvent,
    DeviceIncident,
    DeviceOffline,
    DeviceOnline,
    ForeignCardRead,
    GreenCardRead,
)
from drivers.greencard.desfire import ApduStyle, FileMode
from drivers.greencard.driver import GreenCardReaderDriver
from drivers.greencard.tap import CardGeneration, CardProfile
from drivers.greencard.trace_text import mask_frames
from drivers.trace import Trace
from simulator.cards import (
    BENCH_PROFILE,
    CardSpec,
    bench_keystore,
    cloned_card,
    foreign_card,
    green_card,
)
from simulator.devices.card_reader import CardReaderDevice, Timing
from simulator.devices.virtual_card import VirtualCard
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.vtime import VirtualClock, run_virtual
from tests.support.transports import LOSS, NORMAL, UNPLUGGED_MIDWAY, Transport, on_every_transport

SPEC = CardSpec.from_scenario("GC-1")
READ = GreenCardRead(SPEC.number, SPEC.uid.hex().upper())
TAP_BUDGET_S = 0.5
SLOWEST_READER = Timing(ack_s=0.015, answer_s=0.004, activation_s=0.03)


@dataclass
class Bench:
    """A driver and its reader on one line; `events` with the time each came."""

    transport: Transport
    profile: CardProfile
    timing: Timing | None
    seed: int
    events: list[tuple[float, DeviceEvent]] = field(default_factory=list)

    def connect(self) -> None:
        """Within the running loop."""
        clock = VirtualClock()
        self.news = asyncio.Event()
        self.entropy = SeededEntropy(self.seed)
        self.line = self.transport.line("card_reader", baudrate=115_200, seed=self.seed)
        self.trace = Trace("card_reader", clock.monotonic, mask=mask_frames)
        self.reader = CardReaderDevice(self.line, timing=self.timing)
        self.driver = GreenCardReaderDriver(
            self.line.open_port,
            self.note,
            self.trace,
            clock=clock,
            entropy=self.entropy,
            keystore=bench_keystore(),
            profile=self.profile,
        )

    def cards(self) -> list[DeviceEvent]:
        aside = (DeviceOnline, DeviceOffline, DeviceIncident)
        return [event for _, event in self.events if not isinstance(event, aside)]

    def kinds(self) -> list[type[DeviceEvent]]:
        return [type(event) for _, event in self.events]

    def times_of(self, kind: type[DeviceEvent]) -> list[float]:
        return [at for at, event in self.events if type(event) is kind]

    def note(self, event: DeviceEvent) -> None:
        self.events.append((asyncio.get_running_loop().time(), event))
        self.news.set()

    async def until(self, kind: type[DeviceEvent], count: int = 1, limit_s: float = 60.0) -> float:
        """When the `count`th event of a kind came."""
        async with asyncio.timeout(limit_s):
            while len(found := self.times_of(kind)) < count:
                self.news.clear()
                await self.news.wait()
        return found[count - 1]


Story = Callable[[Bench], Awaitable[None]]


def play(
    story: Story,
    *,
    transport: Transport = NORMAL,
    profile: CardProfile = BENCH_PROFILE,
    timing: Timing | None = None,
    armed: bool = True,
    seed: int = 1,
) -> Bench:
    bench = Bench(transport, profile, timing, seed)

    async def main() -> None:
        bench.connect()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(bench.reader.run()), group.create_task(bench.driver.run())]
            if armed:
                bench.driver.arm()
            await story(bench)
            for task in tasks:
                task.cancel()

    run_virtual(main())
    return bench


def genuine(bench: Bench, profile: CardProfile = BENCH_PROFILE) -> VirtualCard:
    return green_card(SPEC, bench.entropy, profile=profile)


# --- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("generation", list(CardGeneration))
@pytest.mark.parametrize("mode", list(FileMode))
@pytest.mark.parametrize("style", list(ApduStyle))
def test_green_card_held_to_the_reader_gives_its_number(
    style: ApduStyle, mode: FileMode, generation: CardGeneration
) -> None:
    profile = replace(BENCH_PROFILE, style=style, file_mode=mode, generation=generation)

    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        await bench.reader.tap(genuine(bench, profile))
        await bench.until(CardRemoved)

    assert play(story, profile=profile).cards() == [READ, CardRemoved()]


def test_green_card_is_read_within_the_tap_budget_by_a_slow_reader() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        bench.reader.present(genuine(bench))
        assert await bench.until(GreenCardRead) - 1 < TAP_BUDGET_S

    play(story, timing=SLOWEST_READER)


def test_driver_comes_online_with_the_readers_firmware() -> None:
    async def story(bench: Bench) -> None:
        await bench.until(DeviceOnline)

    _, online = play(story).events[0]
    assert isinstance(online, DeviceOnline)
    assert online.firmware == "PN532 v1.6"


@on_every_transport
def test_green_card_is_read_on_every_line_in_the_end(transport: Transport) -> None:
    async def story(bench: Bench) -> None:
        await bench.until(DeviceOnline)
        await asyncio.sleep(0.3)
        bench.reader.present(genuine(bench))
        await asyncio.sleep(0.06)  # in the middle of the authentication
        await transport.disturb(bench.line)
        await bench.until(GreenCardRead)
        bench.reader.remove()
        await bench.until(CardRemoved)

    cards = play(story, transport=transport).cards()
    assert READ in cards
    if transport is not LOSS:  # there a damaged exchange may look like a restless hand
        assert cards == [READ, CardRemoved()]


@pytest.mark.parametrize("seed", range(20))
def test_line_that_loses_bytes_never_makes_a_genuine_card_a_copy(seed: int) -> None:
    async def story(bench: Bench) -> None:
        bench.reader.present(genuine(bench))
        await asyncio.sleep(20)

    bench = play(story, transport=LOSS, seed=seed)
    assert CardNotAuthentic not in bench.kinds()
    assert ForeignCardRead not in bench.kinds()


# --- other cards --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uid",
    ["04A1B2C3D4E5F6", "DEADBEEF", "08112233", "04112233445566778899"],
    ids=["desfire", "memory", "telephone", "triple_size"],
)
def test_card_without_our_application_is_foreign(uid: str) -> None:
    async def story(bench: Bench) -> None:
        await bench.reader.tap(foreign_card(bytes.fromhex(uid), bench.entropy))
        await bench.until(CardRemoved)

    assert play(story).cards() == [ForeignCardRead(uid), CardRemoved()]


@pytest.mark.parametrize("generation", list(CardGeneration))
def test_copied_card_is_not_authentic(generation: CardGeneration) -> None:
    profile = replace(BENCH_PROFILE, generation=generation)

    async def story(bench: Bench) -> None:
        await bench.reader.tap(cloned_card(SPEC.uid, bench.entropy, profile=profile))
        await bench.until(CardRemoved)

    bench = play(story, profile=profile)
    assert bench.cards() == [CardNotAuthentic(SPEC.uid.hex().upper()), CardRemoved()]


def test_card_whose_application_lacks_our_key_is_not_authentic() -> None:
    issued = replace(BENCH_PROFILE, key_number=5)

    async def story(bench: Bench) -> None:
        await bench.reader.tap(green_card(SPEC, bench.entropy, profile=issued))
        await bench.until(CardRemoved)

    assert play(story).cards() == [CardNotAuthentic(READ.uid), CardRemoved()]


def test_genuine_card_without_its_file_is_unreadable_and_an_incident() -> None:
    issued = replace(BENCH_PROFILE, file_number=9)

    async def story(bench: Bench) -> None:
        await bench.reader.tap(green_card(SPEC, bench.entropy, profile=issued))
        await bench.until(CardRemoved)

    bench = play(story)
    assert bench.cards() == [CardUnreadable(), CardRemoved()]
    incidents = [event for _, event in bench.events if isinstance(event, DeviceIncident)]
    assert [incident.code for incident in incidents] == ["card_reader.misissued"]


# --- the hand -----------------------------------------------------------------------------------


@pytest.mark.parametrize("hold_ms", range(25, 100, 5))
def test_card_torn_away_while_it_is_read_is_unreadable_once(hold_ms: int) -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        await bench.reader.tap(genuine(bench), hold_s=hold_ms / 1000)
        await bench.until(CardRemoved)
        await asyncio.sleep(2)

    assert play(story).cards() == [CardUnreadable(), CardRemoved()]


def test_card_that_slips_and_comes_back_at_once_is_read() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        card = genuine(bench)
        await bench.reader.tap(card, hold_s=0.05)
        bench.reader.present(card)
        await bench.until(GreenCardRead)

    assert play(story).cards() == [READ]


def test_glimpse_too_short_to_activate_the_card_is_no_tap() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        await bench.reader.tap(genuine(bench), hold_s=0.01)
        await asyncio.sleep(2)
        await bench.reader.tap(genuine(bench))
        await bench.until(CardRemoved)

    assert play(story).cards() == [READ, CardRemoved()]


def test_two_taps_are_two_events() -> None:
    async def story(bench: Bench) -> None:
        for tap in (1, 2):
            await bench.reader.tap(genuine(bench))
            await bench.until(CardRemoved, tap)

    assert play(story).cards() == [READ, CardRemoved(), READ, CardRemoved()]


def test_card_left_on_the_reader_is_one_event_however_long() -> None:
    async def story(bench: Bench) -> None:
        bench.reader.present(genuine(bench))
        await asyncio.sleep(600)

    assert play(story).cards() == [READ]


def test_telephone_that_draws_a_new_uid_at_each_look_is_one_event() -> None:
    async def story(bench: Bench) -> None:
        phone = foreign_card(bytes.fromhex("08000000"), bench.entropy)
        bench.reader.present(phone)
        for turn in range(20):
            await asyncio.sleep(0.2)
            phone.uid = bytes([8, 0, 0, turn])

    assert len(play(story).cards()) == 1


def test_another_card_laid_down_after_the_first_is_read_without_a_pause_between() -> None:
    async def story(bench: Bench) -> None:
        bench.reader.present(genuine(bench))
        await bench.until(GreenCardRead)
        bench.reader.present(foreign_card(bytes.fromhex("DEADBEEF"), bench.entropy))
        await bench.until(ForeignCardRead)

    assert play(story).cards() == [READ, CardRemoved(), ForeignCardRead("DEADBEEF")]


# --- arming -------------------------------------------------------------------------------------


def test_disarmed_reader_says_nothing_and_reads_the_waiting_card_when_armed() -> None:
    async def story(bench: Bench) -> None:
        bench.reader.present(genuine(bench))
        await asyncio.sleep(30)
        assert bench.cards() == []
        bench.driver.arm()
        await bench.until(GreenCardRead)

    assert play(story, armed=False).cards() == [READ]


def test_disarming_stops_the_search_at_once() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        bench.driver.disarm()
        await asyncio.sleep(0.1)
        await bench.reader.tap(genuine(bench))
        await asyncio.sleep(5)

    bench = play(story)
    assert bench.cards() == []
    assert any("> 00 00 FF 00 FF 00" in line for line in bench.trace.tail(500))


def test_disarming_while_a_card_is_read_swallows_its_event_until_armed_again() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        bench.reader.present(genuine(bench))
        await asyncio.sleep(0.05)
        bench.driver.disarm()
        await asyncio.sleep(5)
        assert bench.cards() == []
        bench.driver.arm()
        await bench.until(GreenCardRead)

    assert play(story).cards() == [READ]


# --- trouble with the reader --------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [LineFault.SILENT, LineFault.GARBLED, LineFault.SLOW, LineFault.UNPLUGGED]
)
def test_faulty_reader_is_offline_once_with_its_trace_and_comes_back(fault: LineFault) -> None:
    async def story(bench: Bench) -> None:
        await bench.until(DeviceOnline)
        await asyncio.sleep(1)
        bench.line.fault(fault)
        await bench.until(DeviceOffline, limit_s=15)
        bench.line.clear(fault)
        await bench.until(DeviceOnline, count=2)
        await bench.reader.tap(genuine(bench), hold_s=1)
        await bench.until(GreenCardRead)

    bench = play(story)
    offline = [event for _, event in bench.events if isinstance(event, DeviceOffline)]
    assert len(offline) == 1
    assert offline[0].reason
    assert offline[0].trace


def test_reader_silent_from_the_start_is_reported_once_and_asked_ever_less_often() -> None:
    async def story(bench: Bench) -> None:
        bench.line.fault(LineFault.SILENT)
        await asyncio.sleep(300)

    bench = play(story)
    assert bench.kinds() == [DeviceOffline]
    assert len(bench.trace.frames()) < 50


def test_reader_unplugged_while_a_read_card_lies_on_it_gives_no_second_event() -> None:
    async def story(bench: Bench) -> None:
        bench.reader.present(genuine(bench))
        await bench.until(GreenCardRead)
        await UNPLUGGED_MIDWAY.disturb(bench.line)
        await bench.until(DeviceOnline, count=2)
        await asyncio.sleep(3)
        bench.reader.remove()
        await bench.until(CardRemoved)

    assert play(story).cards() == [READ, CardRemoved()]


def test_after_a_long_outage_the_card_is_gone_and_may_come_again() -> None:
    async def story(bench: Bench) -> None:
        bench.reader.present(genuine(bench))
        await bench.until(GreenCardRead)
        await UNPLUGGED_MIDWAY.disturb(bench.line, away_s=60)
        await bench.until(GreenCardRead, count=2)

    assert play(story).cards() == [READ, CardRemoved(), READ]


def test_reader_that_lost_its_power_is_woken_and_configured_again() -> None:
    async def story(bench: Bench) -> None:
        await asyncio.sleep(1)
        bench.reader.power_cycle()
        await bench.until(DeviceOnline, count=2)
        await bench.reader.tap(genuine(bench))
        await bench.until(GreenCardRead)

    assert DeviceOffline in play(story).kinds()


# --- secrets ------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", list(ApduStyle))
def test_trace_shows_neither_number_nor_uid_nor_anything_of_the_authentication(
    style: ApduStyle,
) -> None:
    profile = replace(BENCH_PROFILE, style=style)

    async def story(bench: Bench) -> None:
        await bench.reader.tap(genuine(bench, profile))
        await bench.until(CardRemoved)

    text = "\n".join(play(story, profile=profile).trace.tail(500))
    in_hex = SPEC.number.encode().hex(" ").upper()
    assert in_hex[:11] not in text
    assert SPEC.uid.hex(" ").upper()[:14] not in text
    assert "card: authenticate aes" in text
    longest = max(len(run.replace(" ", "")) // 2 for run in text.replace("\n", "*").split("*"))
    assert longest < 70  # time, arrow, header; no sixteen bytes in a row behind it
    authentication = [line for line in text.splitlines() if "additional frame" in line]
    assert authentication
    assert all(line.count("**") >= 32 for line in authentication)


def test_same_seed_gives_the_same_trace_byte_for_byte() -> None:
    async def story(bench: Bench) -> None:
        await bench.reader.tap(genuine(bench))
        await bench.until(CardRemoved)

    assert play(story).trace.frames() == play(story).trace.frames()
