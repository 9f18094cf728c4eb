"""Smart Charging on the wire (OCPP 1.6 §5.5, §5.7, §5.16): words, limits, refusals."""

from typing import Any

import pytest

from chargepoint.domain.supply.charging_profile import DAY_S, Purpose, RateUnit
from chargepoint.domain.units import SessionId
from simulator.vtime import START_OF_TIME, run_virtual
from tests.support.charging import DeskUnderTest
from tests.support.ocpp_peer import TIME, Bench, a_bench

START = int(START_OF_TIME.timestamp())


def body(*pairs: tuple[int, float], unit: str = "A", **fields: Any) -> dict[str, Any]:
    schedule = {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [{"startPeriod": s, "limit": limit} for s, limit in pairs],
    }
    schedule |= fields.pop("schedule", {})
    found = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
    }
    return found | fields


TX = {"chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative"}
MAX = {"chargingProfilePurpose": "ChargePointMaxProfile"}


async def install(bench: Bench, profile: dict[str, Any], connector: int = 1) -> Any:
    payload = {"connectorId": connector, "csChargingProfiles": profile}
    frame = await bench.central.call("SetChargingProfile", payload)
    return frame[2]["status"] if frame[0] == 3 else frame[2]


async def ask(bench: Bench, action: str, **payload: Any) -> dict[str, Any]:
    frame = await bench.central.call(action, payload)
    assert frame[0] == 3, frame
    answer: dict[str, Any] = frame[2]
    return answer


def test_a_profile_is_taken_word_by_word() -> None:
    async def story() -> None:
        desk = DeskUnderTest()
        async with a_bench(charging=desk.desk) as bench:
            profile = body(
                (0, 11_000.5),
                (3600, 0),
                unit="W",
                chargingProfileKind="Recurring",
                recurrencyKind="Weekly",
                stackLevel=3,
                validFrom="2026-01-01T00:00:00+01:00",
                validTo="2099-01-01T00:00:00Z",
                schedule={
                    "startSchedule": "2026-01-01T00:00:00.250Z",
                    "duration": 7200,
                    "minChargingRate": 1380.1,
                },
            )
            assert await install(bench, profile, 0) == "Accepted"
            (kept,) = desk.store.all()
            assert (kept.id, kept.connector, kept.stack_level) == (1, 0, 3)
            assert kept.purpose is Purpose.SESSION_DEFAULT
            assert kept.repeats_s == 7 * DAY_S
            assert kept.valid_from == 1767222000
            assert kept.schedule.unit is RateUnit.WATT
            assert kept.schedule.start == 1767225600
            assert kept.schedule.duration_s == 7200
            assert kept.schedule.minimum_milli == 1_380_100
            assert [p.limit_milli for p in kept.schedule.periods] == [11_000_500, 0]

    run_virtual(story())


@pytest.mark.parametrize(
    ("profile", "connector", "answer"),
    [
        (body((0, 10)), 1, "Accepted"),
        (body((0, 10)), 0, "Accepted"),
        (body((0, 10), **MAX), 0, "Accepted"),
        # the specified refusals: §3.13.1, errata 3.39, 3.45, 3.38
        (body((0, 10), **MAX), 1, "Rejected"),
        (body((0, 10), **MAX, chargingProfileKind="Relative"), 0, "Rejected"),
        (body((0, 10), **TX), 0, "Rejected"),
        (body((0, 10), **TX), 1, "Rejected"),
        (body((0, 10)), 3, "PropertyConstraintViolation"),
        (body((0, 10)), -1, "PropertyConstraintViolation"),
        (body((1, 10)), 1, "Rejected"),
        (body((0, 10), (60, 8), (30, 6)), 1, "Rejected"),
        (body((0, -1)), 1, "Rejected"),
        (body((0, 10), unit="kW"), 1, "PropertyConstraintViolation"),
        (body((0, 10), stackLevel=-1), 1, "PropertyConstraintViolation"),
        (body((0, 10), stackLevel=10), 1, "Rejected"),
        (body(), 1, "Rejected"),
        (body(*((n, 10) for n in range(101))), 1, "Rejected"),
        (body((0, 10), chargingProfileKind="Recurring"), 1, "Rejected"),
        (body((0, 10), transactionId=5), 1, "Rejected"),
        (body((0, 10), validTo="2020-01-01T00:00:00Z"), 1, "Rejected"),
        (body((0, 10), schedule={"duration": 0}), 1, "Rejected"),
        (body((0, 10), chargingProfileId=10**30), 1, "Rejected"),
        (body((0, 10.05)), 1, "PropertyConstraintViolation"),
        (body((0, 1e300)), 1, "Accepted"),
        (body((10**30, 10)), 1, "Rejected"),
        (body((0, 10), (10**30, 8)), 1, "Accepted"),
    ],
)
def test_an_impossible_profile_gets_the_specified_answer(
    profile: dict[str, Any], connector: int, answer: str
) -> None:
    async def story() -> None:
        desk = DeskUnderTest()
        async with a_bench(charging=desk.desk) as bench:
            assert await install(bench, profile, connector) == answer
            assert bool(desk.store.kept) == (answer == "Accepted")

    run_virtual(story())


