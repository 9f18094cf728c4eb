"""Green Card messages and charges on the wire: what is told, held, debited, and only once."""

from typing import Any

import pytest

from central.fleet.registry import ConnectorState, Site
from central.greencard.accounts import Programme
from central.greencard.tariffs import Tariff
from central.system import CentralSystem
from tests.support.central import (
    CARD,
    FixedClock,
    Point,
    a_receipt,
    a_system,
    converse,
    euros,
)

pytestmark = pytest.mark.usefixtures("both_databases")


def a_funded_system(balance_minor: int = 2350, **options: Any) -> CentralSystem:
    system = a_system(**options)
    system.accounts.create_card(CARD, balance_minor=balance_minor)
    return system


def codes(system: CentralSystem) -> list[str]:
    return [finding.code for finding in reversed(system.store.findings())]


async def account(point: Point) -> dict[str, Any]:
    return await point.transfer("GreenCard.Account", {"cardNumber": CARD, "connectorId": 1})


# --- account ---------------------------------------------------------------------------------------


def test_account_when_asked_then_exact_shape() -> None:
    tariff = Tariff(idle_milli_per_minute=10_000, idle_grace_minutes=60, session_minor=50)
    system = a_system(tariff=tariff)
    system.accounts.create_card(
        CARD,
        balance_minor=2350,
        plan={"kind": "flatRate", "whLeft": 80_000},
        points=500,
        discount={"percent": 10, "reason": "loyalty", "chargesUntilNext": 3},
    )

    async def script(point: Point) -> None:
        assert await account(point) == {
            "state": "active",
            "balance": euros(2350),
            "plan": {"kind": "flatRate", "whLeft": 80_000},
            "tariff": {
                "currency": "EUR",
                "vatPercent": 21,
                "energyMilliPerKwh": 41_000,
                "chargingMilliPerMinute": 0,
                "idleMilliPerMinute": 10_000,
                "idleGraceMinutes": 60,
                "sessionMinor": 50,
            },
            "discount": {"percent": 10, "reason": "loyalty", "chargesUntilNext": 3},
            "points": 500,
            "spendLimit": euros(2350),
            "message": {},
        }

    converse(system, script)


def test_account_when_card_is_unknown_then_rejected() -> None:
    async def script(point: Point) -> None:
        answer = await point.result(
            "DataTransfer",
            {
                "vendorId": "es.citere",
                "messageId": "GreenCard.Account",
                "data": '{"cardNumber": "1", "connectorId": 1}',
            },
        )
        assert answer == {"status": "Rejected", "data": '{"state": "unknown"}'}

    converse(a_system(), script)


def test_loyalty_when_n_charges_are_paid_then_the_next_one_is_cheaper() -> None:
    system = a_funded_system(10_000, programme=Programme(loyalty_every=2, loyalty_percent=10))

    async def charge(point: Point, number: int, total: int) -> None:
        start_wh = 1000 + number * 20_000
        started = await point.start(meterStart=start_wh)
        transaction_id = started["transactionId"]
        await point.stop(transaction_id, start_wh + 10_000)
        receipt = a_receipt(
            receiptNumber=f"R-{number}", transactionId=transaction_id, total=euros(total), lines=[]
        )
        assert await point.transfer("Session.Receipt", receipt) == {"status": "Accepted"}

    async def script(point: Point) -> None:
        for number, (missing, rate, total) in enumerate(
            [(2, 41_000, 410), (1, 41_000, 410), (0, 36_900, 369), (2, 41_000, 410)]
        ):
            told = await account(point)
            assert told["discount"]["chargesUntilNext"] == missing
            assert told["tariff"]["energyMilliPerKwh"] == rate
            await charge(point, number, total)

    converse(system, script)
    assert codes(system) == []
    assert system.accounts.balance(CARD) == 10_000 - 410 - 410 - 369 - 410


# --- charges ---------------------------------------------------------------------------------------


