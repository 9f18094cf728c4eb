"""The station as the kiosk and the central system meet it, over fake devices, in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chargepoint.app.door import StationGate
from chargepoint.app.lease import LeaseKeeper
from chargepoint.app.point_actor import PointActor
from chargepoint.app.projection import Panel
from chargepoint.app.station_actor import StationActor
from chargepoint.contract import Station
from chargepoint.domain.devices import (
    BoardAnswered,
    CardRemoved,
    CoinCursor,
    CoinSeen,
    ContactorMoved,
    DeviceEvent,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    GreenCardRead,
    LockMoved,
    MeterSampled,
    Pilot,
    PilotChanged,
)
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.dialogue.events import KioskChanged, Pressed
from chargepoint.domain.dialogue.machine import DialogueMachine, opening_data
from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.now import Now
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.point import PointData
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.session import Means
from chargepoint.domain.units import ConnectorId, MilliAmp, MilliVolt, Minor, SessionId, Watt, Wh
from chargepoint.ports import Availability, Hardware, LinkState, PointStatus, Policy, UnlockResult
from simulator.vtime import VirtualClock, run_virtual
from tests.support.charging import DeskUnderTest
from tests.support.points import PUBLIC
from tests.support.stations import answer
from tests.support.surroundings import (
    Acceptor,
    Board,
    CountingEntropy,
    MemoryJournal,
    QuietBackend,
    Tasks,
)

ONE, TWO = ConnectorId(1), ConnectorId(2)
CARD = "7123450000000012"


class NoMoneyDesk:
    """No payment devices: money orders go nowhere."""

    def make_safe(self, effect: object) -> None: ...

    def execute(self, effect: object) -> None: ...

    def device_changed(self, device: object, *, online: bool) -> None: ...


class Site:
    """Two connectors, a coin acceptor, a central system that says what it is told to say."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.tasks, self.journal = Tasks(), MemoryJournal()
        self.backend, self.acceptor = QuietBackend(), Acceptor()
        self.boards = {ONE: Board(), TWO: Board()}
        self.restarts: list[bool] = []
        self.registers = {ONE: 1000, TWO: 1000}
        connectors = {c: board.hardware() for c, board in self.boards.items()}
        hardware = Hardware(connectors, self.acceptor)
        seen = {c: PointSeen(data=PointData(c)) for c in self.boards}
        now = Now(self.clock.monotonic(), self.clock.utc())
        settings = DialogueSettings(tariff=PUBLIC, minimum=Minor(100))
        dialogue = DialogueMachine(opening_data(seen, {}, "es"), settings, now)
        entropy = CountingEntropy()
        self.station = StationActor(
            dialogue,
            hardware,
            self.journal,
            self.clock,
            entropy,
            panel=Panel(Station()),
            spawn=self.tasks.spawn,
        )
        self.points = {c: self._point(c, board) for c, board in self.boards.items()}
        self.door = StationGate(
            self.station,
            hardware,
            self.clock,
            entropy,
            point_settings=PointSettings(),
            spawn=self.tasks.spawn,
            restart=self.restarts.append,
            correct_clock=lambda _utc: None,
            profiles=DeskUnderTest().desk,
            delivered=lambda _message, _content: None,
        )
        self.door.connect(self.backend)
        self.station.connect(self.points, self.backend, NoMoneyDesk())

    def _point(self, connector: ConnectorId, board: Board) -> PointActor:
        keeper = LeaseKeeper(board, board, self.tasks.spawn, f"lease:{connector}")
        self.tasks.spawn(keeper.run(), f"lease:{connector}")
        return PointActor(
            connector,
            board.hardware(),
            keeper,
            self.journal,
            self.clock,
            settings=PointSettings(),
            spawn=self.tasks.spawn,
            heard=self.station.heard,
        )

    async def started(self) -> None:
        for connector, point in self.points.items():
            self.tasks.spawn(point.run(), f"point:{connector}")
        self.tasks.spawn(self.station.run(), "station")
        self.station.post(KioskChanged(alive=True))
        self.door.link_changed(LinkState.ONLINE)
        for connector in self.points:
            await self.emit(
                BoardAnswered(connector, Pilot.A, contactor_closed=False, locked=False, fault=None),
                self.sampled(connector, 0),
            )

    def sampled(self, connector: ConnectorId, energy: int) -> MeterSampled:
        self.registers[connector] += energy
        register = Wh(self.registers[connector])
        return MeterSampled(connector, register, Watt(0), MilliAmp(0), MilliVolt(230_000))

    async def emit(self, *events: DeviceEvent) -> None:
        for event in events:
            self.station.emit(event)
        await asyncio.sleep(0.01)

    async def press(self, button: str) -> None:
        self.station.post(Pressed(button, self.station.dialogue.screen_seq))
        await asyncio.sleep(0.01)

    async def plug(self, connector: ConnectorId = ONE) -> None:
        await self.emit(PilotChanged(connector, Pilot.B))

    async def energise(self, connector: ConnectorId = ONE) -> None:
        await self.emit(LockMoved(connector, locked=True), PilotChanged(connector, Pilot.C))
        await self.emit(ContactorMoved(connector, closed=True), self.sampled(connector, 500))

    def state(self, connector: ConnectorId = ONE) -> str:
        return self.points[connector].seen.state

    def session(self, connector: ConnectorId = ONE) -> Any:
        return self.points[connector].seen.session

    @property
    def screen(self) -> str:
        newest = self.station.feed.newest
        assert newest is not None
        return newest.screen


