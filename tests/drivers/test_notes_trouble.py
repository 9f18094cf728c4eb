"""A note validator in trouble: what is lost on the line, broken in the device, or cut off midway."""

import asyncio

import pytest

from chargepoint.domain.devices import DeviceIncident, DeviceOffline, DeviceOnline
from chargepoint.domain.payments import NoteCursorMoved, NoteInEscrow, NoteReturned
from drivers.cctalk import note_codes as codes
from drivers.cctalk.codec import Header
from simulator.devices.note_commands import NoteRegisters
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.line_faults import LineFault
from simulator.pipes import Line
from tests.support.cut_port import Loss
from tests.support.note_post import FIRST, SECOND, SMALL, NotePost, eventually, now_s, play

Inserting = asyncio.Task[str]


async def ready(post: NotePost) -> None:
    await post.online()
    post.driver.accept(FIRST, SMALL)
    await post.accepting()


def registers(post: NotePost) -> NoteRegisters:
    return post.device._registers


# --- one exchange goes wrong, each in turn ------------------------------------------------------

EXCHANGES = 30  # from the note's insertion until it is credited, with a margin


def one_note(post: NotePost, at: int, loss: Loss | None = None, kind: str = "") -> Inserting:
    """Insert a note; at the `at`-th request from now something happens."""

    def restart() -> None:
        post.kill()
        post.start()
        post.driver.accept(FIRST, SMALL)

    def unplug() -> None:
        post.line.fault(LineFault.UNPLUGGED)
        asyncio.get_running_loop().call_later(0.3, post.line.clear, LineFault.UNPLUGGED)

    def cut() -> None:
        post.device.power_cut()
        asyncio.get_running_loop().call_later(1.0, post.device.power_on)

    acts = {"": lambda: None, "restart": restart, "unplug": unplug, "cut": cut}
    post.trip.set(at, loss, acts[kind])
    return post.group.create_task(post.device.insert(1000))


@pytest.mark.parametrize("loss", list(Loss))
@pytest.mark.parametrize("at", range(1, EXCHANGES))
def test_a_lost_request_or_reply_neither_loses_nor_doubles_a_note(at: int, loss: Loss) -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        assert await one_note(post, at, loss) == "stacked"
        await post.credited(1000)
        await asyncio.sleep(2)
        assert post.till.credit == [1000]
        assert len(post.sent("route bill")) <= 2

    play(story)


@pytest.mark.parametrize("kind", ["restart", "unplug"])
@pytest.mark.parametrize("at", range(1, EXCHANGES))
def test_a_death_of_the_core_or_of_the_line_neither_loses_nor_doubles_a_note(
    at: int, kind: str
) -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        fate = await one_note(post, at, kind=kind)
        await asyncio.sleep(3)
        assert post.till.credit == ([1000] if fate == "stacked" else [])
        assert post.till.incidents() == []

    play(story)


@pytest.mark.parametrize("at", range(1, EXCHANGES))
def test_a_power_cut_of_the_validator_never_doubles_a_note_and_tells_what_it_hides(at: int) -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        fate = await one_note(post, at, kind="cut")
        await asyncio.sleep(60)
        kept = [1000] if fate == "stacked" else []
        assert post.till.credit == kept or (
            post.till.credit == [] and "note_validator.reset" in post.till.incidents()
        )
        assert await post.device.insert(500) == "stacked"
        await asyncio.sleep(2)
        assert post.till.credit[-1] == 500

    play(story)


# --- escrow -------------------------------------------------------------------------------------


def test_a_note_nobody_decides_about_is_held_longer_and_then_comes_back() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.till.wanted = None
        began_s = now_s()
        assert await post.device.insert(500) == "returned"
        assert 80 < now_s() - began_s < 110
        assert [frame.split()[4] for frame in post.sent("route bill")] == ["FF"] * 3
        await post.till.until(lambda: bool(post.till.of(NoteReturned)))
        assert post.till.credit == []

    play(story)