def test_charge_when_settled_then_exact_total_is_debited_once() -> None:
    system = a_funded_system()

    async def script(point: Point) -> None:
        started = await point.start()
        assert started["idTagInfo"] == {"status": "Accepted"}
        assert (await account(point))["spendLimit"] == euros(0)
        await point.stop(started["transactionId"], 11_000)
        for _ in range(3):
            answer = await point.transfer("Session.Receipt", a_receipt())
            assert answer == {"status": "Accepted"}
        told = await account(point)
        assert (told["balance"], told["spendLimit"]) == (euros(1940), euros(1940))
        assert told["points"] == 41

    converse(system, script)
    assert codes(system) == []
    assert system.store.unbalanced_postings() == []


def test_start_when_repeated_then_same_transaction() -> None:
    system = a_funded_system()

    async def script(point: Point) -> None:
        first = await point.start()
        assert await point.start() == first
        other = await point.start(connectorId=2)
        assert other["transactionId"] != first["transactionId"]
        assert other["idTagInfo"] == {"status": "ConcurrentTx"}

    converse(system, script)
    assert len(system.store.charges.transactions()) == 2


def test_start_when_balance_is_empty_then_blocked_but_recorded() -> None:
    system = a_funded_system(0)

    async def script(point: Point) -> None:
        assert (await point.start())["idTagInfo"] == {"status": "Blocked"}

    converse(system, script)
    assert len(system.store.charges.transactions()) == 1


def test_start_when_replayed_offline_then_recorded_and_shortage_blocks() -> None:
    clock = FixedClock()
    system = a_funded_system(100, clock=clock)
    clock.advance(hours=2)

    async def script(point: Point) -> None:
        first = await point.start()
        second = await point.start(connectorId=2)
        assert first["idTagInfo"] == second["idTagInfo"] == {"status": "Accepted"}
        await point.stop(first["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt())
        assert (await account(point))["state"] == "blocked"
        assert system.accounts.balance(CARD) == -310
        top_up = {
            "reference": "T-1",
            "cardNumber": CARD,
            "amount": euros(1000),
            "means": "cash",
            "time": "2026-11-21T10:00:00.000Z",
        }
        assert await point.transfer("GreenCard.TopUp", top_up) == {
            "status": "Accepted",
            "balance": euros(690),
        }
        assert (await account(point))["state"] == "active"

    converse(system, script)


def test_stop_when_repeated_then_first_counts() -> None:
    system = a_funded_system()

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000, reason="Local", idTag=CARD)
        await point.stop(started["transactionId"], 99_000, reason="Other")

    converse(system, script)
    stopped = system.store.charges.transaction(1)
    assert stopped is not None
    assert (stopped.meter_wh, stopped.stop_reason) == (11_000, "Local")


def test_stop_when_nothing_flowed_then_hold_is_released() -> None:
    system = a_funded_system()

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 1000)
        assert (await account(point))["spendLimit"] == euros(2350)

    converse(system, script)


def test_stop_when_transaction_is_unknown_then_answered_and_found() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        assert await point.stop(77, 5000) == {}

    converse(system, script)
    assert codes(system) == ["stop.unknown_transaction"]


def test_meter_values_when_sent_then_energy_and_power_are_known() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        started = await point.start("CASH")
        samples = [
            {"value": "2.5", "unit": "kWh", "measurand": "Energy.Active.Import.Register"},
            {"value": "7200", "unit": "W", "measurand": "Power.Active.Import"},
            {"value": "9999", "unit": "W", "measurand": "Power.Active.Import", "phase": "L1"},
        ]
        taken = {"timestamp": "2026-11-21T08:10:00.000Z", "sampledValue": samples}
        payload = {
            "connectorId": 1,
            "transactionId": started["transactionId"],
            "meterValue": [taken],
        }
        assert await point.result("MeterValues", payload) == {}

    converse(system, script)
    running = system.store.charges.transaction(1)
    assert running is not None
    assert (running.energy_wh, running.power_w) == (1500, 7200)


