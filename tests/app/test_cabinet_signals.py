"""Beeps where the kiosk is mute, a test of the lamps, and coins seen against coins ordered."""

import asyncio
from dataclasses import dataclass, field

from chargepoint.app.payout_watch import PayoutWatch
from chargepoint.app.signals import Signals
from chargepoint.contract import Ability
from chargepoint.domain.devices import CoinsFell, DeviceKind, DeviceOffline, DeviceOnline, DeviceRef
from chargepoint.domain.dialogue.context import DialogueData
from chargepoint.domain.payments import UNCERTAIN, HopperMark, PayoutDone
from chargepoint.domain.point.lamp import STARTING
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.signals import COLOURS, Lamp
from chargepoint.domain.units import ConnectorId
from simulator.vtime import run_virtual

MODULE = DeviceRef(DeviceKind.CABINET)
QUIET_S = 5


@dataclass
class FakeCabinet:
    has_signals: bool = True
    beeps: int = 0
    shown: list[Lamp] = field(default_factory=list)

    async def run(self) -> None:
        raise NotImplementedError

    async def look(self) -> None: ...

    def watch(self, *, closely: bool) -> None: ...

    def light(self, connector: ConnectorId, lamp: Lamp) -> None:
        self.shown.append(lamp)

    def beep(self, times: int) -> None:
        self.beeps += times


def test_a_kiosk_that_can_be_heard_leaves_the_beeper_alone() -> None:
    cabinet = FakeCabinet()
    signals = Signals(cabinet)
    signals.sound("error", True)
    assert cabinet.beeps == 0
    signals.sound("error", False)
    assert cabinet.beeps == 2
    signals.told(Ability("sound", False, "no device"))
    signals.sound("attention", True)
    signals.sound("something new", True)
    assert cabinet.beeps == 2 + 3 + 1


def test_inputs_alone_are_no_signals() -> None:
    cabinet = FakeCabinet(has_signals=False)
    signals = Signals(cabinet)
    signals.sound("error", False)
    assert (signals.is_fitted, cabinet.beeps) == (False, 0)


class Payouts:
    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.is_paying = False
        self.watch = PayoutWatch(
            lambda code, detail, _device: self.told.append((code, detail)), lambda: self.is_paying
        )
        self.watch.note(DeviceOnline(MODULE))

    def paid(self, coins: int, reason: str = "") -> None:
        mark = HopperMark("710100", coins, 0, 0, "someone:100")
        self.watch.paid(PayoutDone(mark, coins, reason))


def told(*steps: object) -> list[tuple[str, str]]:
    async def story() -> list[tuple[str, str]]:
        payouts = Payouts()
        for step in steps:
            if callable(step):
                step(payouts)
            else:
                await asyncio.sleep(float(str(step)))
        await asyncio.sleep(QUIET_S)
        return payouts.told

    return run_virtual(story())


def fell(count: int) -> object:
    return lambda payouts: payouts.watch.note(CoinsFell(count))


def paid(coins: int, reason: str = "") -> object:
    return lambda payouts: payouts.paid(coins, reason)


def test_what_is_seen_and_what_was_paid_agree_in_any_order() -> None:
    assert told(fell(2), 1, paid(3), 1, fell(1)) == []
    assert told(paid(3), fell(3)) == []


def test_too_few_too_many_and_not_ordered_are_told_once_each() -> None:
    assert told(paid(3), fell(2))[0][0] == "cabinet.payout_differs"
    assert "3 coins; 4 were seen" in told(paid(3), fell(4))[0][1]
    assert told(fell(2), QUIET_S, fell(1)) == [
        ("cabinet.coins_stray", "2 coins fell, and nobody had ordered any"),
        ("cabinet.coins_stray", "1 coins fell, and nobody had ordered any"),
    ]


def test_a_hopper_that_is_not_sure_has_a_second_witness_in_the_incident() -> None:
    assert "0 coins and are not sure; 2 were seen" in told(paid(0, UNCERTAIN), fell(2))[0][1]


def test_a_payout_under_way_is_not_judged_and_a_module_that_was_away_judges_none() -> None:
    def paying(payouts: Payouts, is_paying: bool) -> None:
        payouts.is_paying = is_paying

    assert (
        told(lambda p: paying(p, True), fell(1), 30, fell(1), paid(2), lambda p: paying(p, False))
        == []
    )
    away = lambda p: p.watch.note(DeviceOffline(MODULE, "silent"))  # noqa: E731
    assert told(paid(3), away, fell(1)) == []


def test_the_test_shows_each_colour_and_then_what_is_true() -> None:
    cabinet = FakeCabinet()
    signals = Signals(cabinet)
    signals.follow(DialogueData(ConnectorId(1), {ConnectorId(1): PointSeen()}))

    run_virtual(signals.show_all())
    assert cabinet.shown == [STARTING, *COLOURS, STARTING]
