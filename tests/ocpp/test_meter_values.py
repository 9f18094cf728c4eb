"""What was measured, on the wire: every measurand, phases, transactionData (OCPP 1.6 §3.16, §7.31)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.delivery import Delivery, MeterValuesTaken
from chargepoint.domain.supply.metering import Details, Phase, Values
from chargepoint.domain.units import MilliAmp, MilliVolt, Watt, Wh
from chargepoint.ocpp.meter_values import (
    MEASURANDS,
    MOST_TRANSACTION_VALUES,
    meter_values,
    transaction_data,
)
from chargepoint.ocpp.schemas import Schemas
from chargepoint.store import rows
from simulator.vtime import run_virtual
from tests.support.ocpp_peer import a_bench, a_reading, a_start, a_stop, until

PHASES = tuple(
    Phase(MilliVolt(volts * 1000), MilliAmp(16_000), Watt(volts * 16)) for volts in (229, 230, 231)
)
THREE_PHASE = Details(
    phases=PHASES,
    power_factor_milli=998,
    frequency_milli=49_980,
    temperature_milli=31_500,
    offered=MilliAmp(16_000),
    interval=Wh(250),
)
EVERY = tuple(MEASURANDS)


def _sampled(taken: MeterValuesTaken, *measurands: str) -> list[tuple[str, str, str]]:
    payload = meter_values(taken, measurands or EVERY, remote_id=7)
    assert payload is not None
    return [
        (
            each["measurand"],
            each.get("phase", ""),
            f"{each['value']} {each.get('unit', '')}".strip(),
        )
        for each in payload["meterValue"][0]["sampledValue"]
    ]


def test_three_phases_say_every_measurand() -> None:
    taken = replace(a_reading(), power=Watt(11_040), details=THREE_PHASE)
    assert _sampled(taken) == [
        ("Energy.Active.Import.Register", "", "1500 Wh"),
        ("Power.Active.Import", "", "11040 W"),
        ("Power.Active.Import", "L1", "3664 W"),
        ("Power.Active.Import", "L2", "3680 W"),
        ("Power.Active.Import", "L3", "3696 W"),
        ("Current.Import", "L1", "16.000 A"),
        ("Current.Import", "L2", "16.000 A"),
        ("Current.Import", "L3", "16.000 A"),
        ("Voltage", "L1-N", "229.000 V"),
        ("Voltage", "L2-N", "230.000 V"),
        ("Voltage", "L3-N", "231.000 V"),
        ("Energy.Active.Import.Interval", "", "250 Wh"),
        ("Current.Offered", "", "16.000 A"),
        ("Power.Offered", "", "11040 W"),
        ("Power.Factor", "", "0.998"),
        ("Frequency", "", "49.980"),
        ("Temperature", "", "31.500 Celsius"),
    ]


def test_what_the_hardware_does_not_say_is_left_out() -> None:
    assert [name for name, _, _ in _sampled(a_reading())] == [
        "Energy.Active.Import.Register",
        "Power.Active.Import",
        "Current.Import",
        "Voltage",
    ]
    assert meter_values(a_reading(), ("Temperature", "Frequency"), remote_id=1) is None


def test_values_come_in_the_order_they_were_asked_for() -> None:
    assert _sampled(a_reading(), "Voltage", "Current.Import") == [
        ("Voltage", "", "230.100 V"),
        ("Current.Import", "", "16.005 A"),
    ]


@given(st.sets(st.sampled_from(EVERY), min_size=1), st.booleans())
def test_whatever_is_asked_for_is_what_the_schema_allows(asked: set[str], phases: bool) -> None:
    details = replace(THREE_PHASE, phases=PHASES if phases else ())
    payload = meter_values(replace(a_reading(), details=details), tuple(sorted(asked)), remote_id=1)
    schemas = Schemas(sent=frozenset({"MeterValues"}), answered=frozenset())
    assert payload is not None
    assert schemas.fault_of_request("MeterValues", payload) is None


# --- transactionData -----------------------------------------------------------------------------


def _history(samples: int) -> list[Delivery]:
    taken: list[Delivery] = [
        replace(
            a_reading(number=number),
            at=a_reading().at + timedelta(minutes=number),
            clock_aligned=number % 2 == 0,
        )
        for number in range(1, samples + 1)
    ]
    return [a_start(), *taken]


def _contexts(data: list[dict[str, Any]]) -> list[str]:
    return [moment["sampledValue"][0]["context"] for moment in data]


def test_a_transaction_begins_is_sampled_and_ends_in_its_data() -> None:
    register = ("Energy.Active.Import.Register",)
    data = transaction_data(a_stop(), _history(2), register, register)
    assert _contexts(data) == [
        "Transaction.Begin",
        "Sample.Periodic",
        "Sample.Clock",
        "Transaction.End",
    ]
    assert [moment["sampledValue"][0]["value"] for moment in data] == [
        "1000",
        "1500",
        "1500",
        "2000",
    ]
    assert _contexts(transaction_data(a_stop(), _history(2), (), register)) == ["Sample.Clock"]


@given(st.integers(0, 500))
def test_a_long_transaction_is_thinned_and_keeps_its_ends(samples: int) -> None:
    register = ("Energy.Active.Import.Register",)
    data = transaction_data(a_stop(), _history(samples), register, register)
    assert len(data) == min(samples + 2, MOST_TRANSACTION_VALUES)
    assert _contexts(data)[0] == "Transaction.Begin"
    assert _contexts(data)[-1] == "Transaction.End"
    times = [moment["timestamp"] for moment in data[:-1]]
    assert times == sorted(set(times))


def test_stop_carries_transaction_data_only_when_it_is_asked_for() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.add(a_start(), a_reading(), a_stop())
            await until(lambda: not bench.outbox.queued)
            for key in ("StopTxnSampledData", "StopTxnAlignedData"):
                asked = {"key": key, "value": "Energy.Active.Import.Register,Voltage"}
                assert (await bench.central.call("ChangeConfiguration", asked))[2] == {
                    "status": "Accepted"
                }
            bench.add(a_start("b"), a_reading("b"), a_reading("b", 2, aligned=True), a_stop("b"))
            await until(lambda: not bench.outbox.queued)
            without, with_data = bench.central.of("StopTransaction")
            assert "transactionData" not in without
            assert _contexts(with_data["transactionData"]) == [
                "Transaction.Begin",
                "Sample.Periodic",
                "Sample.Clock",
                "Transaction.End",
            ]

    run_virtual(scenario())


# --- the journal ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "delivery",
    [
        replace(a_start(), values=Values(details=THREE_PHASE)),
        replace(a_reading(), details=THREE_PHASE),
        replace(a_stop(), values=Values(Watt(1), details=THREE_PHASE)),
    ],
)
def test_details_survive_the_journal(delivery: Delivery) -> None:
    assert rows.load(*rows.dump(delivery)) == delivery


def test_rows_of_older_journals_have_no_details() -> None:
    plain = (
        '{"session":"s1","connector":1,"number":1,"at":"2026-01-01T08:00:00.000Z","register":1500,'
        '"power":3680,"current":16005,"voltage":230100,"clock_aligned":false}'
    )
    assert rows.load("meter", plain) == a_reading()
