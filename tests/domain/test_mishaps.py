"""Small mishaps: each says what is wrong, and leads on; no money and no reservation stays behind."""

from datetime import timedelta

import pytest

from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    CoinCursor,
    CoinRefused,
    GreenCardRead,
    LockJammed,
    LockMoved,
    Pilot,
)
from chargepoint.domain.dialogue.events import Pressed
from chargepoint.domain.effects import Keep, SetLock, Sound
from chargepoint.domain.payments import BankOutcome, BankPrompt
from chargepoint.domain.record import HoldState
from chargepoint.domain.reservations.reservation import Kept, Reservation
from chargepoint.domain.units import ConnectorId
from tests.support.points import at
from tests.support.stations import StationUnderTest, a_station, answer
from tests.support.tills import PayingStation, a_till

ONE = ConnectorId(1)
CARD = GreenCardRead("7123450000000018", "04AABBCC")


def sounds(station: StationUnderTest) -> list[str]:
    return [effect.earcon for effect in station.sent(Sound)]


def badly_plugged(station: StationUnderTest) -> StationUnderTest:
    """Plugged, and the vehicle's pilot line is not what it should be."""
    station.plugged()
    return station.hear(1, BoardFaultRaised(ONE, BoardFault.DIODE))


def well_again(station: StationUnderTest) -> StationUnderTest:
    station.unplugged()
    return station.hear(1, BoardFaultCleared(ONE, BoardFault.DIODE))


# --- the plug ------------------------------------------------------------------------------------


def test_wrong_plug_is_asked_for_again_and_then_watched_a_moment() -> None:
    station = badly_plugged(a_station())
    assert (station.screen, station.param("tries")) == ("plug_err", 1)
    assert "error" in sounds(station)
    assert well_again(station).screen == "plug_err", "it still asks for the plug"
    assert station.plugged().screen == "check"
    assert station.wait(4).screen == "pay"


def test_wrong_again_while_it_is_watched() -> None:
    station = well_again(badly_plugged(a_station())).plugged()
    station.hear(1, BoardFaultRaised(ONE, BoardFault.DIODE))
    assert (station.screen, station.param("tries")) == ("plug_err", 2)


def test_third_wrong_plug_tells_that_this_vehicle_cannot_charge_here() -> None:
    station = badly_plugged(a_station())
    for _ in range(2):
        badly_plugged(well_again(station))
    assert (station.screen, station.param("reason")) == ("oos", "fault_car")


def test_vehicle_that_recovers_by_itself_may_pay() -> None:
    station = badly_plugged(a_station())
    station.hear(1, BoardFaultCleared(ONE, BoardFault.DIODE))
    assert station.screen == "pay"


def test_plug_error_is_left_by_cancel_by_time_and_by_a_card() -> None:
    assert badly_plugged(a_station()).press("cancel").screen == "oos"
    assert badly_plugged(a_station()).wait(61).screen == "oos"
    station = badly_plugged(a_station(2)).tell(CARD)
    assert station.screen == "gc_wait", "the other connector is free"


def test_wrong_plug_at_the_other_connector_does_not_disturb_who_is_paying() -> None:
    station = a_station(2).plugged(2)
    assert station.pilot(1, Pilot.E).screen == "pay"


def test_own_fault_of_the_point_is_never_called_a_wrong_plug() -> None:
    station = a_station().plugged().hear(1, BoardFaultRaised(ONE, BoardFault.RCD_TRIP))
    assert station.screen == "oos"


def test_stuck_plug_is_unlocked_again_and_the_receipt_follows_the_plug() -> None:
    station = a_station().plugged().tell(CARD).answered(answer()).press("start").asks()
    station.charge(1, 1000).tell(CARD)
    assert station.screen == "unplug"
    station.press("cable_stuck")
    assert station.screen == "cable_stuck"
    orders = len([lock for lock in station.sent(SetLock) if not lock.locked])
    station.press("retry")
    assert len([lock for lock in station.sent(SetLock) if not lock.locked]) == orders + 1
    assert station.param("tries") == 1
    assert station.unplugged().screen == "receipt"


def test_jammed_lock_after_a_charge_shows_the_way_by_itself() -> None:
    station = a_station().plugged().tell(CARD).answered(answer()).press("start").asks()
    station.charge(1, 1000).tell(CARD).hear(1, LockJammed(ONE, wanted_locked=False))
    assert station.screen == "cable_stuck"
    station.hear(1, LockMoved(ONE, False))
    assert station.press("back").screen == "unplug"
    assert station.press("cable_stuck").wait(121).screen == "unplug"


def test_nobody_unlocks_a_charging_vehicle() -> None:
    station = a_station().plugged().tell(CARD).answered(answer()).press("start").asks()
    assert "cable_stuck" not in station.buttons(enabled=False)


# --- money that does not go in -------------------------------------------------------------------


def refused(station: StationUnderTest) -> StationUnderTest:
    station.coins += 1
    return station.tell(CoinRefused("rejected", CoinCursor("C1", 1, station.coins, station.coins)))


@pytest.mark.parametrize("plugged", [False, True])
def test_refused_coin_is_told_for_three_seconds(plugged: bool) -> None:
    station = a_station()
    before = station.plugged().screen if plugged else station.screen
    assert refused(station).screen == "cash_bad"
    assert sounds(station)[-1] == "error"
    assert station.wait(4).screen == before


