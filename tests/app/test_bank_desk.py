"""Reservations and their end, in every order in which terminal, journal and link may speak."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from chargepoint.app.bank_desk import BankDesk
from chargepoint.app.gate import Gate
from chargepoint.domain.effects import BankReserve
from chargepoint.domain.payments import BankOutcome, BankResult
from chargepoint.domain.record import HoldState
from chargepoint.ports import DeviceUnavailable
from simulator.vtime import run_virtual
from tests.support.payment_ports import (
    APPROVED,
    CANCELLED,
    DECLINED,
    HOLD,
    UNKNOWN,
    Book,
    Terminal,
    result,
)

ORDER = BankReserve("R1", HOLD)


class Scene:
    def __init__(self, book: Book, terminal: Terminal) -> None:
        self.book, self.terminal = book, terminal
        self.answered: list[BankResult] = []
        self.changes: list[tuple[bool, int]] = []
        self.desk = BankDesk(
            Gate(book),
            book,
            answered=self.answered.append,
            changed=lambda online, count: self.changes.append((online, count)),
        )
        self.desk.connect(terminal)

    async def approve(self, *, persisted: bool = True) -> None:
        if persisted:
            await self.desk.persist(result(APPROVED))
            self.terminal.open.append("0231")
        await self.end(result(APPROVED))

    async def end(self, answer: BankResult | DeviceUnavailable) -> None:
        self.terminal.answers.put_nowait(answer)
        await asyncio.sleep(1)


def play(
    story: Callable[[Scene], Awaitable[None]],
    book: Book | None = None,
    terminal: Terminal | None = None,
    *,
    reserves: bool = True,
    online: bool = True,
) -> Scene:
    async def live() -> Scene:
        scene = Scene(book or Book(), terminal or Terminal())
        async with asyncio.TaskGroup() as group:
            running = group.create_task(scene.desk.run())
            if online:
                scene.desk.device_changed(online=True)
            reserving = group.create_task(scene.desk.reserve(ORDER)) if reserves else None
            await asyncio.sleep(1)
            await story(scene)
            await asyncio.sleep(1)
            for task in (running, reserving):
                if task is not None:
                    task.cancel()
        return scene

    return run_virtual(live())


async def nothing(_scene: Scene) -> None:
    return


# --- reservations ----------------------------------------------------------------------------------


def test_approval_is_durable_first_and_stays_open_for_who_hears_of_it() -> None:
    scene = play(lambda scene: scene.approve())
    assert [each.outcome for each in scene.answered] == [APPROVED]
    assert scene.book.state() is HoldState.OPEN
    assert scene.terminal.told == []
    assert scene.changes[-1] == (True, 1)


def test_approval_under_way_is_given_back_by_nobody() -> None:
    async def story(scene: Scene) -> None:
        await scene.desk.persist(result(APPROVED))
        scene.desk.wake()
        await asyncio.sleep(60)
        assert scene.book.state() is HoldState.OPEN

    play(story)


def test_declined_after_a_persisted_approval_leaves_nothing_on_the_card() -> None:
    """The terminal reversed it: our answer did not reach it."""

    async def story(scene: Scene) -> None:
        await scene.desk.persist(result(APPROVED))
        await scene.desk.persist(result(DECLINED))
        await scene.end(result(DECLINED))

    scene = play(story)
    assert scene.book.state() is HoldState.DONE
    assert scene.book.captured() == 0
    assert scene.terminal.told == []
    assert [each.outcome for each in scene.answered] == [DECLINED]


@pytest.mark.parametrize("outcome", [DECLINED, CANCELLED, UNKNOWN])
def test_no_approval_leaves_no_reservation(outcome: BankOutcome) -> None:
    async def story(scene: Scene) -> None:
        await scene.desk.persist(result(outcome))
        await scene.end(result(outcome))

    scene = play(story)
    assert scene.book.state() is None
    assert [each.outcome for each in scene.answered] == [outcome]
    assert scene.changes[-1] == (True, 0)


def test_results_of_other_commands_are_not_reservations() -> None:
    async def story(scene: Scene) -> None:
        await scene.desk.persist(result(APPROVED, command="release"))
        await scene.desk.persist(BankResult("reserve", "R1", APPROVED))  # without a receipt
        await scene.end(BankResult("reserve", "R1", APPROVED))

    assert play(story).book.batches == []


def test_terminal_that_never_began_is_a_decline_with_its_reason() -> None:
    scene = play(lambda scene: scene.end(DeviceUnavailable("silent")))
    assert [(a.outcome, a.reason, a.code) for a in scene.answered] == [
        (DECLINED, "terminal", "silent")
    ]


@pytest.mark.parametrize(("found", "told"), [(["0231"], [("release 0231", 0)]), ([], [])])
def test_unknown_after_a_persisted_approval_is_asked_and_given_back(
    found: list[str], told: list[tuple[str, int]]
) -> None:
    async def story(scene: Scene) -> None:
        await scene.desk.persist(result(APPROVED))
        scene.terminal.open = found
        await scene.end(result(UNKNOWN))

    scene = play(story)
    assert scene.book.state() is HoldState.DONE
    assert scene.terminal.told == told
    assert scene.book.captured() == 0


def test_approval_persisted_after_unknown_is_given_back_without_waiting_for_news() -> None:
    async def story(scene: Scene) -> None:
        await scene.end(result(UNKNOWN))
        scene.terminal.open.append("0231")
        await scene.desk.persist(result(APPROVED))
        await asyncio.sleep(1)

    scene = play(story)
    assert scene.terminal.told == [("release 0231", 0)]
    assert scene.book.state() is HoldState.DONE
    assert scene.changes[-1] == (True, 0)


def test_abort_reaches_the_terminal_and_its_result_still_comes() -> None:
    async def story(scene: Scene) -> None:
        await scene.desk.abort()
        await scene.end(result(CANCELLED))

    scene = play(story)
    assert scene.terminal.aborted == 1
    assert [each.outcome for each in scene.answered] == [CANCELLED]


# --- settling ---------------------------------------------------------------------------------------


def settling(state: HoldState, wanted: int = 0) -> tuple[Book, Terminal]:
    async def write() -> Book:
        book = Book()
        book.write("R1", state, wanted)
        return book

    return run_virtual(write()), Terminal(open=["0231"])


@pytest.mark.parametrize(
    ("state", "wanted", "told"),
    [
        (HoldState.OPEN, 0, [("release 0231", 0)]),  # nobody uses it in this life
        (HoldState.CAPTURE, 1205, [("settle 0231", 1205)]),
        (HoldState.RELEASE, 0, [("release 0231", 0)]),
    ],
)
def test_boot_ends_what_the_journal_left_open(
    state: HoldState, wanted: int, told: list[tuple[str, int]]
) -> None:
    scene = play(nothing, *settling(state, wanted), reserves=False)
    assert scene.terminal.told == told
    assert scene.book.state() is HoldState.DONE
    assert scene.book.captured() == wanted
    assert scene.changes[-1] == (True, 0)


@pytest.mark.parametrize("state", [HoldState.USED, HoldState.DONE])
def test_boot_leaves_alone_what_a_session_uses_or_what_is_over(state: HoldState) -> None:
    scene = play(nothing, *settling(state), reserves=False)
    assert scene.terminal.told == []
    assert scene.book.state() is state
    assert scene.changes[-1] == (True, int(state is HoldState.USED))


def test_nothing_is_asked_while_the_terminal_is_away() -> None:
    async def story(scene: Scene) -> None:
        await asyncio.sleep(3600)
        assert scene.terminal.told == []
        assert scene.changes[-1] == (False, 1)
        scene.desk.device_changed(online=True)
        await asyncio.sleep(1)

    scene = play(story, *settling(HoldState.CAPTURE, 500), reserves=False, online=False)
    assert scene.terminal.told == [("settle 0231", 500)]


def test_terminal_that_goes_while_it_is_asked_is_asked_again() -> None:
    book, terminal = settling(HoldState.CAPTURE, 500)
    terminal.is_away = True

    async def story(scene: Scene) -> None:
        scene.terminal.is_away = False
        await asyncio.sleep(30)

    scene = play(story, book, terminal, reserves=False)
    assert scene.terminal.told == [("settle 0231", 500)]
    assert scene.book.captured() == 500


def test_settlement_without_an_answer_is_looked_up_and_not_repeated() -> None:
    book, terminal = settling(HoldState.CAPTURE, 500)
    terminal.settles = [UNKNOWN]

    async def story(scene: Scene) -> None:
        scene.terminal.open.clear()  # it was carried out
        await asyncio.sleep(30)

    scene = play(story, book, terminal, reserves=False)
    assert scene.terminal.told == [("settle 0231", 500)]
    assert scene.book.captured() == 500
    assert scene.book.incident_codes() == ["bank_terminal.reconciled"]


def test_settlement_without_an_answer_that_is_still_open_is_tried_again() -> None:
    book, terminal = settling(HoldState.CAPTURE, 500)
    terminal.settles = [UNKNOWN, None, CANCELLED]
    scene = play(lambda _scene: asyncio.sleep(120), book, terminal, reserves=False)
    assert len(scene.terminal.told) == 4
    assert scene.book.state() is HoldState.DONE
    assert scene.book.incident_codes() == []


@pytest.mark.parametrize(("state", "wanted"), [(HoldState.RELEASE, 0), (HoldState.CAPTURE, 500)])
def test_refusals_are_tried_on_ever_more_slowly_and_told_once(
    state: HoldState, wanted: int
) -> None:
    book, terminal = settling(state, wanted)
    terminal.settles = [DECLINED] * 9

    async def story(scene: Scene) -> None:
        await asyncio.sleep(65)
        assert len(scene.terminal.told) == 3  # after 0, 20 and 60 s
        await asyncio.sleep(3600)

    scene = play(story, book, terminal, reserves=False)
    assert len(scene.terminal.told) == 10
    assert scene.book.state() is HoldState.DONE
    assert scene.book.incident_codes() == ["bank_terminal.refused"]


def test_one_refused_settlement_does_not_hold_up_another() -> None:
    book, terminal = settling(HoldState.RELEASE)

    async def write() -> None:
        book.write("R2", HoldState.CAPTURE, 700)

    run_virtual(write())
    terminal.open, terminal.settles = ["0231", "0232"], [DECLINED]
    scene = play(nothing, book, terminal, reserves=False)
    assert scene.terminal.told == [("release 0231", 0), ("settle 0232", 700)]


def test_new_work_is_not_kept_waiting_by_the_pause_between_retries() -> None:
    book, terminal = settling(HoldState.RELEASE)
    terminal.settles = [DECLINED, DECLINED]

    async def story(scene: Scene) -> None:
        scene.book.write("R2", HoldState.CAPTURE, 700)
        scene.terminal.open.append("0232")
        scene.desk.wake()
        await asyncio.sleep(1)
        assert ("settle 0232", 700) in scene.terminal.told

    play(story, book, terminal, reserves=False)


def test_reservation_of_a_session_that_went_on_after_a_cut_serves_its_retry() -> None:
    """Nothing was sold: the point says open again, and the conversation decides."""

    async def story(scene: Scene) -> None:
        scene.book.write("R1", HoldState.OPEN)
        scene.desk.wake()
        await asyncio.sleep(60)

    scene = play(story, *settling(HoldState.USED), reserves=False)
    assert scene.terminal.told == []
    assert scene.book.state() is HoldState.OPEN
