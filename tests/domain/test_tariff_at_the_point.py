"""A tariff with conditions in the machine and on the screen: counted, shown, saved, never exceeded."""

from chargepoint.domain.devices import ContactorMoved, GreenCardRead, Pilot, PilotChanged
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.effects import Stop
from chargepoint.domain.money.settlement import Bill
from chargepoint.domain.point.context import Billed, PointSettings
from chargepoint.domain.point.machine import PointMachine, ReadingTaken
from chargepoint.domain.point.point import PointData
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from chargepoint.domain.session import EndCause
from chargepoint.domain.units import Minor
from tests.support.points import (
    ONE,
    PointUnderTest,
    a_charging_point,
    at,
    card_order,
    cash_order,
    sample,
)
from tests.support.stations import StationUnderTest, answer

# The clock of these points begins at 08:00 UTC.
SOON = Conditions(start_time_of_day="08:10", end_time_of_day="09:00")
RISING = Tariff(energy_milli_per_kwh=30_000, energy=(ConditionalPrice(60_000, SOON),))
IDLE = Tariff(
    energy_milli_per_kwh=45_000,
    idle_milli_per_minute=10_000,
    idle_grace_minutes=1,
    idle_time=(ConditionalPrice(30_000, SOON),),
)


def finished(point: PointUnderTest, register: int) -> PointUnderTest:
    point.hear(Stop(EndCause.CUSTOMER)).hear(ContactorMoved(ONE, closed=False))
    return point.hear(sample(register)).hear(ReadingTaken())


def billed(point: PointUnderTest) -> Bill:
    return next(n for o in point.outcomes for n in o.notices if isinstance(n, Billed)).bill


def test_charge_across_a_price_change_is_billed_at_both_prices() -> None:
    point = a_charging_point(card_order(2000, RISING))
    for register in range(1100, 3100, 100):  # a reading a minute, 08:10 in the middle
        point.charged(register, power=6_000)
    bill = billed(finished(point, 3000))
    usage = {place: n for component, place, n in bill.session.usage if component == "energy"}
    assert sum(usage.values()) == 2000
    assert usage[0] == 1000
    assert bill.total == 30 + 60


def test_coins_are_never_overspent_across_a_price_change() -> None:
    point = a_charging_point(cash_order(20, RISING))
    point.seconds = 9 * 60 + 30
    register, power = 1000, 22_000
    while point.state == "session/energised":
        point.hear(sample(register, power), after_s=1)
        register += 6
    bill = billed(finished(point, register))
    assert 17 <= bill.session.exact_cost <= 20
    assert bill.absorbed == 0


def test_cut_loses_nothing_of_what_was_counted() -> None:
    point = a_charging_point(card_order(2000, RISING))
    for register in range(1100, 2600, 100):
        point.charged(register, power=6_000)
    saved = [p for o in point.outcomes for p in o.batch.points][-1]
    machine = PointMachine(PointData(ONE), PointSettings(), at(point.seconds + 5))
    machine.restore(saved, at(point.seconds + 5))
    assert machine.data.session == point.machine.data.session


def test_energy_before_a_cut_has_the_price_of_before() -> None:
    """The register that is read afterwards tells of energy that flowed when it was cheaper."""
    point = a_charging_point(card_order(2000, RISING)).charged(1100, power=6_000)
    point.seconds = 15 * 60
    point.hear(sample(1200))
    session = point.machine.data.session
    assert session is not None
    assert {place for component, place, _ in session.usage if component == "energy"} == {-1}


def test_idle_fee_has_its_hours_and_stops_at_what_is_held() -> None:
    point = finished(a_charging_point(cash_order(200, IDLE)).charged(2000), 2000)
    assert point.state == "settling/occupied"
    while point.state == "settling/occupied":
        point.hear(sample(2000), after_s=10)
    bill = billed(point)
    assert bill.total == 200
    assert bill.absorbed <= 5
    idle = {place: n for component, place, n in bill.session.usage if component == "idleTime"}
    assert idle[-1] // 1000 in range(7 * 60, 8 * 60)
    assert idle[0] > 60_000
    sums = point.accounts()
    assert sum(sums.values()) == 0


def test_idle_time_is_saved_while_it_costs() -> None:
    point = finished(a_charging_point(card_order(2000, IDLE)).charged(2000), 2000)
    point.hear(sample(2000), after_s=61)
    assert point.last.batch.points


def test_unplugging_ends_the_idle_fee() -> None:
    point = finished(a_charging_point(card_order(2000, IDLE)).charged(2000), 2000)
    point.hear(PilotChanged(ONE, Pilot.A), after_s=120)
    assert billed(point).total == 45 + 10


def test_screen_tells_the_price_of_now_and_of_the_session() -> None:
    settings = DialogueSettings(tariff=RISING, minimum=Minor(100))
    station = StationUnderTest(1, settings).booted()
    assert station.param("price_energy") == 30_000
    station.seconds = 11 * 60
    station.coin(200)
    assert station.param("price_energy") == 60_000
    assert 3_300 <= int(station.param("approx_wh")) <= 3_350


def test_session_shows_its_own_prices() -> None:
    station = StationUnderTest(1, DialogueSettings(tariff=RISING)).booted()
    station.plugged().tell(GreenCardRead("7123450000000018", "04AA"))
    station.answered(answer(2000, tariff=Tariff(energy_milli_per_kwh=41_000))).press("start")
    station.asks().charge(1, 500)
    assert station.screen == "charging"
    assert station.param("price_energy") == 41_000