def test_good_coin_after_a_bad_one_counts_at_once_and_its_reason_is_gone() -> None:
    station = refused(a_station()).coin(200)
    assert (station.screen, station.param("credit_minor")) == ("cash_in", 200)
    assert station.param("reason") == ""


def test_refused_coin_on_the_cash_screen_leaves_its_buttons_where_they_are() -> None:
    station = refused(a_station().plugged().coin())
    assert (station.screen, station.param("reason")) == ("cash_in", "rejected")


def test_no_change_is_told_before_the_first_coin() -> None:
    station = a_till(inside=0).plugged().press("pay_cash")
    assert station.screen == "cash_nochange"
    assert station.press("other_method").screen == "pay"
    assert station.press("pay_cash").press("key_ok").screen == "cash_in"
    assert a_till(inside=0).plugged().press("pay_cash").coin().screen == "cash_in"


# --- the bank card -------------------------------------------------------------------------------


def at_terminal() -> PayingStation:
    station = a_till()
    station.plugged().press("pay_card")
    return station


def test_card_left_in_the_terminal_is_asked_for_and_then_reported() -> None:
    station = at_terminal()
    station.tell(BankPrompt("remove_card"))
    assert station.screen == "card_remove"
    assert sounds(station).count("attention") == 1
    station.wait(4)
    assert sounds(station).count("attention") == 3
    station.wait(30)
    assert station.incident_codes() == ["bank_terminal.card_left"]
    beeps = sounds(station).count("attention")
    station.wait(8)
    assert sounds(station).count("attention") == beeps
    assert station.bank(BankOutcome.APPROVED).screen == "card_ok"


def test_removed_card_goes_on() -> None:
    station = at_terminal()
    station.tell(BankPrompt("remove_card")).tell(BankPrompt("wait"))
    assert station.screen == "card_wait"
    station.wait(20)
    assert sounds(station).count("attention") == 1


# --- nobody there any more -----------------------------------------------------------------------


def test_plugged_in_and_gone_is_asked_once_reminded_once_and_then_let_be() -> None:
    station = a_station().plugged().wait(61)
    assert station.screen == "more_time"
    assert station.wait(21).screen == "pay"
    heard = len(sounds(station))
    assert station.wait(200).param("dim") is False
    assert station.wait(25).param("dim") is True
    assert len(sounds(station)) == heard + 1
    assert station.wait(3600).screen == "pay"
    assert len(sounds(station)) == heard + 1
    assert station.press("pay_greencard").press("back").param("dim") is False


def test_who_wants_to_end_is_told_goodbye() -> None:
    assert a_station().plugged().wait(61).press("cancel").screen == "thanks"


def test_who_wants_more_time_gets_it_again_and_again() -> None:
    station = a_station().plugged()
    for _ in range(12):
        assert station.wait(61).screen == "more_time"
        assert station.press("more_time").screen == "pay"


def test_reservation_for_a_start_that_failed_is_released_when_nobody_answers() -> None:
    station = at_terminal()
    station.bank(BankOutcome.APPROVED).wait(3)
    station.press("key_ok").wait(160)
    assert station.screen == "start_fail"
    assert station.wait(61).screen == "more_time"
    station.wait(21)
    assert station.screen == "pay"
    assert {record.state for record in station.holds.values()} == {HoldState.RELEASE}


def test_failed_start_can_be_retried_after_more_time() -> None:
    station = at_terminal()
    station.bank(BankOutcome.APPROVED).wait(3)
    station.press("key_ok").wait(221)
    assert station.press("more_time").screen == "start_fail"
    assert station.press("retry").screen == "code"


def test_pilot_that_was_wrong_before_the_plug_is_no_reason_to_wait() -> None:
    station = a_station().pilot(1, Pilot.E)
    assert station.screen == "plug_err"
    assert station.unplugged().screen == "plug_err"
    assert station.wait(61).screen == "home"


# --- who comes next --------------------------------------------------------------------------------


def test_who_was_done_with_is_left_for_a_free_connector_that_takes_coins() -> None:
    """Billed while the core was away, the vehicle stands at 2, and 2 is reserved: 1 serves who comes."""
    station = a_station(2).plugged(2).tell(CARD).answered(answer()).press("start").asks(2)
    station.restarted(1000).board_gone(1)
    assert (station.point(2).state, station.screen) == ("settling/billed", "pay")
    now = at(station.seconds).utc
    made = Reservation(1, ConnectorId(2), "TAG", now, now + timedelta(hours=1))
    station.hear(2, Keep(Kept((made,), only=True, until=made.expires))).board_back(1).wait(200)
    assert (station.screen, station.dialogue.state) == ("home", "home")
    assert station.dialogue.data.coins_accepted


def test_technician_who_leaves_a_charging_connector_leaves_the_free_one_ready() -> None:
    station = a_station(2).plugged(2).tell(CARD).answered(answer()).press("start").asks(2)
    assert station.press("key_ok").screen == "charging"
    station.tell(Pressed("service", 0, "", 5.0)).press("back")
    assert (station.screen, station.dialogue.state) == ("home", "home")
    assert station.dialogue.data.coins_accepted