def at_the_site(story: Callable[[Site], Awaitable[None]]) -> None:
    async def play() -> None:
        site = Site()
        await site.started()
        await story(site)
        await site.tasks.stop()
        assert site.tasks.crashes == []

    run_virtual(play())


# --- the station ---------------------------------------------------------------------------------


def test_coin_becomes_credit_on_the_screen_and_start_reaches_the_lock() -> None:
    async def story(site: Site) -> None:
        await site.plug()
        await site.emit(CoinSeen(Minor(200), CoinCursor("C1", 1, 1, 1)))
        await asyncio.sleep(0.2)
        assert site.screen == "cash_in"
        await site.press("start")
        assert ("set_lock", True) in site.boards[ONE].told
        assert site.backend.wakes == 1

    at_the_site(story)


def test_card_is_asked_about_outside_the_loop() -> None:
    async def story(site: Site) -> None:
        site.backend.answer = answer()
        await site.plug()
        await site.emit(GreenCardRead(CARD, "04AA"), CardRemoved())
        assert site.station.dialogue.state == "gc_wait"
        await asyncio.sleep(0.2)
        assert site.screen == "gc_ok"

    at_the_site(story)


def test_acceptor_follows_the_conversation() -> None:
    async def story(site: Site) -> None:
        assert site.acceptor.levels[-1][0] == "accept"
        site.station.post(KioskChanged(alive=False))
        await asyncio.sleep(0.01)
        assert site.acceptor.levels[-1][0] == "inhibit"
        generations = [generation for _, generation in site.acceptor.levels]
        assert generations == sorted(generations)

    at_the_site(story)


@pytest.mark.parametrize(
    ("reason", "trace", "code"),
    [
        ("no answer to 5 polls", ("0.1 > 02 00",), "coin_acceptor.silent"),
        ("no answer to 5 polls", ("0.1 > 02 00", "0.2 < ff ff"), "coin_acceptor.garbled"),
        ("port unplugged", (), "coin_acceptor.unplugged"),
        ("/dev/chargepoint/coins is in use by another program", (), "coin_acceptor.port_in_use"),
    ],
)
def test_device_that_goes_is_written_down_with_what_is_wrong(
    reason: str, trace: tuple[str, ...], code: str
) -> None:
    async def story(site: Site) -> None:
        coins = DeviceRef(DeviceKind.COIN_ACCEPTOR)
        await site.emit(DeviceOffline(coins, reason, trace), DeviceOnline(coins))
        assert site.journal.incident_codes() == [code]

    at_the_site(story)


def test_connectors_facts_go_to_their_point_and_incidents_to_nobody() -> None:
    async def story(site: Site) -> None:
        meter = DeviceRef(DeviceKind.METER, ONE)
        await site.emit(DeviceIncident(meter, "meter.odd", "odd", ("01",)))
        assert site.journal.incident_codes() == ["meter.odd"]
        await site.emit(DeviceOffline(meter, "silent"))
        assert site.points[ONE].seen.data.faults == {"meter_lost"}
        assert not site.points[TWO].seen.data.faults

    at_the_site(story)


def test_status_is_reported_from_the_first_truth_on() -> None:
    async def story(site: Site) -> None:
        await site.plug()
        words = [r.status for r in site.backend.reports if r.connector == ONE]
        assert words[0] is PointStatus.AVAILABLE
        assert words[-1] is PointStatus.PREPARING

    at_the_site(story)


def test_countdown_and_clock_tick_by_themselves() -> None:
    async def story(site: Site) -> None:
        site.backend.answer = answer()
        await site.emit(GreenCardRead(CARD, "04AA"))
        before = site.station.feed.newest
        await asyncio.sleep(70)
        after = site.station.feed.newest
        assert before is not None
        assert after is not None
        assert after.clock != before.clock

    at_the_site(story)


