"""T_TEST: each trial, and what is in its way; settings, windows and a restart with their reasons."""

from datetime import UTC, datetime

import pytest

from chargepoint.domain.dialogue.events import Pressed
from chargepoint.domain.effects import AcceptNotes, DecideNote
from chargepoint.domain.payments import NoteCursor, NoteInEscrow, NoteReturned, NoteStacked
from chargepoint.domain.service.housekeeping import EDITABLE, WINDOWS, window
from chargepoint.domain.service.orders import Deed, Perform
from chargepoint.domain.service.values import Fact
from chargepoint.domain.units import Minor
from tests.domain.test_service import Site
from tests.support.stations import StationUnderTest


def on_tests(*trials: str, connectors: int = 1, **settings: object) -> Site:
    site = Site(connectors, **settings).inside().press("t_test")
    return site.told(*(Fact(f"raw|{trial}", id=trial) for trial in trials))


def ordered(station: StationUnderTest) -> list[tuple[Deed, str]]:
    return [(order.deed, order.subject) for order in station.sent(Perform)]


def held(site: Site, button: str, seconds: float) -> Site:
    seq = site.station.dialogue.screen_seq
    site.station.tell(Pressed(button, seq, "", seconds))
    return site


# --- the contactor --------------------------------------------------------------------------------


def test_contactor_when_held_for_three_seconds_then_tried() -> None:
    site = held(on_tests("contactor:1").press("row_1"), "t_hold", 3.0)
    assert ordered(site.station) == [(Deed.TEST_CONTACTOR, "1")]


def test_contactor_when_only_touched_then_not_tried() -> None:
    site = on_tests("contactor:1").press("row_1", "t_hold")
    assert ordered(site.station) == []
    assert site.station.param("notice") == "hold_three"


def test_contactor_when_somebody_plugs_in_meanwhile_then_not_tried() -> None:
    site = on_tests("contactor:1").press("row_1")
    site.station.plugged()
    held(site, "t_hold", 3.0)
    assert ordered(site.station) == []
    assert site.station.param("notice") == "not_while_used"


@pytest.mark.parametrize("trial", ["contactor:1", "lock:1"])
def test_connector_when_somebody_is_plugged_in_then_refused_and_written_down(trial: str) -> None:
    site = on_tests(trial)
    site.station.plugged()
    site.press("row_1")
    assert site.screen == "t_test"
    assert site.station.param("notice") == "not_while_used"
    assert site.notes[-1][2].startswith("refused")


# --- notes ----------------------------------------------------------------------------------------


def note(sequence: int) -> NoteCursor:
    return NoteCursor("N1", 1, sequence, sequence)


def test_note_when_it_shall_come_back_then_no_money_moves() -> None:
    site = on_tests("note_return", note_values=(1000,)).press("row_1")
    assert site.station.sent(AcceptNotes)[-1].values == frozenset({1000})
    site.station.tell(NoteInEscrow(Minor(1000), note(1)))
    assert site.station.sent(DecideNote)[-1].keep is False
    site.station.tell(NoteReturned("returned", note(2)))
    assert (site.screen, site.station.param("notice")) == ("t_test", "note_returned")
    assert not site.station.balances()


def test_note_when_it_shall_stay_then_a_surplus_and_nobodys_credit() -> None:
    site = on_tests("note_stack", note_values=(1000,)).press("row_1")
    site.station.tell(NoteInEscrow(Minor(1000), note(1)))
    assert site.station.sent(DecideNote)[-1].keep is True
    site.station.tell(NoteStacked(Minor(1000), note(2)))
    assert site.screen == "t_test"
    assert site.station.balances() == {"cash_box": 1000, "surplus": 1000}


# --- screen, link, devices ------------------------------------------------------------------------


def test_colours_when_all_were_seen_then_back_to_the_tests() -> None:
    site = on_tests("colours").press("row_1")
    shown = []
    while site.screen == "t_colours":
        shown.append(site.station.param("colour"))
        site.press("grid_next")
    assert shown == [0, 1, 2, 3, 4, 5, 6]
    assert site.notes[-1][1] == "test_colours"


def test_central_system_when_chosen_then_asked() -> None:
    assert ordered(on_tests("central").press("row_1").station) == [(Deed.TEST_CENTRAL, "")]


def test_device_when_it_can_check_itself_then_it_is_asked() -> None:
    site = Site().inside().press("t_devices").told(Fact("raw|meter", id="meter:1"))
    site.press("row_1").told().press("t_self_test")
    assert ordered(site.station) == [(Deed.SELF_TEST, "meter:1")]


# --- the station itself ---------------------------------------------------------------------------


def test_setting_when_chosen_then_one_of_the_harmless_values() -> None:
    site = Site().inside().press("t_set").told(Fact("set.minimum", id="session.minimum"))
    site.press("row_1", "row_3")
    assert ordered(site.station) == [(Deed.SET, "session.minimum=2.00")]


def test_settings_when_editable_then_none_decides_on_prices_accounts_or_safety() -> None:
    forbidden = ("tariff.", "central.", "devices.", "bank.", "ocpp.", "receipt.", "greencard.")
    assert not [key for key in EDITABLE if key.startswith(forbidden)]


def test_language_when_chosen_then_only_one_that_is_offered_here() -> None:
    site = Site(languages=("es", "en")).inside().press("t_set")
    site.told(Fact("set.language", id="station.language")).press("row_1")
    assert site.station.param("labels") == ["raw|es", "raw|en"]


def test_restart_when_somebody_charges_then_refused() -> None:
    site = Site()
    site.station.coin(200).plugged().press("start").press("key_ok").asks()
    site.inside().press("t_sw").told().press("t_reboot", "key_ok")
    assert ordered(site.station) == []
    assert site.station.param("notice") == "not_while_charging"


def test_restart_when_nobody_charges_then_done() -> None:
    site = Site().inside().press("t_sw").told().press("t_reboot", "key_ok")
    assert ordered(site.station) == [(Deed.REBOOT, "")]


def test_package_when_it_waits_then_it_can_be_taken_back() -> None:
    site = Site().inside().press("t_sw").told()
    assert "t_take_back" not in site.station.buttons()
    site.press("back").press("t_sw").told(amount=1).press("t_take_back")
    assert ordered(site.station) == [(Deed.TAKE_BACK, "")]


def test_logs_when_nobody_said_where_to_then_no_key() -> None:
    assert "t_export" not in Site().inside().press("t_logs").told().station.buttons()
    site = Site(exports_logs=True).inside().press("t_logs").told().press("t_export")
    assert ordered(site.station) == [(Deed.EXPORT, "")]


# --- windows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("hour", [0, 3, 9, 15, 23])
def test_window_when_planned_then_it_is_ahead_and_has_an_end(name: str, hour: int) -> None:
    now = datetime(2026, 3, 28, hour, 30, tzinfo=UTC)  # the night before the clocks change
    begin, end = window(name, now, "Europe/Madrid")
    assert now <= begin < end
    assert (end - begin).total_seconds() <= 5 * 3600
    assert (begin - now).total_seconds() <= 24 * 3600


def test_window_when_chosen_then_ordered_and_dropped_again() -> None:
    site = Site().inside().press("t_avail").told().press("t_window", "row_1")
    ((deed, subject),) = ordered(site.station)
    assert deed is Deed.WINDOW
    assert subject.count("/") == 1
    site.performed(outcome="window_planned").press("t_window", "t_no_window")
    assert ordered(site.station)[-1] == (Deed.WINDOW, "")
