"""The note validator's driver against the simulated device, in virtual time, on every line."""

import asyncio
from pathlib import Path

import pytest

from chargepoint.domain.devices import DeviceOffline, DeviceOnline
from chargepoint.domain.payments import NoteCursor, NoteInEscrow, NoteReturned
from chargepoint.domain.units import Minor
from chargepoint.payment_ports import NoteValidator
from chargepoint.ports import DeviceUnavailable
from drivers.cctalk.codec import Decoder, Frame, Header, encode
from drivers.cctalk.notes import NoteFitting, NoteValidatorDriver
from drivers.serial_port import serial_opener
from drivers.trace import Trace
from simulator.devices.note_validator import EURO_NOTES, SimulatedNoteValidator
from simulator.entropy import SeededEntropy
from simulator.pipes import Line, PtyLine
from tests.support.note_post import FIRST, SECOND, SMALL, THIRD, NotePost, eventually, now_s, play
from tests.support.transports import Transport, on_every_transport

# --- every line ---------------------------------------------------------------------------------


@on_every_transport
def test_every_stacked_note_is_credited_once(transport: Transport) -> None:
    async def story(post: NotePost) -> None:
        await post.online()
        post.driver.accept(FIRST, SMALL)
        await post.accepting()
        note = post.group.create_task(post.device.insert(1000))
        await eventually(lambda: post.device.holds_note)
        await transport.disturb(post.line)
        fate = await note
        await post.online(1 + transport.is_unplugged_midway)
        await post.accepting()
        # A decision lost twice is not told a third time: that note comes back after 30 s.
        while await post.device.insert(500) == "returned":
            assert transport.name == "loss"
        await post.credited(*post.device.stacker_minor)
        assert (fate == "stacked") is (1000 in post.till.credit)

    play(story, transport)


@on_every_transport
def test_what_is_not_wanted_goes_back_and_nothing_is_credited(transport: Transport) -> None:
    async def story(post: NotePost) -> None:
        await post.online()
        assert await post.device.insert(500) == "returned"
        post.driver.accept(FIRST, SMALL)
        await post.accepting()
        assert await post.device.insert(5000) == "returned"
        await transport.disturb(post.line)
        await post.online(1 + transport.is_unplugged_midway)
        await post.accepting()
        post.till.wanted = frozenset()
        assert await post.device.insert(2000) == "returned"
        await post.till.until(lambda: bool(post.till.of(NoteReturned)))
        post.driver.inhibit(SECOND)
        await eventually(lambda: not post.device.takes_notes)
        assert await post.device.insert(500) == "returned"
        assert post.till.credit == []

    play(story, transport)


@on_every_transport
def test_notes_balance_across_many_deaths_of_the_core(transport: Transport) -> None:
    async def story(post: NotePost) -> None:
        entropy = SeededEntropy(5)
        for times in range(1, 9):
            await post.online(times)
            post.driver.accept(FIRST, SMALL)
            await post.accepting()
            note = post.group.create_task(post.device.insert((500, 1000, 2000)[entropy.below(3)]))
            await asyncio.sleep(entropy.below(3500) / 1000)
            post.kill()
            await asyncio.sleep(entropy.below(4))
            post.start()
            await note
        await post.credited(*post.device.stacker_minor)
        assert post.till.incidents() == []

    play(story, transport)


# --- identity and gate --------------------------------------------------------------------------


def test_driver_is_a_note_validator_and_says_who_is_there() -> None:
    async def story(post: NotePost) -> None:
        driver: NoteValidator = post.driver
        assert driver is post.driver
        await post.online()
        (online,) = post.till.of(DeviceOnline)
        assert (online.serial, online.firmware) == ("4030201", "SIM NV-1 1.0")
        assert post.till.stored["4030201"] == NoteCursor("4030201", 1, 0, 0, bytes(10))
        assert now_s() < 1.5

    play(story)


@pytest.mark.parametrize("is_crc", [True, False])
@pytest.mark.parametrize("crc", [True, False, None])
def test_frame_format_is_as_fitted_or_found_out(crc: bool | None, is_crc: bool) -> None:
    async def story(post: NotePost) -> None:
        if crc not in {None, is_crc}:
            await post.offline()
            assert post.till.of(DeviceOnline) == []
            return
        await post.online()
        post.driver.accept(FIRST, SMALL)
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)

    play(
        story,
        fitting=NoteFitting(crc=crc),
        make_device=lambda line: SimulatedNoteValidator(line, crc=is_crc),
    )


def test_only_wanted_values_are_let_in_and_foreign_money_never_is() -> None:
    async def story(post: NotePost) -> None:
        await post.online()
        everything = frozenset(Minor(value) for value in (500, 1000, 2000, 5000, 10_000, 777))
        post.driver.accept(FIRST, everything)
        await post.accepting()
        assert " E7 1F 00 " in post.sent("modify inhibits")[-1]
        post.driver.accept(SECOND, frozenset({Minor(2000)}))
        await eventually(lambda: " E7 04 00 " in post.sent("modify inhibits")[-1])
        assert await post.device.insert(1000) == "returned"
        assert await post.device.insert(1000, "GB") == "returned"
        assert await post.device.insert(2000) == "stacked"
        await post.credited(2000)
        reasons = [fact.reason for fact in post.till.of(NoteReturned)]
        assert reasons == ["inhibited", "inhibited"]

    play(story)