def test_observer_hears_the_conversation_move() -> None:
    async def story(site: Site) -> None:
        moves: list[tuple[str, str, str]] = []
        site.station.observe = lambda *move: moves.append(move)
        await site.press("greencard")
        assert moves == [("dialogue", "home", "gc_tap")]

    at_the_site(story)


# --- the door: remote start ----------------------------------------------------------------------


def test_remote_start_at_a_plugged_connector_starts() -> None:
    async def story(site: Site) -> None:
        await site.plug(TWO)
        assert await site.door.remote_start("TAG", TWO)
        assert site.state(TWO) == "session/starting/locking"
        assert site.session(TWO).order.means is Means.TOKEN
        assert site.session(TWO).order.tariff == PUBLIC

    at_the_site(story)


def test_remote_start_without_plug_waits_for_it() -> None:
    async def story(site: Site) -> None:
        assert await site.door.remote_start("TAG", None)
        assert site.state(ONE) == "idle/awaiting_plug"
        await site.plug(ONE)
        assert site.state(ONE) == "session/starting/locking"

    at_the_site(story)


def test_repeated_remote_start_is_accepted_and_another_tag_is_not() -> None:
    async def story(site: Site) -> None:
        assert await site.door.remote_start("TAG", ONE)
        assert await site.door.remote_start("TAG", ONE)
        assert not await site.door.remote_start("OTHER", ONE)
        assert site.journal.delivered() == []

    at_the_site(story)


def test_remote_start_on_credit_unknown_or_faulted_connector_is_rejected() -> None:
    async def story(site: Site) -> None:
        await site.plug()
        await site.emit(CoinSeen(Minor(200), CoinCursor("C1", 1, 1, 1)))
        assert not await site.door.remote_start("TAG", ONE)
        assert not await site.door.remote_start("TAG", ConnectorId(7))
        await site.emit(DeviceOffline(DeviceRef(DeviceKind.METER, TWO), "silent"))
        assert not await site.door.remote_start("TAG", TWO)

    at_the_site(story)


def test_remote_start_of_a_green_card_takes_its_price_and_limit() -> None:
    async def story(site: Site) -> None:
        site.backend.answer = answer(750)
        await site.plug()
        assert await site.door.remote_start(CARD, ONE)
        await asyncio.sleep(0.5)
        assert site.session().order.means is Means.GREENCARD
        assert site.session().limit == 750

    at_the_site(story)


def test_remote_start_of_a_refused_card_starts_nothing_and_says_so() -> None:
    async def story(site: Site) -> None:
        site.backend.answer = TokenAnswer(TokenStatus.BLOCKED)
        await site.plug()
        assert await site.door.remote_start(CARD, ONE)
        await asyncio.sleep(0.5)
        assert site.session() is None
        assert site.journal.incident_codes() == ["ocpp.remote_start_refused"]

    at_the_site(story)


def test_remote_start_is_authorised_first_where_the_central_system_wants_it() -> None:
    async def story(site: Site) -> None:
        site.door.policy_changed(Policy(authorize_remote=True))
        await site.plug()
        assert await site.door.remote_start("TAG", ONE)
        assert site.session() is None
        await asyncio.sleep(0.5)
        assert site.session().order.means is Means.TOKEN

    at_the_site(story)


def test_remote_start_that_is_not_durable_in_time_is_rejected_and_withdrawn() -> None:
    async def story(site: Site) -> None:
        site.journal.delay_s = 3.0
        assert not await site.door.remote_start("TAG", ONE)
        await asyncio.sleep(10)
        assert site.state() == "idle/free"
        assert "point.no_answer" in site.journal.incident_codes()

    at_the_site(story)


# --- the door: stop, availability, unlock, reset ---------------------------------------------------


async def a_remote_charge(site: Site) -> SessionId:
    await site.plug()
    assert await site.door.remote_start("TAG", ONE)
    await site.energise()
    found: SessionId = site.session().id
    return found


def test_remote_stop_stops_its_session_only() -> None:
    async def story(site: Site) -> None:
        session = await a_remote_charge(site)
        assert not await site.door.remote_stop(SessionId("other"))
        assert await site.door.remote_stop(session)
        assert site.state() == "session/stopping"
        assert not await site.door.remote_stop(session) or site.state() == "session/stopping"

    at_the_site(story)


