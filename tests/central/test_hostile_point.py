"""A charge point that nobody here wrote, and that means no good: plain websocket, frames by hand.

Whatever it sends it gets an answer that names its mistake, its link stays, and the books balance.
"""

import asyncio
import json
from typing import Any

import pytest

from central.greencard.trial import trial_of
from central.system import CentralSystem
from tests.support.central import CARD, START, a_receipt, a_system, connected, euros

pytestmark = pytest.mark.usefixtures("both_databases")

HUGE = 10**30
NUL, HALF = "a\x00b", "\ud800"  # what PostgreSQL keeps no text with; half a character
OTHER_TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-21T08:00:00", "")
KNOWN = {"FormationViolation", "PropertyConstraintViolation", "TypeConstraintViolation",
         "OccurenceConstraintViolation"}  # fmt: skip


def start(**changes: Any) -> dict[str, Any]:
    return {"connectorId": 1, "idTag": CARD, "timestamp": START, "meterStart": 0} | changes


def stop(**changes: Any) -> dict[str, Any]:
    return {"transactionId": 1, "meterStop": 1000, "timestamp": START} | changes


def status(**changes: Any) -> dict[str, Any]:
    return {"connectorId": 1, "errorCode": "NoError", "status": "Available"} | changes


def values(value: str, **changes: Any) -> dict[str, Any]:
    taken = [{"timestamp": START, "sampledValue": [{"value": value} | changes]}]
    return {"connectorId": 1, "transactionId": 1, "meterValue": taken}


def boot(**changes: Any) -> dict[str, Any]:
    return {"chargePointVendor": "V", "chargePointModel": "M"} | changes


CALLS = [
    *[("StartTransaction", start(timestamp=each)) for each in OTHER_TIMES],
    *[("StopTransaction", stop(timestamp=each)) for each in OTHER_TIMES],
    *[("StatusNotification", status(timestamp=each)) for each in OTHER_TIMES],
    *[("StartTransaction", start(meterStart=each)) for each in (HUGE, -HUGE, 1.5, "1")],
    *[("StartTransaction", start(idTag=each)) for each in ("x" * 21, NUL, HALF, 7)],
    *[("StartTransaction", start(connectorId=each)) for each in (HUGE, -1)],
    *[("StartTransaction", start(reservationId=each)) for each in (HUGE, -HUGE)],
    *[("StopTransaction", stop(transactionId=each)) for each in (HUGE, -HUGE)],
    *[("StopTransaction", stop(meterStop=each)) for each in (HUGE, -HUGE)],
    *[("StopTransaction", stop(idTag=each)) for each in (NUL, HALF)],
    *[("StatusNotification", status(connectorId=each)) for each in (HUGE, -1)],
    *[("StatusNotification", status(info=each)) for each in (NUL, HALF)],
    *[("BootNotification", boot(chargePointVendor=each)) for each in (NUL, HALF)],
    *[("Authorize", {"idTag": each}) for each in (NUL, HALF, "x" * 21, "")],
    *[("MeterValues", values(each)) for each in ("1e999999", "NaN", "-Infinity", "", "9" * 400)],
    ("MeterValues", values("1", unit="Furlong")),
    ("MeterValues", values("1") | {"transactionId": HUGE}),
    ("DataTransfer", {"vendorId": NUL}),
    ("DataTransfer", {"vendorId": "es.citere", "messageId": NUL}),
]
TRANSFERS = [
    *[("GreenCard.Account", {"cardNumber": each}) for each in (NUL, HALF, HUGE, None, "x" * 300)],
    *[
        ("GreenCard.TopUp", {"reference": "A", "cardNumber": CARD, "amount": euros(1)} | each)
        for each in (
            {"amount": euros(HUGE)},
            {"amount": euros(2**63)},
            {"amount": {"amount": True, "currency": "EUR"}},
            {"amount": {"amount": 1.5, "currency": "EUR"}},
            {"amount": {"amount": 100, "currency": "USD"}},
            {"reference": NUL},
            {"reference": HALF},
            {"cardNumber": NUL},
            {"means": HALF},
        )
    ],
    *[
        ("Session.Receipt", a_receipt(transactionId=None) | each)
        for each in (
            {"total": euros(HUGE)},
            {"energyWh": HUGE},
            {"transactionId": HUGE},
            {"transactionId": -HUGE},
            {"receiptNumber": NUL},
            {"idTag": HALF},
            {"means": NUL},
            {"hash": HALF},
            {"page": NUL},
        )
    ],
    ("Session.Refund", {"reference": NUL, "receiptNumber": "R", "idTag": CARD, "means": "cash",
                        "amount": euros(1)}),
    ("Session.Refund", {"reference": "F", "receiptNumber": "R", "idTag": CARD, "means": "cash",
                        "amount": euros(HUGE)}),
    *[
        ("Voucher.Issue", {"code": "1", "reference": "V", "amount": euros(100)} | each)
        for each in ({"amount": euros(HUGE)}, {"code": NUL}, {"expires": NUL}, {"expires": 7})
    ],
    ("Voucher.Redeem", {"code": HALF, "reference": "V"}),
    *[("Reservation.Claim", each) for each in ({"code": NUL}, {"cardNumber": HALF}, {"code": 7})],
    ("Point.Health", {"connectors": [NUL, HALF]}),
    ("Cash.Levels", {"levels": [HALF]}),
    ("Session.Cost", {"transactionId": HUGE, "page": "b" * 26, "cost": euros(1), "energyWh": 1,
                      "seconds": 1, "connectorId": 1, "stage": "charging"}),
]  # fmt: skip


def a_central_system() -> CentralSystem:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=2000)
    return system


def test_call_when_hostile_then_its_mistake_is_named_and_the_link_stays() -> None:
    async def go() -> None:
        async with connected(system) as point:
            for action, payload in CALLS:
                answer = await point.call(action, payload)
                kind = answer[2] if answer[0] == 4 else None
                if kind not in {None, *KNOWN}:
                    wrong.append((action, payload, kind))
            assert (await point.call("Heartbeat", {}))[0] == 3

    system, wrong = a_central_system(), []  # type: CentralSystem, list[tuple[str, Any, Any]]
    asyncio.run(go())
    assert wrong == []
    assert trial_of(system.store).is_right


def test_message_about_money_when_hostile_then_refused_with_a_reason_and_nothing_booked() -> None:
    async def go() -> None:
        async with connected(system) as point:
            for message_id, content in TRANSFERS:
                data = json.dumps(content)
                told = {"vendorId": "es.citere", "messageId": message_id, "data": data}
                answer = await point.call("DataTransfer", told)
                if answer[0] != 3:
                    wrong.append((message_id, content, answer[2]))
            assert (await point.call("Heartbeat", {}))[0] == 3

    system, wrong = a_central_system(), []  # type: CentralSystem, list[tuple[str, Any, Any]]
    asyncio.run(go())
    assert wrong == []
    assert system.accounts.balance(CARD) in (2000, 2000 - 410)
    assert trial_of(system.store).is_right