# --- receipts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "difference"),
    [
        ({"total": euros(420), "lines": []}, "receipt.total", 10),
        ({"total": euros(420)}, "receipt.lines", 10),
        ({"energyWh": 9_000, "total": euros(369), "lines": []}, "receipt.energy", None),
    ],
)
def test_receipt_when_it_does_not_fit_then_debited_as_is_and_reported(
    changes: dict[str, Any], code: str, difference: int | None
) -> None:
    system = a_funded_system()

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        answer = await point.transfer("Session.Receipt", a_receipt(**changes))
        assert answer.get("difference") == (None if difference is None else euros(difference))

    converse(system, script)
    assert code in codes(system)
    total = changes["total"]["amount"]
    assert system.accounts.balance(CARD) == 2350 - total


def test_receipt_when_flat_rate_covers_it_then_free_and_energy_is_used_up() -> None:
    system = a_system()
    system.accounts.create_card(CARD, plan={"kind": "flatRate", "whLeft": 12_000})

    async def script(point: Point) -> None:
        started = await point.start()
        assert started["idTagInfo"] == {"status": "Accepted"}
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt(total=euros(0), lines=[]))
        assert (await account(point))["plan"] == {"kind": "flatRate", "whLeft": 2000}

    converse(system, script)
    assert codes(system) == []


def test_receipt_when_paid_in_cash_then_booked_against_the_point() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        started = await point.start("CASH")
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt(idTag="CASH", means="cash"))

    converse(system, script)
    assert system.store.balances() == {"clearing:CP-1": -410, "sales": 410}


def test_receipt_when_transaction_was_settled_then_held_and_found() -> None:
    system = a_funded_system()

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt())
        answer = await point.transfer("Session.Receipt", a_receipt(receiptNumber="R-2"))
        assert answer == {"status": "Held"}

    converse(system, script)
    assert codes(system) == ["receipt.second"]
    assert system.accounts.balance(CARD) == 1940


def test_receipt_when_number_returns_with_other_content_then_found() -> None:
    system = a_funded_system()

    async def script(point: Point) -> None:
        started = await point.start()
        await point.stop(started["transactionId"], 11_000)
        await point.transfer("Session.Receipt", a_receipt())
        await point.transfer("Session.Receipt", a_receipt(total=euros(1)))

    converse(system, script)
    assert codes(system) == ["receipt.changed"]
    assert system.accounts.balance(CARD) == 1940


# --- top-up, voucher, nearby -----------------------------------------------------------------------


def test_top_up_when_repeated_then_same_answer_and_one_credit() -> None:
    system = a_funded_system(100)

    async def script(point: Point) -> None:
        content = {"reference": "T-1", "cardNumber": CARD, "amount": euros(500), "means": "cash"}
        expected = {"status": "Accepted", "balance": euros(600)}
        assert await point.transfer("GreenCard.TopUp", content) == expected
        other = content | {"reference": "T-2"}
        assert (await point.transfer("GreenCard.TopUp", other))["balance"] == euros(1100)
        assert await point.transfer("GreenCard.TopUp", content) == expected

    converse(system, script)
    assert system.accounts.balance(CARD) == 1100


@pytest.mark.parametrize("number", ["unknown", "lost"])
def test_top_up_when_card_cannot_take_it_then_held_never_refused(number: str) -> None:
    system = a_system()
    system.accounts.create_card("lost", state="blocked")

    async def script(point: Point) -> None:
        content = {"reference": "T-1", "cardNumber": number, "amount": euros(500), "means": "cash"}
        assert (await point.transfer("GreenCard.TopUp", content))["status"] == "Held"

    converse(system, script)
    assert system.store.balances() == {"clearing:CP-1": -500, "held_topup:CP-1:T-1": 500}