def test_availability_is_scheduled_while_charging_and_accepted_else() -> None:
    async def story(site: Site) -> None:
        await a_remote_charge(site)
        change = site.door.change_availability
        assert await change(ONE, operative=False) is Availability.SCHEDULED
        assert await change(TWO, operative=False) is Availability.ACCEPTED
        assert await change(ConnectorId(0), operative=False) is Availability.SCHEDULED
        assert await change(ConnectorId(0), operative=True) is Availability.ACCEPTED
        assert await change(ConnectorId(9), operative=True) is Availability.REJECTED
        assert site.state() == "session/energised"

    at_the_site(story)


def test_unlock_answers_with_the_locks_own_word() -> None:
    async def story(site: Site) -> None:
        await site.emit(LockMoved(TWO, locked=False))
        assert await site.door.unlock(TWO) is UnlockResult.UNLOCKED
        assert await site.door.unlock(ConnectorId(9)) is UnlockResult.NOT_SUPPORTED

    at_the_site(story)


def test_unlock_ends_the_charge_first_and_fails_when_the_lock_does_not_move() -> None:
    async def story(site: Site) -> None:
        await a_remote_charge(site)
        assert await site.door.unlock(ONE) is UnlockResult.FAILED
        assert site.session().reason == "UnlockCommand"

    at_the_site(story)


def test_unlock_of_an_offline_board_fails_without_a_crash() -> None:
    async def story(site: Site) -> None:
        site.boards[TWO].is_offline = True
        await site.emit(LockMoved(TWO, locked=True))
        assert await site.door.unlock(TWO) is UnlockResult.FAILED

    at_the_site(story)


@pytest.mark.parametrize(("hard", "reason"), [(True, "HardReset"), (False, "SoftReset")])
def test_reset_ends_what_runs_and_then_restarts(hard: bool, reason: str) -> None:
    async def story(site: Site) -> None:
        await a_remote_charge(site)
        assert await site.door.reset(hard=hard)
        await asyncio.sleep(0.1)
        assert site.restarts == []
        await site.emit(ContactorMoved(ONE, closed=False))
        assert site.session().reason == reason
        await asyncio.sleep(30)
        assert site.restarts == [hard]

    at_the_site(story)


# --- the door: news ------------------------------------------------------------------------------


def test_token_refused_after_the_start_ends_the_session() -> None:
    async def story(site: Site) -> None:
        session = await a_remote_charge(site)
        site.door.transaction_confirmed(session, 7, TokenAnswer(TokenStatus.ACCEPTED))
        await asyncio.sleep(0.1)
        assert site.state() == "session/energised"
        site.door.transaction_confirmed(session, 7, TokenAnswer(TokenStatus.BLOCKED))
        await asyncio.sleep(0.1)
        assert site.state() == "session/stopping"
        assert site.session().reason == "DeAuthorized"
        assert site.journal.incident_codes() == ["ocpp.start_not_accepted"]

    at_the_site(story)


def test_token_refused_after_the_start_keeps_its_transaction_where_policy_says_so() -> None:
    async def story(site: Site) -> None:
        session = await a_remote_charge(site)
        site.door.policy_changed(Policy(stop_on_invalid_id=False))
        site.door.transaction_confirmed(session, 7, TokenAnswer(TokenStatus.INVALID))
        await asyncio.sleep(0.1)
        assert "forbid" in site.boards[ONE].words()
        await site.emit(ContactorMoved(ONE, closed=False))
        assert site.state() == "session/suspended/by_station"
        assert site.backend.reports[-2].status is PointStatus.SUSPENDED_EVSE

    at_the_site(story)


def test_cash_is_never_stopped_by_the_central_system() -> None:
    async def story(site: Site) -> None:
        await site.plug()
        await site.emit(CoinSeen(Minor(200), CoinCursor("C1", 1, 1, 1)))
        await site.press("start")
        await site.energise()
        refused = TokenAnswer(TokenStatus.INVALID)
        site.door.transaction_confirmed(site.session().id, 7, refused)
        await asyncio.sleep(0.1)
        assert site.state() == "session/energised"
        assert "ocpp.start_not_accepted" in site.journal.incident_codes()

    at_the_site(story)


def test_policy_reaches_the_points() -> None:
    async def story(site: Site) -> None:
        site.door.policy_changed(Policy(meter_sample_s=10))
        await a_remote_charge(site)
        await asyncio.sleep(35)
        meters = [key for key in site.journal.delivered() if ":meter:" in key]
        assert len(meters) == 3

    at_the_site(story)


def test_incidents_of_the_backend_are_written_down() -> None:
    async def story(site: Site) -> None:
        site.door.incident("ocpp.dead_letter", "tx:1:start")
        assert site.journal.incident_codes() == ["ocpp.dead_letter"]

    at_the_site(story)