def test_a_limit_that_is_no_number_is_no_json() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            before = len(bench.central.frames)
            await bench.central.send(
                '[2,"x","SetChargingProfile",{"connectorId":1,"csChargingProfiles":{"chargingProfileId'
                '":1,"stackLevel":0,"chargingProfilePurpose":"TxDefaultProfile","chargingProfileKind":'
                '"Absolute","chargingSchedule":{"chargingRateUnit":"A","chargingSchedulePeriod":'
                '[{"startPeriod":0,"limit":NaN}]}}}]'
            )
            assert await install(bench, body((0, 10))) == "Accepted"
            assert bench.central.frames[before][2] == "FormationViolation"

    run_virtual(story())


def test_a_session_profile_needs_its_own_transaction() -> None:
    async def story() -> None:
        desk = DeskUnderTest()
        async with a_bench(charging=desk.desk) as bench:
            desk.begin(1, "S1")
            assert await install(bench, body((0, 10), **TX, transactionId=0)) == "Rejected"
            assert await install(bench, body((0, 10), **TX, transactionId=10**30)) == "Rejected"
            await bench.outbox.remember_transaction(SessionId("S1"), 0)
            await bench.outbox.remember_transaction(SessionId("S0"), 77)
            assert await install(bench, body((0, 10), **TX, transactionId=77)) == "Rejected"
            assert await install(bench, body((0, 10), **TX, transactionId=0)) == "Accepted"
            assert await install(bench, body((0, 9), **TX)) == "Accepted"
            assert desk.limits(1) == [10, 9]
            assert await install(bench, body((0, 9), **TX), 2) == "Rejected"

    run_virtual(story())


def test_clearing_is_accepted_or_unknown() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            await install(bench, body((0, 10)))
            await install(bench, body((0, 10), chargingProfileId=2, stackLevel=1), 0)
            clear = "ClearChargingProfile"
            assert await ask(bench, clear, id=9) == {"status": "Unknown"}
            assert await ask(bench, clear, connectorId=9) == {"status": "Unknown"}
            purpose = {"chargingProfilePurpose": "TxProfile"}
            assert await ask(bench, clear, **purpose) == {"status": "Unknown"}
            assert await ask(bench, clear, connectorId=0, stackLevel=1) == {"status": "Accepted"}
            assert await ask(bench, clear) == {"status": "Accepted"}
            assert await ask(bench, clear) == {"status": "Unknown"}

    run_virtual(story())


def test_a_composite_schedule_is_relative_to_now_and_names_no_start_of_its_own() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            start = {"schedule": {"startSchedule": TIME}}
            await install(bench, body((0, 16), (61, 10.5), (121, 32), **start))
            asked = await ask(bench, "GetCompositeSchedule", connectorId=1, duration=300)
            periods = asked["chargingSchedule"].pop("chargingSchedulePeriod")
            offset = periods[1]["startPeriod"]
            assert asked == {
                "status": "Accepted",
                "connectorId": 1,
                "scheduleStart": asked["scheduleStart"],
                "chargingSchedule": {"duration": 300, "chargingRateUnit": "A"},
            }
            assert [(p["startPeriod"], p["limit"]) for p in periods] == [
                (0, 16),
                (offset, 10.5),
                (offset + 60, 32),
            ]

    run_virtual(story())


