"""The player: every act reaches the station, every expectation is looked up, failures say what was."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.play import Player
from simulator.report import Failure
from simulator.scenario_file import parse
from simulator.station import Station
from simulator.vtime import run_virtual
from tests.simulator.fake_station import Fakes, a_screen

Prepare = Callable[[Station], None]


class Play:
    """Plays steps on fakes and keeps what came of it."""

    def __init__(self, folder: Path, fakes: Fakes | None = None) -> None:
        self.folder = folder
        self.fakes = fakes or Fakes()
        self.took_s = 0.0
        self.station: Station | None = None

    def __call__(self, *steps: str, prepare: Prepare = lambda _: None) -> tuple[Failure, ...]:
        written = "title: t\nsteps:\n" + "".join(f"  - {step}\n" for step in steps)
        return run_virtual(self._play(written, prepare))

    async def _play(self, written: str, prepare: Prepare) -> tuple[Failure, ...]:
        self.station = self.fakes.station(self.folder)
        prepare(self.station)
        failures = await Player(self.station).run(parse(written).steps)
        self.took_s = asyncio.get_running_loop().time()
        return failures


@pytest.fixture
def play(tmp_path: Path) -> Play:
    return Play(tmp_path)


def test_acts_when_played_then_each_reaches_the_station(play: Play) -> None:
    play.fakes.kiosk.now = a_screen(
        "home", "start", "connector_1", *(f"key_{n}" for n in "1234567890"), "key_ok"
    )
    failures = play(
        "coin: 2.00",
        "tap: GC-1",
        "touch: start",
        "touch: {x: 12, y: 40.5}",
        "hold: {id: start, for: 5s}",
        "enter_code: own",
        'enter_code: "12"',
        "fault: {device: evse, kind: weld, connector: 2}",
        "clear: {device: evse}",
        "power: cut",
        "power: {cut_at_commit: 3}",
        "power: restore",
        "kill: core",
        "central: down",
        "central: {answer: Authorize, with: {idTagInfo: {status: Blocked}}, times: 2}",
        "central: {send: RemoteStartTransaction, payload: {idTag: $GC-1.number, n: 'x$GC-1.uid'}}",
        "central: {send_raw: '[2]'}",
        "note_to_reader: hello",
        "coin_jam: true",
    )
    assert failures == ()
    fakes = play.fakes
    pressed = [button for button, _ in fakes.kiosk.pressed]
    assert fakes.kiosk.pressed[1] == ("start", 5.0)
    assert pressed == [
        "start",
        "start",
        "key_4",
        "key_7",
        "key_1",
        "key_1",
        "key_ok",
        "key_1",
        "key_2",
        "key_ok",
    ]
    assert fakes.kiosk.taps == [(12.0, 40.5)]
    assert fakes.power.did == ["cut", "cut_at_commit 3", "restore", "kill core"]
    assert fakes.office.sent == [
        ("RemoteStartTransaction", {"idTag": "9724000000000001", "n": "x04AABBCCDDEE80"}),
        ("", "[2]"),
    ]
    assert fakes.office.answers[0][2:] == (2, "")
    assert fakes.devices.did[0] == ("coin", 200)
    assert fakes.devices.did[-1] == ("fault", "coin_acceptor", "stuck", None)


def test_vehicle_when_plugged_changed_and_unplugged_then_the_world_follows(play: Play) -> None:
    failures = play(
        "plug: {connector: 1, ev: {soc: 30, diode: short, phases: 3}}",
        "ev: {connector: 1, soc: 50, ready: false, diode: ok}",
        "expect: {contactor: {1: open, 2: open}, energy_wh: {1: 0}, current_a: {1: {max: 16}}}",
        "expect: {lock: {1: unlocked}}",
        "unplug: {connector: 1}",
        "unplug: {connector: 1}",
    )
    assert [(failure.step, failure.was) for failure in failures] == [
        (6, "nothing is plugged in at connector 1")
    ]


@pytest.mark.parametrize(
    ("step", "was"),
    [
        ("note: 20.00", "not fitted at this station: note validator"),
        ("bank: approve", "not fitted at this station: bank terminal"),
        ("take_change: true", "not fitted at this station: coin hopper"),
        ("key: ok", "not fitted at this station: tactile keys"),
        ("remove_card: true", "no card is held to the reader"),
        ("ev: {connector: 1, phases: 2}", "a plugged car cannot change its phases"),
        ("touch: stop", "screen home with start, pay_card (disabled), help"),
        ("touch: pay_card", "screen home with start, pay_card (disabled), help"),
        ("touch: help", "screen home with start, pay_card (disabled), help"),
        ("touch: {id: start, connector: 2}", "screen home with start, pay_card (disabled), help"),
        ("central: {send: Reset, payload: {t: $GC-9.number}}", "nothing is known as $GC-9.number"),
        ("expect: {balance: {GC-9: 1.00}}", "card GC-9 is not given in this scenario"),
    ],
)  # fmt: skip
def test_step_that_does_not_fit_when_played_then_it_fails_and_says_why(
    play: Play, step: str, was: str
) -> None:
    play.fakes.kiosk.now = a_screen("home", "start", "-pay_card", "~help")
    (failure,) = play("wait: 1s", step, "wait: 1d")
    assert (failure.step, failure.line, failure.was) == (2, 4, was)
    assert play.took_s < 100


def test_touch_when_the_button_comes_within_ten_seconds_then_pressed(play: Play) -> None:
    def later(station: Station) -> None:
        def show() -> None:
            play.fakes.kiosk.now = a_screen("pay", "start")
            station.changes.notify()

        asyncio.get_running_loop().call_later(9, show)

    assert play("touch: start", prepare=later) == ()
    assert play.took_s == 9


def test_send_when_there_is_no_link_then_it_waits_and_fails(play: Play) -> None:
    play.fakes.office.is_linked = False
    (failure,) = play("central: {send: Reset}")
    assert failure.was == "not connected"
    assert play.took_s == 10


def test_expectations_when_met_then_no_failure(play: Play) -> None:
    play.fakes.kiosk.now = a_screen("charging", "stop", cost_minor=212)

    def told(station: Station) -> None:
        call = {"dir": "sent", "type": 2, "id": "1", "action": "StatusNotification"}
        station.record.frame(1.0, call | {"payload": {"connectorId": 1, "status": "Charging"}})
        start = {"dir": "sent", "type": 2, "id": "2", "action": "StartTransaction"}
        station.record.frame(1.0, start | {"payload": {"connectorId": 1, "meterStart": 12}})
        answer = {"dir": "received", "type": 3, "id": "2", "action": "StartTransaction"}
        station.record.frame(1.0, answer | {"payload": {"transactionId": 77}})

    failures = play(
        "expect: {screen: charging, says: Plug in your car, button: stop, connector: {1: Charging}}",
        "expect: {ocpp: {sent: StartTransaction, where: {meterStart: {max: 12}}}, times: 1}",
        "expect: {ocpp: {received: StartTransaction, where: {transactionId: $connector-1.transactionId}}}",
        "expect: {ocpp: {sent: StopTransaction}, times: 0}",
        "expect: {cost: 2.12, credit: 0.00, paid_out: 0, captured: 0, owed: 0.00, returned: 0.50}",
        "expect: {cost: {1: {min: 2, max: 3}}, balance: {GC-1: 17.88}, ledger: balanced}",
        "expect: {ledger: {cash_box: 0.00}, device: {coin_acceptor: online, 'evse:1': offline}}",
        "never: {incident: evse.weld}",
        prepare=told,
    )
    assert failures == ()


@pytest.mark.parametrize(
    ("expectation", "expected", "was"),
    [
        ("screen: home", "screen: home", "no kiosk is alive"),
        ("credit: 7.00", "credit: 7", "0.00"),
        ("cost: {2: {min: 1}}", "cost: 2: at least 1", "2: nothing"),
        ("lock: {1: locked}", "lock: 1: locked", "1: unlocked"),
        ("incident: evse.weld", "incident: evse.weld", "incidents: none"),
        ("connector: {1: Charging}", "connector: 1: Charging", "1: no status sent"),
        ("balance: {GC-1: 1.00}", "balance: GC-1: 1", "GC-1: 17.88"),
        ("ledger: {cash_box: 1.50}", "ledger: cash_box: 1.5", "cash_box: 0.00"),
        ("device: {meter: offline}", "device: meter: offline", "meter: online"),
    ],
)
def test_expectation_when_not_met_in_time_then_it_says_what_was(
    play: Play, expectation: str, expected: str, was: str
) -> None:
    (failure,) = play(f"expect: {{{expectation}, within: 5s}}")
    assert (failure.expected, failure.was) == (expected, was)
    assert play.took_s == 5


def test_never_when_it_happens_then_the_play_fails_at_its_line(play: Play) -> None:
    def break_in(station: Station) -> None:
        asyncio.get_running_loop().call_later(3, lambda: station.world.set_lock(1, locked=True))

    (failure,) = play("never: {lock: {1: locked}}", "wait: 1m", prepare=break_in)
    assert (failure.step, failure.expected) == (1, "never lock: 1: locked")
    assert play.took_s == 60


def test_parallel_and_repeat_when_played_then_tracks_overlap_and_a_failure_ends_all(
    play: Play,
) -> None:
    assert (
        play(
            "parallel: [[{wait: 1m}], [{wait: 2m}, {coin: 1}]]",
            "repeat: {times: 3, steps: [{wait: 1m}]}",
        )
        == ()
    )
    assert play.took_s == 300
    failures = play("parallel: [[{wait: 1m}, {touch: no}], [{wait: 1d}]]")
    assert [failure.step for failure in failures] == [3]
    assert play.took_s == 70


def test_expectation_without_a_limit_waits_for_what_the_act_causes(play: Play) -> None:
    def lock_later(after_s: float) -> Prepare:
        def lock(station: Station) -> None:
            loop = asyncio.get_running_loop()
            loop.call_later(after_s, lambda: station.world.set_lock(1, locked=True))

        return lock

    steps = ("coin: 2.00", "expect: {lock: {1: locked}}")
    assert play(*steps, prepare=lock_later(0.4)) == ()
    (failure,) = play(*steps, prepare=lock_later(0.5))
    assert failure.was == "1: unlocked"


def test_expectation_that_nothing_happened_is_judged_when_the_act_has_settled(play: Play) -> None:
    def lock(station: Station) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, lambda: station.world.set_lock(1, locked=True))

    (failure,) = play("coin: 2.00", "expect: {lock: {1: unlocked}}", prepare=lock)
    assert failure.was == "1: locked"


def test_finger_waits_until_the_coin_was_read(play: Play) -> None:
    play.fakes.kiosk.now = a_screen("cash_in", "start")
    play.fakes.devices.cash_unread_looks = 1
    assert play("coin: 2.00", "touch: start") == ()
    assert play.took_s == pytest.approx(0.1)  # read at the second look
    play.fakes.devices.cash_unread_looks = 10**6
    assert play("coin: 2.00", "touch: start") == ()
    assert play.took_s == pytest.approx(0.6)


def test_green_card_is_held_out_when_the_coin_was_read(play: Play) -> None:
    play.fakes.devices.cash_unread_looks = 1
    assert play("coin: 2.00", "tap: GC-1") == ()
    assert play.took_s == pytest.approx(0.1)  # read at the second look


def test_hand_holds_its_card_until_the_terminal_asks_for_one(play: Play) -> None:
    play.fakes.devices.bank_deaf_looks = 2
    assert play("bank: approve") == ()
    assert play.fakes.devices.did == [("bank", "approve")]
    assert play.took_s == pytest.approx(0.5)  # asked for at the third look


def test_card_that_no_terminal_asks_for_is_held_out_in_the_end(play: Play) -> None:
    play.fakes.devices.bank_deaf_looks = 10**6
    assert play("bank: approve") == ()
    assert play.fakes.devices.did == [("bank", "approve")]
    assert play.took_s == pytest.approx(10.0)


def test_terminal_is_switched_off_and_on_whether_it_asks_or_not(play: Play) -> None:
    play.fakes.devices.bank_deaf_looks = 10**6
    assert play("bank: reboot") == ()
    assert play.took_s == 0.0


def test_hand_waits_a_moment_for_a_slot_that_is_about_to_open(play: Play) -> None:
    play.fakes.devices.shut_looks = 1
    assert play("coin: 2.00") == ()
    assert play.took_s == pytest.approx(0.25)


def test_coin_goes_into_a_slot_that_stays_shut_and_comes_back(play: Play) -> None:
    play.fakes.devices.shut_looks = 10**6
    assert play("coin: 2.00") == ()
    assert play.fakes.devices.did == [("coin", 200)]
    assert play.took_s == pytest.approx(2.0)
