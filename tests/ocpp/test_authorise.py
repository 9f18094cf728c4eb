"""Who may charge, online and offline, within ten seconds (OCPP 1.6 §3.5, design: greencard.md)."""

import asyncio
import json
from typing import Any

import pytest

from chargepoint.domain.money.account import TokenAnswer
from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp.account_tariff import account_tariff
from simulator.vtime import run_virtual
from tests.support.fakes import MemorySettings
from tests.support.ocpp_peer import SILENCE, After, Bench, CallError, ScriptedCentral, a_bench

CARD = "6034440000000005"
ONE = ConnectorId(1)

# Design: decisions.md §5.
ACCOUNT: dict[str, Any] = {
    "state": "active",
    "balance": {"amount": 2350, "currency": "EUR"},
    "plan": {"kind": "flatRate", "whLeft": 80000},
    "tariff": {
        "currency": "EUR",
        "vatPercent": 21,
        "energyMilliPerKwh": 41000,
        "chargingMilliPerMinute": 0,
        "idleMilliPerMinute": 10000,
        "idleGraceMinutes": 60,
        "sessionMinor": 50,
    },
    "discount": {"percent": 10, "reason": "loyalty", "chargesUntilNext": 3},
    "points": 500,
    "spendLimit": {"amount": 2350, "currency": "EUR"},
    "message": {"es": "…"},
}


def _account(**changes: Any) -> dict[str, Any]:
    return {"status": "Accepted", "data": json.dumps(ACCOUNT | changes)}


async def _ask(bench: Bench, tag: str = "TAG1", *, card: bool = False) -> TokenAnswer:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    answer = await bench.backend.authorise(tag, ONE, card=card)
    assert loop.time() - began_s <= 10.001
    return answer


def _status_info(status: str, **more: Any) -> dict[str, Any]:
    return {"idTagInfo": {"status": status, **more}}


def test_the_account_brings_price_limit_and_discount() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = _account()
            answer = await _ask(bench, CARD, card=True)
            sent = bench.central.of("DataTransfer")[0]
            assert json.loads(sent["data"]) == {"cardNumber": CARD, "connectorId": 1}
            account = answer.account
            assert (answer.status, answer.offline) == ("accepted", False)
            assert account is not None
            assert (account.balance, account.spend_limit, account.points) == (2350, 2350, 500)
            assert (account.tariff.energy_milli_per_kwh, account.tariff.session_minor) == (
                41000,
                50,
            )
            assert (account.plan.kind, account.plan.wh_left) == ("flatRate", 80000)
            assert (account.discount.percent, account.discount.charges_until_next) == (10, 3)
            assert account.message == {"es": "…"}

    run_virtual(scenario())


def test_texts_of_an_account_are_bounded() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            many = {f"l{number}": "x" * 5000 for number in range(40)}
            bench.central.answers["DataTransfer"] = _account(message=many)
            account = (await _ask(bench, CARD, card=True)).account
            assert account is not None
            assert len(account.message) == 16
            assert {len(text) for text in account.message.values()} == {500}

    run_virtual(scenario())


def test_a_validity_beyond_all_calendars_is_no_validity() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            far = "9999-12-31T23:59:59-12:00"
            bench.central.answers["Authorize"] = _status_info("Accepted", expiryDate=far)
            assert (await _ask(bench, "T")).status == "accepted"
            assert (await _ask(bench, "T")).status == "accepted"

    run_virtual(scenario())


def test_authorize_has_the_last_word_on_an_active_account() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = _account()
            bench.central.answers["Authorize"] = _status_info("ConcurrentTx")
            answer = await _ask(bench, CARD, card=True)
            assert answer.status == "concurrent_tx"
            assert answer.account is not None

    run_virtual(scenario())


@pytest.mark.parametrize("state", ["blocked", "expired"])
def test_an_account_out_of_use_needs_no_tariff_and_no_authorize(state: str) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            reply = {"status": "Accepted", "data": json.dumps({"state": state})}
            bench.central.answers["DataTransfer"] = reply
            assert (await _ask(bench, CARD, card=True)).status == state
            assert bench.central.count("Authorize") == 0

    run_virtual(scenario())


@pytest.mark.parametrize(
    "reply",
    [
        {"status": "Accepted"},
        {"status": "Accepted", "data": "[]"},
        {"status": "Accepted", "data": "{"},
        _account(state="odd"),
        _account(balance={"amount": 23.5, "currency": "EUR"}),
        _account(balance={"amount": True, "currency": "EUR"}),
        _account(spendLimit={"amount": 100, "currency": "USD"}),
        _account(tariff={"currency": "EUR", "energyMilliPerKwh": -1}),
        _account(tariff=ACCOUNT["tariff"] | {"energy": [{"milli": 5, "conditions": {"x": 1}}]}),
        _account(tariff=ACCOUNT["tariff"] | {"energy": [{"milli": 5}] * 33}),
        _account(tariff=ACCOUNT["tariff"] | {"timezone": "Mars/Olympus"}),
        _account(plan="prepaid"),
        _account(message="hello"),
        _account(points=10**30),
    ],
)
def test_an_account_that_cannot_be_read_is_an_incident_and_plain_authorize(reply: Any) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = reply
            answer = await _ask(bench, CARD, card=True)
            assert (answer.status, answer.account, answer.offline) == ("accepted", None, False)
            assert bench.news.incident_codes == ["ocpp.account_unreadable"]

    run_virtual(scenario())