def test_a_composite_schedule_in_watts_and_for_the_station() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            await install(bench, body((0, 11_000), unit="W"))
            await install(bench, body((0, 30), **MAX, chargingProfileId=2), 0)
            limits = {}
            for connector in (0, 1, 2):
                for unit in ("A", "W"):
                    wanted = {"connectorId": connector, "duration": 60, "chargingRateUnit": unit}
                    answer = await ask(bench, "GetCompositeSchedule", **wanted)
                    (period,) = answer["chargingSchedule"]["chargingSchedulePeriod"]
                    limits[connector, unit] = period["limit"]
            assert limits == {
                (0, "A"): 30.0,
                (0, "W"): 20_700.0,
                (1, "A"): 15.9,
                (1, "W"): 11_000.0,
                (2, "A"): 30.0,
                (2, "W"): 20_700.0,
            }

    run_virtual(story())


@pytest.mark.parametrize(("connector", "duration"), [(3, 60), (-1, 60), (1, 0), (1, -5)])
def test_a_composite_schedule_of_nothing_is_rejected(connector: int, duration: int) -> None:
    async def story() -> None:
        async with a_bench() as bench:
            wanted = {"connectorId": connector, "duration": duration}
            assert await ask(bench, "GetCompositeSchedule", **wanted) == {"status": "Rejected"}

    run_virtual(story())


def test_a_composite_schedule_is_bounded_and_says_where_it_ends() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            fields: dict[str, Any] = {"chargingProfileKind": "Recurring", "recurrencyKind": "Daily"}
            fields["schedule"] = {"startSchedule": "2020-01-01T00:00:00Z"}
            await install(bench, body(*((h * 900, 10 + h % 2) for h in range(96)), **fields))
            wanted = {"connectorId": 1, "duration": 10**30}
            answer = await ask(bench, "GetCompositeSchedule", **wanted)
            schedule = answer["chargingSchedule"]
            assert len(schedule["chargingSchedulePeriod"]) == 100
            last = schedule["chargingSchedulePeriod"][-1]["startPeriod"]
            assert schedule["duration"] == last + 900

    run_virtual(story())


def test_a_remote_start_brings_its_profile_or_nothing_starts() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            start = "RemoteStartTransaction"
            profile = body((0, 8), **TX)
            answer = await ask(bench, start, idTag="T", connectorId=1, chargingProfile=profile)
            assert answer == {"status": "Accepted"}
            (kept,) = bench.door.start_profiles
            assert kept is not None
            assert kept.purpose is Purpose.SESSION
            for wrong in (body((0, 8)), body((0, 8), **TX, transactionId=1)):
                answer = await ask(bench, start, idTag="T", connectorId=1, chargingProfile=wrong)
                assert answer == {"status": "Rejected"}
            assert len(bench.door.start_profiles) == 1

    run_virtual(story())


def test_the_keys_say_what_is_possible() -> None:
    async def story() -> None:
        async with a_bench() as bench:
            answer = await ask(bench, "GetConfiguration")
            values = {k["key"]: (k.get("value"), k["readonly"]) for k in answer["configurationKey"]}
            assert values["ChargeProfileMaxStackLevel"] == ("9", True)
            assert values["ChargingScheduleAllowedChargingRateUnit"] == ("Current,Power", True)
            assert values["ChargingScheduleMaxPeriods"] == ("100", True)
            assert values["ConnectorSwitch3to1PhaseSupported"] == ("false", True)
            assert values["MaxChargingProfilesInstalled"] == ("40", True)
            assert "SmartCharging" in str(values["SupportedFeatureProfiles"][0])

    run_virtual(story())
