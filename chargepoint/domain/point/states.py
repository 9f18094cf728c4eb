"""The point's states and transitions, as data. Guards: point/guards.py; actions: point/actions.py and
point/endings.py.

    booting     the world is not known yet: board and meter have not both answered
    idle        free | plugged | awaiting_plug (a remote start was accepted)
    session     starting/locking   the lock is moving, no power permitted
                starting/waiting   power is permitted, the vehicle has not asked yet
                energised          contactor closed
                suspended/by_vehicle | by_station
                stopping           the contactor is opening
    settling    metering           contactor open; the last reading is awaited
                occupied           transaction ended, plug in; an idle fee may still run
                billed             price final, plug in

Contactor closed is allowed in session/starting/waiting (the board closes when the vehicle asks),
energised and suspended, nowhere else. Faults and availability are data that guards read.
"""

from typing import Any

from chargepoint.domain.engine import Row, Table
from chargepoint.domain.point import actions as action
from chargepoint.domain.point import endings as ending
from chargepoint.domain.point import guards as guard
from chargepoint.domain.point import invalid, leaving, offer, sampling
from chargepoint.domain.point.context import Point

TREE: list[Any] = [
    "booting",
    {"name": "idle", "children": ["free", "plugged", "awaiting_plug"]},
    {
        "name": "session",
        "children": [
            {"name": "starting", "children": ["locking", "waiting"]},
            "energised",
            {"name": "suspended", "children": ["by_vehicle", "by_station"]},
            "stopping",
        ],
    },
    {"name": "settling", "children": ["metering", "occupied", "billed"]},
]

INITIAL = "booting"
MAY_BE_CLOSED = ("session/starting/waiting", "session/energised", "session/suspended")

_FREE = "idle/free"
_PLUGGED = "idle/plugged"
_AWAITING = "idle/awaiting_plug"
_LOCKING = "session/starting/locking"
_WAITING = "session/starting/waiting"
_ENERGISED = "session/energised"
_BY_VEHICLE = "session/suspended/by_vehicle"
_BY_STATION = "session/suspended/by_station"
_STOPPING = "session/stopping"
_METERING = "settling/metering"
_OCCUPIED = "settling/occupied"
_BILLED = "settling/billed"
_TOPS = ("booting", "idle", "session", "settling")
_KEEP_STATE = (_LOCKING, _ENERGISED, _BY_STATION)
_RUNNING = ("session/starting", _ENERGISED, "session/suspended")


def _ending(trigger: str, then: Any, when: Any = None) -> list[Row[Point]]:
    return [Row(trigger, source, _STOPPING, when, then) for source in _RUNNING]