def test_voucher_when_issued_then_redeemable_once() -> None:
    system = a_system()

    async def script(point: Point) -> None:
        issue = {"code": "V-9", "amount": euros(350), "reference": "I-1"}
        assert await point.transfer("Voucher.Issue", issue) == {"status": "Accepted"}
        assert await point.transfer("Voucher.Issue", issue) == {"status": "Accepted"}
        redeem = {"code": "V-9", "reference": "D-1"}
        paid = {"status": "Accepted", "amount": euros(350)}
        assert await point.transfer("Voucher.Redeem", redeem) == paid
        assert await point.transfer("Voucher.Redeem", redeem) == paid
        again = await point.transfer("Voucher.Redeem", {"code": "V-9", "reference": "D-2"})
        assert again == {"status": "Rejected", "reason": "redeemed"}
        unknown = await point.transfer("Voucher.Redeem", {"code": "V-0", "reference": "D-3"})
        assert unknown == {"status": "Rejected", "reason": "unknown"}

    converse(system, script)
    assert set(system.store.balances().values()) == {0}


@pytest.mark.parametrize(("days", "status"), [(365, "Accepted"), (366, "Rejected")])
def test_voucher_when_its_last_day_is_over_then_worth_nothing(days: int, status: str) -> None:
    clock = FixedClock()
    system = a_system(clock=clock)

    async def script(point: Point) -> None:
        issue = {"code": "V-9", "amount": euros(350), "reference": "I-1", "expires": "2027-11-21"}
        assert await point.transfer("Voucher.Issue", issue) == {"status": "Accepted"}
        clock.advance(days=days)
        answer = await point.transfer("Voucher.Redeem", {"code": "V-9", "reference": "D-1"})
        assert answer["status"] == status
        if status == "Rejected":
            assert answer["reason"] == "expired"

    converse(system, script)


def test_nearby_when_asked_then_free_points_nearest_first() -> None:
    system = a_system()
    system.registry.provision("CP-1", Site("Here", 43.0, -2.0), None)
    for name, latitude in (("far", 43.2), ("near", 43.01)):
        system.registry.provision(name, Site(name.title(), latitude, -2.0), None)
        other = system.registry.point(name)
        other.is_connected = True

    async def script(point: Point) -> None:
        for name in ("far", "near"):
            status = system.registry.point(name).connectors
            status.update(_available(1))
        told = await point.transfer("Point.Nearby", {})
        assert told["points"] == [
            {"id": "near", "name": "Near", "distance": 1112, "connector": 1},
            {"id": "far", "name": "Far", "distance": 22_239, "connector": 1},
        ]

    converse(system, script)


@pytest.mark.parametrize(
    ("vendor", "message_id", "data", "status"),
    [
        ("com.other", "GreenCard.Account", "{}", "UnknownVendorId"),
        ("es.citere", "GreenCard.Dance", "{}", "UnknownMessageId"),
        ("es.citere", "GreenCard.Account", "{", "Rejected"),
        ("es.citere", "GreenCard.Account", "[]", "Rejected"),
        ("es.citere", "GreenCard.Account", "{}", "Rejected"),
        (
            "es.citere",
            "Voucher.Issue",
            '{"code":"V","reference":"R","amount":{"amount":1,"currency":"EUR"},"expires":"soon"}',
            "Rejected",
        ),
        (
            "es.citere",
            "Voucher.Issue",
            '{"code":"V","reference":"R","amount":{"amount":0,"currency":"EUR"}}',
            "Rejected",
        ),
        (
            "es.citere",
            "GreenCard.TopUp",
            '{"reference":"T","cardNumber":"1","amount":5}',
            "Rejected",
        ),
        (
            "es.citere",
            "GreenCard.TopUp",
            '{"reference":"T","cardNumber":"1","amount":{"amount":0,"currency":"EUR"}}',
            "Rejected",
        ),
        (
            "es.citere",
            "GreenCard.TopUp",
            '{"reference":"T","cardNumber":"1","amount":{"amount":5,"currency":"USD"}}',
            "Rejected",
        ),
    ],
)
def test_data_transfer_when_not_understood_then_status_says_so(
    vendor: str, message_id: str, data: str, status: str
) -> None:
    system = a_system()

    async def script(point: Point) -> None:
        payload = {"vendorId": vendor, "messageId": message_id, "data": data}
        assert (await point.result("DataTransfer", payload))["status"] == status

    converse(system, script)
    assert system.store.balances() == {}


def _available(connector: int) -> dict[int, Any]:
    return {connector: ConnectorState("Available")}