def test_a_late_decision_still_counts() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.till.wanted = None
        note = post.group.create_task(post.device.insert(500))
        await asyncio.sleep(45)
        post.till.wanted = SMALL
        post.till.notify()
        assert await note == "stacked"
        await post.credited(500)

    play(story)


def test_a_lost_decision_is_repeated_once_after_five_seconds() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        note = post.group.create_task(post.device.insert(500))
        await post.till.until(lambda: bool(post.till.of(NoteInEscrow)))
        began_s = now_s()
        post.trip.set(1, Loss.REQUEST)
        assert await note == "stacked"
        assert 5 < now_s() - began_s < 8
        await post.credited(500)
        assert len(post.sent("route bill")) == 2

    play(story)


def test_a_route_that_fails_is_an_incident_and_the_note_comes_back() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        registers(post).decide = lambda _payload, _now_s: b"\xff"  # type: ignore[method-assign, assignment]
        assert await post.device.insert(500) == "returned"
        await post.till.until(lambda: bool(post.till.of(NoteReturned)))
        assert post.till.incidents() == ["note_validator.route"]
        assert post.till.credit == []

    play(story)


def test_after_a_restart_a_note_in_escrow_is_announced_again_with_the_same_sequence() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.till.wanted = None
        note = post.group.create_task(post.device.insert(500))
        await post.till.until(lambda: bool(post.till.of(NoteInEscrow)))
        post.kill()
        await asyncio.sleep(1)
        post.start()
        await post.till.until(lambda: len(post.till.of(NoteInEscrow)) == 2)
        first, second = post.till.of(NoteInEscrow)
        assert first == second
        post.till.wanted = frozenset()
        post.till.notify()
        assert await note == "returned"
        await post.till.until(lambda: bool(post.till.of(NoteReturned)))
        assert post.till.credit == []

    play(story)


def test_a_note_stacked_while_the_core_was_away_is_credited_first() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        note = post.group.create_task(post.device.insert(500))
        await eventually(lambda: bool(post.sent("route bill")))
        await asyncio.sleep(0.1)
        post.kill()
        assert await note == "stacked"
        assert post.till.credit == []
        post.start()
        await post.credited(500)
        assert len(post.till.of(NoteInEscrow)) == 1

    play(story)


def test_foreign_money_and_coupons_in_escrow_go_back_with_an_incident() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        for kind in (6, codes.BARCODE):
            registers(post).hold(kind, now_s())
            await eventually(lambda: registers(post).route == 0)
            registers(post).release()
            registers(post).event(0, codes.RETURNED)
            await asyncio.sleep(1)
        assert post.till.incidents() == ["note_validator.unknown_note"] * 2
        assert post.till.of(NoteInEscrow) == []

    play(story)


@pytest.mark.parametrize(
    ("kind", "code"), [(6, codes.STACKED), (0, codes.UNKNOWN_STACKED), (codes.BARCODE, 0)]
)
def test_a_note_of_unknown_worth_in_the_stacker_is_an_incident_and_no_credit(
    kind: int, code: int
) -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        registers(post).event(kind, code)
        await post.till.until(lambda: bool(post.till.incidents()))
        assert post.till.incidents() == ["note_validator.unknown_note"]
        assert post.till.credit == []

    play(story)


# --- the device ---------------------------------------------------------------------------------


def test_a_full_stacker_takes_the_validator_out_of_service_until_it_is_emptied() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        assert await post.device.insert(500) == "stacked"
        assert await post.device.insert(1000) == "stacked"
        await post.offline()
        assert post.till.of(DeviceOffline)[0].reason == "self-check: fault 45: stacker full"
        assert post.till.credit == [500, 1000]
        assert post.till.incidents() == ["note_validator.event", "note_validator.fault"]
        await asyncio.sleep(30)
        assert len(post.till.of(DeviceOffline)) == 1
        post.device.clear("full")
        await post.online(2)
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500, 1000, 500)

    play(story, make_device=lambda line: SimulatedNoteValidator(line, capacity=2))