ROWS: tuple[Row[Point], ...] = (
    # boot: what was saved meets what the devices say (design §6.4)
    Row("known", "booting", _BY_STATION, offer.may_resume_paused, offer.resume_paused),
    Row("known", "booting", _WAITING, guard.may_resume_start, action.resume_start),
    Row("known", "booting", _ENERGISED, guard.may_resume_closed, action.resume),
    Row("known", "booting", _BY_STATION, guard.may_resume, action.resume),
    Row("known", "booting", _STOPPING, guard.was_running, ending.end_by_power_loss),
    Row("known", "booting", _METERING, guard.was_metering),
    Row("known", "booting", _OCCUPIED, guard.was_occupied_and_is_plugged, ending.resume_settling),
    Row("known", "booting", _FREE, guard.was_occupied, ending.finish_and_forget),
    Row("known", "booting", _BILLED, guard.was_billed_and_is_plugged, ending.let_go),
    Row("known", "booting", _AWAITING, guard.has_pending, action.rearm_pending),
    Row("known", "booting", _PLUGGED, guard.is_plugged, ending.forget_and_let_go),
    Row("known", "booting", _FREE, None, ending.forget_and_let_go),
    Row("t_boot", "booting", _METERING, guard.was_running, ending.end_by_power_loss),
    # plug and unplug
    Row("plugged", _FREE, _PLUGGED),
    Row("plugged", _AWAITING, _LOCKING, guard.may_start, action.start_pending),
    Row("plugged", _AWAITING, _PLUGGED, None, action.drop_pending),
    Row("unplugged", _PLUGGED, _FREE),
    Row("unplugged", _OCCUPIED, _FREE, None, leaving.finish_and_forget),
    Row("unplugged", _BILLED, _FREE, None, leaving.forget_session),
    # start
    Row("start", _PLUGGED, _LOCKING, guard.may_start, action.start_ordered),
    Row("start", _BILLED, _LOCKING, guard.may_start, action.start_ordered),
    Row("start", _FREE, _AWAITING, guard.may_wait_for_plug, action.await_plug),
    *[Row("start", source, None, None, action.refuse_start) for source in _TOPS],
    Row("forget_pending", _AWAITING, _FREE, None, action.drop_pending),
    Row("t_plug", _AWAITING, _FREE, None, action.drop_pending),
    Row("t_present", _PLUGGED, None, None, action.give_up_waiting),
    *[Row("t_expect", source, None, None, action.expect_nobody) for source in _TOPS],
    *[Row("free_plug", s, None, None, ending.let_go) for s in (_OCCUPIED, _BILLED)],
    *[Row("release", source, None, None, ending.release_cable) for source in ("idle", "settling")],
    Row("locked", _LOCKING, _BY_STATION, offer.is_paused, offer.permit_paused),
    Row("locked", _LOCKING, _WAITING, None, action.permit),
    Row("closed", _WAITING, _ENERGISED),
    Row("t_wake", _WAITING, None, None, action.wake_vehicle),
    *[Row("t_woken", source, None, None, action.end_wake) for source in MAY_BE_CLOSED],
    # less than a vehicle can take is allowed, and enough again
    *[Row("paused", source, _BY_STATION, None, offer.hold) for source in (_WAITING, _BY_VEHICLE)],
    Row("paused", _ENERGISED, None, None, offer.hold),
    Row("paused", _BY_STATION, None, None, offer.hold),
    Row("resumed", _BY_STATION, _WAITING, guard.has_no_energy, offer.offer_again),
    Row("resumed", _ENERGISED, None, guard.has_no_energy, offer.offer_again),
    Row("resumed", _BY_STATION, None, None, offer.await_vehicle),
    Row("t_resume", _BY_STATION, _BY_VEHICLE),
    # energy
    Row("opened", _ENERGISED, _BY_STATION, offer.is_paused),
    Row("opened", _ENERGISED, _BY_STATION, guard.vehicle_still_asks),
    Row("opened", _ENERGISED, _BY_VEHICLE),
    Row("closed", _BY_VEHICLE, _ENERGISED),
    Row("closed", _BY_STATION, _ENERGISED),
    Row("closed", "idle", None, None, ending.contactor_live_unasked),
    Row("closed", "settling", None, None, ending.doubt_contactor),
    Row("t_open", "settling", None, guard.is_closed, ending.contactor_live_unasked),
    *[Row("locked", s, None, None, ending.let_go) for s in ("idle", _OCCUPIED, _BILLED)],
    Row("energy", _ENERGISED, None, None, action.note_energy),
    *[Row("credit", source, None, guard.takes_credit, action.add_credit) for source in _RUNNING],
    *[Row("credit", source, None, None, action.return_credit) for source in _TOPS],
    # every way to end
    *_ending("stop", ending.end_as_ordered),
    *_ending("spent", ending.end_by_limit),
    *_ending("unplugged", ending.end_by_unplugging, guard.ends_on_unplug),
    *_ending("faulted", ending.end_by_fault),
    *_ending("refused", invalid.end_refused, invalid.ends),
    *[
        Row("refused", s, _BY_STATION, invalid.only_denies, invalid.deny)
        for s in (_WAITING, _BY_VEHICLE)
    ],
    *[Row("refused", s, None, invalid.only_denies, invalid.deny) for s in _KEEP_STATE],
    *_ending("t_no_energy", ending.end_without_energy, guard.has_no_energy),
    Row("t_start", "session/starting", _STOPPING, None, ending.end_not_started),
    # the contactor opens, the meter is read, the transaction ends
    Row("opened", _STOPPING, _METERING),
    Row("t_open", _STOPPING, _METERING, None, ending.accept_unproven_opening),
    Row("read", _METERING, None, guard.is_still_live, ending.read_again),
    Row("read", _METERING, _OCCUPIED, guard.price_stays_open, ending.end_transaction),
    Row("read", _METERING, _BILLED, guard.is_plugged, ending.end_and_finish),
    Row("read", _METERING, _FREE, None, ending.end_and_forget),
    Row("t_meter", _METERING, _BILLED, guard.is_still_live, ending.end_welded),
    Row("t_meter", _METERING, _OCCUPIED, guard.price_stays_open, ending.end_estimated),
    Row("t_meter", _METERING, _BILLED, guard.is_plugged, ending.end_estimated_and_finish),
    Row("t_meter", _METERING, _FREE, None, ending.end_estimated_and_forget),
    *[Row("faulted", s, None, guard.is_welded, ending.lock_again) for s in (_OCCUPIED, _BILLED)],
    Row("spent", _OCCUPIED, _BILLED, None, ending.finish),
    Row("t_settle", _OCCUPIED, _BILLED, None, ending.finish),
    # periodic
    Row("t_sample", "session", None, None, sampling.send_periodic),
    Row("t_aligned", "session", None, None, sampling.send_aligned),
    Row("values", "session", None, None, sampling.send_now),
)

