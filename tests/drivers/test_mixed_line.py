"""Both ccTalk frame formats on one line: a note validator with CRC beside devices with checksums.

Both formats count their bytes in the same place, so whoever is not meant skips a frame whole; and
who is meant is told by the first byte, before any checksum (specification part 1 §7, part 3).
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chargepoint.domain.devices import CoinSeen, DeviceOffline, DeviceOnline
from chargepoint.domain.payments import NoteInEscrow, NoteStacked
from chargepoint.domain.units import Generation, Minor
from chargepoint.ports import DeviceUnavailable
from drivers.cctalk.codec import COIN_ACCEPTOR, Decoder, Frame, Garbage, Header, encode
from drivers.cctalk.driver import CoinAcceptorDriver
from drivers.cctalk.hopper import HopperDriver, HopperFitting
from drivers.cctalk.notes import NoteValidatorDriver
from drivers.shared_line import SharedLine
from drivers.trace import Trace
from simulator.devices.coin_acceptor import SimulatedCoinAcceptor
from simulator.devices.hopper import SimulatedHopper
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.shared_bus import SharedBus
from simulator.vtime import run_virtual
from tests.support.transports import NORMAL, UNPLUGGED_MIDWAY, Transport, on_every_transport

LONG_S = 120
FIVE = frozenset({Minor(500)})


class Till:
    """Acceptor, validator and hopper with their drivers, all on one line."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.line = transport.line("till", echo=True)
        bus = SharedBus(self.line)
        self.coins = SimulatedCoinAcceptor(bus.member())
        self.notes = SimulatedNoteValidator(bus.member())
        self.bowl = SimulatedHopper(bus.member(), coins=50, value_minor=100, serial=100, address=3)
        self.said: list[object] = []
        shared = SharedLine(self.line.open_port)
        trace = Trace("till", asyncio.get_running_loop().time)
        open_port, told = shared.open_port, self.hear
        self.acceptor = CoinAcceptorDriver(open_port, told, trace, stored_cursor=lambda _: None)
        self.validator = NoteValidatorDriver(open_port, told, trace, stored_cursor=lambda _: None)
        self.hopper = HopperDriver(
            open_port, told, trace, value=Minor(100), fitting=HopperFitting(address=3)
        )
        self.to_keep = asyncio.Event()

    def hear(self, fact: object) -> None:
        self.said.append(fact)
        if isinstance(fact, NoteInEscrow):
            self.to_keep.set()

    async def decide(self) -> None:
        """Every note is wanted; one that has left meanwhile is no trouble."""
        while True:
            await self.to_keep.wait()
            self.to_keep.clear()
            try:
                await self.validator.stack()
            except DeviceUnavailable:
                continue

    def seen(self, kind: type[CoinSeen] | type[NoteStacked]) -> int:
        return sum(each.value for each in self.said if isinstance(each, kind))

    async def pays(self, coins: int) -> int:
        for number in range(40):
            try:
                mark = await self.hopper.mark(coins, f"P{number}")
            except DeviceUnavailable:
                await asyncio.sleep(3)
                continue
            try:
                return (await self.hopper.pay(mark)).paid
            except DeviceUnavailable:
                while True:
                    await asyncio.sleep(3)
                    try:
                        return (await self.hopper.verify(mark)).paid
                    except DeviceUnavailable:
                        continue
        raise AssertionError("never connected")


def at_the_till(story: Callable[[Till], Awaitable[None]], transport: Transport = NORMAL) -> None:
    async def live() -> None:
        till = Till(transport)
        parts = (till.coins, till.notes, till.bowl, till.acceptor, till.validator, till.hopper)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(part.run()) for part in parts]
            running.append(tasks.create_task(till.decide()))
            till.acceptor.accept(Generation(1))
            till.validator.accept(Generation(1), FIVE)
            await asyncio.sleep(40)
            await story(till)
            for task in running:
                task.cancel()

    run_virtual(live())


@on_every_transport
def test_coins_notes_and_change_pass_side_by_side(transport: Transport) -> None:
    async def story(till: Till) -> None:
        async def coins() -> None:
            for value in (200, 100, 50):
                while await till.coins.insert(value) != "accepted":  # noqa: ASYNC110 - a customer
                    await asyncio.sleep(2)
                await till.transport.disturb(till.line)

        async def notes() -> None:
            while await till.notes.insert(500) != "stacked":  # noqa: ASYNC110 - a customer
                await asyncio.sleep(2)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(coins())
            tasks.create_task(notes())
            paid = tasks.create_task(till.pays(3))
        await asyncio.sleep(LONG_S)
        assert till.seen(CoinSeen) == 350
        assert till.seen(NoteStacked) == 500
        assert till.bowl.paid_out == paid.result()
        if transport is NORMAL:
            assert paid.result() == 3

    at_the_till(story, transport)


def test_nobody_misses_an_answer_because_of_the_others_format() -> None:
    async def story(till: Till) -> None:
        await asyncio.sleep(LONG_S)
        assert not [each for each in till.said if isinstance(each, DeviceOffline)]
        assert len([each for each in till.said if isinstance(each, DeviceOnline)]) == 3
        assert not till.coins.bad_checksums, "a frame for another is not a damaged one"

    at_the_till(story)


def test_line_that_is_lost_is_found_again_in_both_formats() -> None:
    async def story(till: Till) -> None:
        await till.transport.disturb(till.line, away_s=5)
        await asyncio.sleep(LONG_S)
        assert len([each for each in till.said if isinstance(each, DeviceOnline)]) >= 6
        assert await till.pays(1) == 1

    at_the_till(story, UNPLUGGED_MIDWAY)


@pytest.mark.parametrize("kind", range(256))
def test_device_with_checksums_skips_every_frame_with_crc(kind: int) -> None:
    """Whatever the payload looks like: it is skipped whole, and the next request is heard."""
    decoder = Decoder(listens_as=COIN_ACCEPTOR)
    foreign = encode(Frame(40, None, Header.BILL_ID, bytes([kind, 2, 0, 1, 254])))
    ours = Frame(COIN_ACCEPTOR, 1, Header.SIMPLE_POLL)
    found = decoder.feed(foreign + encode(ours))
    assert [each for each in found if not isinstance(each, Garbage)] == [ours]
    assert decoder.held == 0