@pytest.mark.parametrize(
    "reply",
    [{"status": "UnknownVendorId"}, {"status": "Rejected"}, CallError("NotImplemented"), SILENCE],
)
def test_without_accounts_authorize_alone_decides(reply: Any) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = reply
            bench.central.answers["Authorize"] = _status_info("Blocked", parentIdTag="P")
            answer = await _ask(bench, CARD, card=True)
            assert (answer.status, answer.parent_tag, answer.account) == ("blocked", "P", None)

    run_virtual(scenario())


@pytest.mark.parametrize("reply", [SILENCE, CallError()])
def test_an_account_stands_when_authorize_is_not_answered(reply: Any) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers |= {"DataTransfer": _account(), "Authorize": reply}
            answer = await _ask(bench, CARD, card=True)
            assert (answer.status, answer.offline) == ("accepted", False)
            assert answer.account is not None

    run_virtual(scenario())


def test_a_central_system_that_takes_twelve_seconds_leaves_it_to_the_offline_rule() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = After(12, _account())
            bench.central.answers["Authorize"] = After(12, _status_info("Accepted"))
            for card in (False, True):
                answer = await _ask(bench, CARD, card=card)
                assert (answer.status, answer.offline) == ("invalid", True)

    run_virtual(scenario())


def test_a_customer_does_not_wait_behind_a_call_that_is_not_answered() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["Heartbeat"] = SILENCE
            await bench.central.call("TriggerMessage", {"requestedMessage": "Heartbeat"})
            await asyncio.sleep(1)
            assert (await _ask(bench)).offline

    run_virtual(scenario())


async def _go_offline(bench: Bench) -> None:
    bench.central.is_up = False
    await bench.central.drop()
    await asyncio.sleep(1)


def test_offline_a_known_token_is_judged_as_last_time_and_an_unknown_one_refused() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            await _ask(bench, "Good")
            bench.central.answers["Authorize"] = _status_info("Blocked")
            await _ask(bench, "Bad")
            await _go_offline(bench)
            assert (await _ask(bench, "GOOD")) == TokenAnswer(
                (await _ask(bench, "Good")).status, None, True
            )
            assert (await _ask(bench, "Good")).status == "accepted"
            assert (await _ask(bench, "Bad")).status == "blocked"
            assert (await _ask(bench, "New")).status == "invalid"

    run_virtual(scenario())


def test_what_was_learnt_survives_a_restart() -> None:
    async def scenario() -> None:
        settings = MemorySettings()
        expiry = "2026-01-01T09:00:00Z"
        async with a_bench(settings=settings) as bench:
            bench.central.answers["Authorize"] = _status_info("Accepted", expiryDate=expiry)
            await _ask(bench, "T")
        central = ScriptedCentral()
        central.is_up = False
        async with a_bench(central, settings=settings) as bench:
            assert (await _ask(bench, "T")).status == "accepted"
            await asyncio.sleep(3600)
            assert (await _ask(bench, "T")).status == "expired"

    run_virtual(scenario())


@pytest.mark.parametrize(
    ("key", "value", "known", "unknown"),
    [
        ("LocalAuthorizeOffline", "false", "invalid", "invalid"),
        ("AllowOfflineTxForUnknownId", "true", "accepted", "accepted"),
        ("AuthorizationCacheEnabled", "false", "invalid", "invalid"),
    ],
)
def test_the_operators_keys_change_the_offline_rule(
    key: str, value: str, known: str, unknown: str
) -> None:
    async def scenario() -> None:
        async with a_bench(overrides={key: value}) as bench:
            await _ask(bench, "T")
            await _go_offline(bench)
            assert (await _ask(bench, "T")).status == known
            assert (await _ask(bench, "New")).status == unknown

    run_virtual(scenario())


def test_local_pre_authorize_saves_the_question_but_never_the_account() -> None:
    async def scenario() -> None:
        async with a_bench(overrides={"LocalPreAuthorize": "true"}) as bench:
            await _ask(bench, CARD)
            assert (await _ask(bench, CARD)).offline is False
            assert bench.central.count("Authorize") == 1
            bench.central.answers["DataTransfer"] = _account()
            assert (await _ask(bench, CARD, card=True)).account is not None
            assert bench.central.count("DataTransfer") == 1

    run_virtual(scenario())


def test_an_authorize_answered_without_a_status_is_no_answer() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["Authorize"] = {"idTagInfo": {"status": "Perhaps"}}
            answer = await _ask(bench)
            assert (answer.status, answer.offline) == ("invalid", True)

    run_virtual(scenario())


def test_a_token_too_long_for_the_wire_is_refused_without_an_exception() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            assert (await _ask(bench, "T" * 40)).status == "invalid"
            assert bench.central.count("Authorize") == 0

    run_virtual(scenario())


def test_prices_with_hours_are_read_with_their_zone() -> None:
    night = {"startTimeOfDay": "22:00", "endTimeOfDay": "06:00", "dayOfWeek": ["Friday"]}
    listed = [{"milli": 20500, "conditions": night | {"maxPower": 11000}}, {"milli": 41000}]
    told = ACCOUNT["tariff"] | {"timezone": "Europe/Madrid", "energy": listed}
    tariff = account_tariff(told)
    first = Conditions("22:00", "06:00", ("Friday",), max_power_w=11_000)
    assert tariff.energy == (ConditionalPrice(20_500, first), ConditionalPrice(41_000))
    assert (tariff.zone, tariff.session_minor) == ("Europe/Madrid", 50)
    assert not account_tariff(ACCOUNT["tariff"]).has_conditions