ENTER = {
    _PLUGGED: action.await_driver,
    "session/stopping": ending.open_contactor,
    "settling/metering": ending.ask_last_reading,
}

# What may arrive anywhere and means nothing there: timers that lost a race, and noise of parts.
_NOISE = frozenset(
    {
        *("t_sample", "t_aligned", "t_no_energy", "t_start", "t_wake", "t_open"),
        *("t_meter", "t_settle", "t_plug", "t_boot", "t_resume", "t_woken"),
        *("paused", "resumed", "refused", "release", "free_plug", "values", "t_present"),
        *("energy", "locked", "unlocked", "opened", "forget_pending", "read"),
    }
)
_AFTER_THE_END = frozenset({"stop", "spent", "faulted", "unplugged", "plugged"})
_NOBODY_CHARGES = frozenset({"stop", "faulted"})
_SETTLED = frozenset({"stop", "faulted", "plugged"})

IGNORED: dict[str, frozenset[str]] = {
    "booting": _NOISE | _AFTER_THE_END | {"closed"},
    _FREE: _NOISE | _NOBODY_CHARGES | {"unplugged"},
    _PLUGGED: _NOISE | _NOBODY_CHARGES | {"plugged"},
    _AWAITING: _NOISE | _NOBODY_CHARGES | {"unplugged"},
    _LOCKING: _NOISE | {"closed", "plugged"},
    _WAITING: _NOISE | {"plugged", "unplugged"},
    _ENERGISED: _NOISE | {"closed", "plugged", "unplugged"},
    _BY_VEHICLE: _NOISE | {"plugged", "unplugged"},
    _BY_STATION: _NOISE | {"plugged", "unplugged"},
    _STOPPING: _NOISE | _AFTER_THE_END | {"closed"},
    _METERING: _NOISE | _AFTER_THE_END,
    _OCCUPIED: _NOISE | _SETTLED,
    _BILLED: _NOISE | _SETTLED | {"spent"},
}

TABLE = Table(TREE, ROWS, IGNORED, ENTER, INITIAL)
