"""The station as the central system meets it, over fake devices, in virtual time."""

import asyncio

import pytest

from chargepoint.domain.devices import (
    CoinCursor,
    CoinSeen,
    ContactorMoved,
    DeviceKind,
    DeviceOffline,
    DeviceRef,
    LockMoved,
)
from chargepoint.domain.money.account import TokenAnswer, TokenStatus
from chargepoint.domain.session import Means
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.ports import Availability, PointStatus, Policy, UnlockResult
from tests.support.points import PUBLIC
from tests.support.station_site import CARD, ONE, TWO, Site, at_the_site
from tests.support.stations import answer

# --- remote start -----------------------------------------------------------------------


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


# --- stop, availability, unlock, reset --------------------------------------------------


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


# --- news -------------------------------------------------------------------------------


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