def test_newest_level_wins_and_older_ones_are_ignored() -> None:
    async def story(post: NotePost) -> None:
        await post.online()
        post.driver.inhibit(THIRD)
        post.driver.accept(FIRST, SMALL)
        await asyncio.sleep(3)
        assert not post.device.takes_notes
        post.driver.accept(THIRD, SMALL)
        await post.accepting()

    play(story)


def test_gate_that_flaps_ends_where_it_is_wanted_and_events_are_still_read() -> None:
    async def story(post: NotePost) -> None:
        await post.online()
        for _ in range(60):
            post.driver.accept(FIRST, SMALL)
            await asyncio.sleep(0.03)
            post.driver.inhibit(FIRST)
            await asyncio.sleep(0.03)
        assert len(post.sent("read bill events")) > 5
        post.driver.accept(FIRST, SMALL)
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)

    play(story)


class OtherDevice:
    """Something else at address 40: answers what `answers` has, and is silent to the rest."""

    def __init__(self, line: Line, answers: dict[int, bytes]) -> None:
        self.line = line
        self.answers = answers

    async def run(self) -> None:
        decoder = Decoder(crc=True)
        while True:
            for frame in decoder.feed(await self.line.read()):
                if isinstance(frame, Frame) and frame.header in self.answers:
                    self.line.write(encode(Frame(1, None, 0, self.answers[frame.header])))


COMMON = {
    Header.SIMPLE_POLL: b"",
    Header.MODIFY_MASTER_INHIBIT: b"",
    Header.MODIFY_INHIBITS: b"",
    Header.MODIFY_OPERATING_MODE: b"",
    Header.SERIAL_NUMBER: b"\x01\x02\x00",
    Header.EQUIPMENT_CATEGORY: b"Bill_Acceptor",
    Header.COUNTRY_SCALING: b"\x64\x00\x02",
    Header.READ_BILL_EVENTS: bytes(11),
    Header.SELF_CHECK: b"\x00",
}


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({Header.EQUIPMENT_CATEGORY: b"Coin Acceptor"}, "a 'Coin Acceptor' answers"),
        ({Header.COUNTRY_SCALING: bytes(3)}, "does not know the country EU"),
        ({Header.BILL_ID: b"GB0010A"}, "no note of EU"),
        ({}, "no note of EU"),
    ],
)
def test_another_device_is_offline_with_its_name(answers: dict[int, bytes], reason: str) -> None:
    async def story(post: NotePost) -> None:
        await post.offline()
        assert reason in post.till.of(DeviceOffline)[0].reason

    play(story, make_device=lambda line: OtherDevice(line, {**COMMON, **answers}))  # type: ignore[arg-type,return-value]


def test_simulated_notes_are_those_of_the_euro_and_one_foreign() -> None:
    assert sorted(bill[:2] for bill in EURO_NOTES.values()) == ["EU"] * 5 + ["GB"]


def test_a_decision_without_a_note_is_refused() -> None:
    async def story(post: NotePost) -> None:
        with pytest.raises(DeviceUnavailable, match="no note in escrow"):
            await post.driver.stack()
        await post.online()
        with pytest.raises(DeviceUnavailable, match="no note in escrow"):
            await post.driver.give_back()

    play(story)


def test_a_decision_once_told_stands() -> None:
    async def story(post: NotePost) -> None:
        await post.online()
        post.driver.accept(FIRST, SMALL)
        await post.accepting()
        note = post.group.create_task(post.device.insert(500))
        await post.till.until(lambda: bool(post.till.of(NoteInEscrow)))
        await eventually(lambda: bool(post.sent("route bill")))
        with pytest.raises(DeviceUnavailable, match="no note"):
            await post.driver.give_back()
        assert await note == "stacked"
        await post.credited(500)

    play(story)


# --- a real pseudo-terminal ----------------------------------------------------------------------


def test_a_validator_is_online_over_a_pseudo_terminal(tmp_path: Path) -> None:
    async def main() -> None:
        # Without pacing: this is about the terminal, and tests do not wait.
        line = PtyLine(tmp_path / "notes", SeededEntropy(1), baudrate=0, echo=True)
        device = SimulatedNoteValidator(line)
        online = asyncio.Event()
        driver = NoteValidatorDriver(
            serial_opener(str(line.path), 9600),
            lambda fact: online.set() if isinstance(fact, DeviceOnline) else None,
            Trace("notes", asyncio.get_running_loop().time),
            stored_cursor=lambda _serial: None,
        )
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(device.run()), group.create_task(driver.run())]
            await asyncio.wait_for(online.wait(), 5)
            driver.accept(FIRST, SMALL)
            await eventually(lambda: device.takes_notes)
            for task in running:
                task.cancel()
        line.close()

    asyncio.run(main())