def test_a_jam_at_the_mouth_credits_nothing_and_heals() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.device.fault("jam")
        assert await post.device.insert(500) == "returned"
        await post.offline()
        assert [fact.reason for fact in post.till.of(NoteReturned)] == ["jammed at the mouth"]
        post.device.clear("jam")
        await post.online(2)
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)

    play(story)


def test_a_fault_without_an_event_is_found_by_asking() -> None:
    async def story(post: NotePost) -> None:
        await post.online()
        registers(post).fault_code = 37
        await post.offline()
        assert post.till.of(DeviceOffline)[0].reason == "self-check: fault 37: transport motor"

    play(story)


def test_counterfeits_go_back() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.device.fault("rejecting")
        assert await post.device.insert(500) == "returned"
        post.device.clear("rejecting")
        await post.till.until(lambda: bool(post.till.of(NoteReturned)))
        assert post.till.of(NoteReturned)[0].reason == "not recognised"
        assert post.till.incidents() == []

    play(story)


@pytest.mark.parametrize("code", [8, 9, 17, 18])
def test_fraud_is_an_incident_of_its_own(code: int) -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        registers(post).event(0, code)
        await post.till.until(lambda: bool(post.till.incidents()))
        assert post.till.incidents() == ["note_validator.fraud"]

    play(story)


def test_a_validator_that_closed_itself_is_opened_again() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.line.fault(LineFault.SILENT)
        await asyncio.sleep(1)
        registers(post).stop()
        post.line.clear(LineFault.SILENT)
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)

    play(story)


def test_a_reset_without_an_event_is_seen_and_the_gate_opened_again() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.device.reset()
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)

    play(story)


def test_a_reset_between_notes_is_told_and_starts_a_new_epoch() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)
        post.device.reset()
        await post.till.until(lambda: "note_validator.reset" in post.till.incidents())
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500, 500)
        assert [key[1] for key in post.till.credits] == [1, 2]

    play(story)


def test_events_that_were_lost_are_told() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.line.fault(LineFault.UNPLUGGED)
        for _ in range(8):
            registers(post).event(0, 2)
        post.line.clear(LineFault.UNPLUGGED)
        await post.till.until(lambda: bool(lost(post)))
        assert lost(post) == [3]

    def lost(post: NotePost) -> list[int]:
        moves = post.till.of(NoteCursorMoved)
        return [fact.possibly_lost for fact in moves if fact.possibly_lost]

    play(story)


@pytest.mark.parametrize("kind", [LineFault.SILENT, LineFault.GARBLED, LineFault.UNPLUGGED])
def test_a_line_that_fails_is_offline_once_and_comes_back(kind: LineFault) -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        post.line.fault(kind)
        await post.offline()
        await asyncio.sleep(60)
        post.line.clear(kind)
        await post.online(2)
        post.driver.accept(SECOND, SMALL)
        await post.accepting()
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)
        (offline,) = post.till.of(DeviceOffline)
        assert offline.trace
        assert len(post.till.of(DeviceOnline)) == 2

    play(story)


def test_a_slow_line_is_heard_all_the_same() -> None:
    async def story(post: NotePost) -> None:
        post.line.trouble.slow_by_s = 0.08
        post.line.fault(LineFault.SLOW)
        await ready(post)
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)

    play(story)


def test_a_device_silent_about_its_masks_is_not_taken_for_reset() -> None:
    async def story(post: NotePost) -> None:
        await ready(post)
        await asyncio.sleep(30)
        assert post.till.of(DeviceIncident) == []
        assert len(post.till.of(DeviceOnline)) == 1
        assert await post.device.insert(500) == "stacked"
        await post.credited(500)

    def without_masks(line: Line) -> SimulatedNoteValidator:
        return SimulatedNoteValidator(line, unknown={Header.REQUEST_INHIBITS})

    play(story, make_device=without_masks)
