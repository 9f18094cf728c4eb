"""What a tariff costs in time: flat, and with conditions of every kind.

python -m benchmarks.tariffs [--runs 200]
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks import figures
from chargepoint.domain.pricing.tariff import Component, Consumption, Tariff, energy_within, price
from chargepoint.domain.pricing.tariff_ahead import next_change
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from chargepoint.domain.session import Means, Session, StartOrder
from chargepoint.domain.units import Minor, SessionId, Watt, Wh

BATCH = 20
CALCULATION = figures.Target(50)  # us
START = datetime(2026, 11, 20, 20, 59, tzinfo=UTC)
FLAT = Tariff(
    energy_milli_per_kwh=45_000,
    charging_milli_per_minute=500,
    idle_milli_per_minute=10_000,
    session_minor=50,
)
_WEEKEND = Conditions(day_of_week=("Saturday", "Sunday"))
_NIGHT = Conditions(start_time_of_day="22:00", end_time_of_day="06:00")
_SUMMER = Conditions(valid_from_date="2027-06-01", valid_to_date="2027-09-01")
_FAST = Conditions(min_power_w=50_000)
CONDITIONAL = replace(
    FLAT,
    zone="Europe/Madrid",
    energy=tuple(ConditionalPrice(30_000, each) for each in (_WEEKEND, _SUMMER, _FAST, _NIGHT)),
    charging_time=(ConditionalPrice(0, _NIGHT),),
    idle_time=(ConditionalPrice(0, _NIGHT),),
)


def _session(tariff: Tariff) -> Session:
    order = StartOrder(SessionId("S"), Means.CASH, "CASH", tariff, Minor(2000))
    return Session(order, START, Wh(1000), Wh(1000), Minor(2000)).opened()


def one(name: str, tariff: Tariff, runs: int) -> None:
    """Everything that is worked out at one reading while a vehicle charges."""
    figures.heading(name, "us")
    before = _session(tariff)
    now = START + timedelta(seconds=1)

    def read() -> Session:
        passed = before.charged(1_000, now)
        return replace(passed, register=Wh(1002)).priced(passed, Watt(7_000), now)

    session = read()
    for what, once in (
        ("a reading counted", read),
        ("price", lambda: session.exact_cost),
        ("ten seconds ahead", lambda: session.will_overspend(Watt(7_000))),
    ):
        figures.row(what, figures.timed_us(once, runs, batch=BATCH), CALCULATION)
    left = figures.timed_us(lambda: session.seconds_left(Watt(7_000)), runs, batch=BATCH)
    figures.row("time left, up to a day ahead", left, CALCULATION)
    coming = figures.timed_us(
        lambda: next_change(tariff, session.moment(now, Watt(7_000)), tuple(Component)),
        runs,
        batch=BATCH,
    )
    figures.row("the coming change of price", coming, CALCULATION)


def main() -> None:
    runs: int = figures.parser(__doc__, runs=200).parse_args().runs
    one("flat tariff", FLAT, runs)
    used = Consumption(Wh(12_480), charging_s=3_600, idle_s=120)
    figures.row(
        "price of totals",
        figures.timed_us(lambda: price(FLAT, used), runs, batch=BATCH),
        CALCULATION,
    )
    within = figures.timed_us(lambda: energy_within(FLAT, Minor(500), used), runs, batch=BATCH)
    figures.row("energy within a budget", within, CALCULATION)
    one("tariff with seven conditional prices", CONDITIONAL, runs)


if __name__ == "__main__":
    main()
