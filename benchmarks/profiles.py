"""What a composite schedule costs: 24 hours out of three purposes with ten profiles each.

    python -m benchmarks.profiles [--runs 200]

The worst case: every stack level leaves the next one an hour, each has a period an hour.
"""

from benchmarks import figures
from chargepoint.domain.supply.charging_profile import (
    DAY_S,
    STATION,
    Epoch,
    Period,
    Profile,
    Purpose,
    RateUnit,
    Schedule,
)
from chargepoint.domain.supply.composite_schedule import (
    Step,
    Supply,
    Window,
    capped,
    joined,
    layered,
    limit_in_amperes,
    lowest,
    of_connector,
    of_station,
)
from chargepoint.domain.units import ConnectorId, MilliAmp, SessionId

ONE, SESSION = ConnectorId(1), SessionId("S1")
LEVELS, HOUR_S = 10, 3600
START = Epoch(1_800_000_000)
LIMIT_MS = 5.0


def _profile(purpose: Purpose, level: int) -> Profile:
    periods = tuple(
        Period(hour * HOUR_S, 1000 * (6 + (hour * 7 + level) % 26)) for hour in range(24)
    )
    length_s = DAY_S - (level + 1) * HOUR_S  # the strongest is the shortest
    return Profile(
        id=level + LEVELS * list(Purpose).index(purpose),
        connector=STATION if purpose is Purpose.STATION_MAX else ONE,
        purpose=purpose,
        stack_level=level,
        schedule=Schedule(RateUnit.AMPERE, periods, START, length_s),
        repeats_s=DAY_S,
        session=SESSION if purpose is Purpose.SESSION else None,
    )


def composite(profiles: list[Profile]) -> list[Step]:
    supply, window = Supply(), Window(START, Epoch(START + DAY_S), START)
    own = layered(of_connector(profiles, ONE, SESSION), window, supply)
    station = layered(of_station(profiles), window, supply)
    return capped(joined(own, station, lowest), limit_in_amperes(MilliAmp(32_000), supply))


def main() -> None:
    runs = figures.parser(__doc__, runs=200).parse_args().runs
    profiles = [_profile(purpose, level) for purpose in Purpose for level in range(LEVELS)]
    figures.heading("one composite schedule", "us")
    taken_us = figures.timed_us(lambda: composite(profiles), runs, batch=1)
    figures.row(f"24 h, 3 x 10 profiles, {len(composite(profiles))} periods", taken_us)
    slow_us = figures.percentile(taken_us, 50)
    verdict = "within" if slow_us < LIMIT_MS * 1000 else "MORE THAN"
    print(f"{'':44}{verdict} {LIMIT_MS:.0f} ms")


if __name__ == "__main__":
    main()
