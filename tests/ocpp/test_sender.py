"""The outbox on the wire (OCPP 1.6 §3.7): order, attempts, remote ids, replay after restart."""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.units import SessionId
from simulator.vtime import run_virtual
from tests.support.fakes import MemoryOutbox, MemorySettings
from tests.support.ocpp_peer import (
    SILENCE,
    TIME,
    Bench,
    CallError,
    ScriptedCentral,
    a_bench,
    a_reading,
    a_start,
    a_stop,
    until,
)

STARTED = {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}


def test_the_outbox_is_drained_in_order_one_at_a_time() -> None:
    async def scenario() -> None:
        outbox = MemoryOutbox()
        outbox.add(a_start("a"), a_start("b", 2), a_reading("a"), a_stop("a"), a_stop("b", None))
        async with a_bench(outbox=outbox) as bench:
            await until(lambda: not outbox.queued)
            assert bench.central.actions[2:] == [
                "StartTransaction",
                "StartTransaction",
                "MeterValues",
                "StopTransaction",
                "StopTransaction",
            ]
            assert [s["transactionId"] for s in bench.central.of("StopTransaction")] == [1, 2]
            assert "idTag" not in bench.central.of("StopTransaction")[1]

    run_virtual(scenario())


def test_errors_are_retried_ever_later_then_parked_and_the_queue_goes_on() -> None:
    async def scenario() -> None:
        async with a_bench(settle_s=0.5) as bench:
            bench.central.answers["StartTransaction"] = [CallError()] * 3 + [STARTED]
            bench.add(a_start("bad"), a_start("good"))
            await until(lambda: not bench.outbox.queued)
            first, *later = bench.central.times_of("StartTransaction")
            assert [round(at - first) for at in later] == [60, 180, 180]
            assert [item.delivery.key for item in bench.outbox.dead] == ["tx:bad:start"]
            assert bench.outbox.dead[0].attempts == 3
            assert bench.outbox.confirmed == ["tx:good:start"]
            assert bench.news.incident_codes == ["ocpp.dead_letter"]

    run_virtual(scenario())


def test_each_transmission_has_its_own_message_id() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StartTransaction"] = [CallError(), SILENCE, STARTED]
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            ids = [call.id for call in bench.central.heard if call.action == "StartTransaction"]
            assert len(ids) == 3
            assert len(set(ids)) == 3

    run_virtual(scenario())


def test_a_confirmation_is_written_while_the_next_message_is_on_the_wire() -> None:
    class SlowDisk(MemoryOutbox):
        """A disk that needs a second for each confirmation; how many it has to write at once."""

        open, most = 0, 0

        @override
        def confirm(self, sequence: int) -> Awaitable[None]:
            done = asyncio.ensure_future(self._written(super().confirm(sequence)))  # noqa: TID251
            self.open += 1
            self.most = max(self.most, self.open)
            return done

        async def _written(self, confirmed: Awaitable[None]) -> None:
            await confirmed
            await asyncio.sleep(1)
            self.open -= 1

    async def scenario() -> None:
        outbox = SlowDisk()
        async with a_bench(outbox=outbox) as bench:
            bench.add(a_start(), *(a_reading(number=n) for n in range(1, 9)), a_stop())
            await until(lambda: bench.central.count("StopTransaction") == 1)
            await asyncio.sleep(5)
            assert (outbox.most, outbox.open) == (2, 0)
            assert len(outbox.confirmed) == 10

    run_virtual(scenario())


def test_silence_and_lost_links_never_count_as_attempts() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StartTransaction"] = SILENCE
            bench.add(a_start())
            for _ in range(6):
                await asyncio.sleep(40)
                await bench.central.drop()
            assert bench.central.count("StartTransaction") >= 5
            assert bench.outbox.queued[0].attempts == 0
            bench.central.answers["StartTransaction"] = STARTED
            await until(lambda: not bench.outbox.queued)
            assert bench.outbox.confirmed == ["tx:s1:start"]

    run_virtual(scenario())


def test_silence_on_a_standing_link_is_not_followed_by_rapid_resends() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StartTransaction"] = [SILENCE, STARTED]
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            first, second = bench.central.times_of("StartTransaction")
            assert second - first == pytest.approx(95)

    run_virtual(scenario())


def test_a_day_offline_is_replayed_with_the_original_times() -> None:
    async def scenario() -> None:
        central = ScriptedCentral()
        central.is_up = False
        async with a_bench(central) as bench:
            bench.add(a_start("a"), a_reading("a"), a_stop("a"), a_start("b"), a_stop("b"))
            await asyncio.sleep(86_400)
            central.is_up = True
            await until(lambda: not bench.outbox.queued)
            assert {s["timestamp"] for s in central.of("StartTransaction")} == {TIME}
            assert [s["transactionId"] for s in central.of("StopTransaction")] == [1, 2]

    run_virtual(scenario())


def test_a_restart_goes_on_where_the_outbox_stands() -> None:
    async def scenario() -> None:
        outbox, kept = MemoryOutbox(), MemorySettings()
        async with a_bench(outbox=outbox, settings=kept) as bench:
            bench.central.answers["MeterValues"] = SILENCE
            bench.add(a_start(), a_reading(), a_stop())
            await asyncio.sleep(1)
            assert outbox.confirmed == ["tx:s1:start"]
        async with a_bench(outbox=outbox, settings=kept) as bench:
            await until(lambda: not outbox.queued)
            assert bench.central.actions[2:] == ["MeterValues", "StopTransaction"]
            assert bench.central.of("StopTransaction")[0]["transactionId"] == 1

    run_virtual(scenario())


@pytest.mark.parametrize(
    "odd",
    [{"idTagInfo": {}}, STARTED | {"transactionId": 10**30}, STARTED | {"transactionId": "5"}],
)
def test_a_start_answered_without_a_usable_id_counts_as_failed(odd: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StartTransaction"] = [odd, STARTED]
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            assert bench.outbox.remote_id(SessionId("s1")) == 5

    run_virtual(scenario())


def test_a_start_whose_answer_has_strange_fields_is_taken_all_the_same() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            odd = {"transactionId": 8, "idTagInfo": {"status": "Blocked", "parentIdTag": 5}}
            bench.central.answers["StartTransaction"] = odd
            bench.add(a_start())
            await until(lambda: not bench.outbox.queued)
            ((session, remote_id, verdict),) = bench.news.confirmed
            assert (session, remote_id, verdict.status) == ("s1", 8, "blocked")

    run_virtual(scenario())


def test_an_answer_that_was_lost_is_repeated_and_everything_behind_it_takes_the_last_id() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["StartTransaction"] = [SILENCE, STARTED]
            bench.add(a_start(), a_reading(), a_stop())
            await asyncio.sleep(5)
            await bench.central.drop()
            await until(lambda: not bench.outbox.queued)
            first, second = bench.central.of("StartTransaction")
            assert first == second
            assert bench.central.of("StopTransaction")[0]["transactionId"] == 5

    run_virtual(scenario())


def test_a_link_lost_before_the_answer_was_durable_does_not_repeat_the_start() -> None:
    async def scenario() -> None:
        class SlowDisk(MemoryOutbox):
            async def _remember(self, session: SessionId, remote_id: int) -> None:
                await asyncio.sleep(5)
                await super()._remember(session, remote_id)

        async with a_bench(outbox=SlowDisk()) as bench:
            bench.add(a_start(), a_stop())
            await asyncio.sleep(1)
            await bench.central.drop()
            await until(lambda: not bench.outbox.queued)
            assert bench.central.count("StartTransaction") == 1
            assert bench.outbox.confirmed == ["tx:s1:start", "tx:s1:stop"]

    run_virtual(scenario())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["ok", "ok", "error", "silence", "drop"]), max_size=25))
def test_whatever_the_central_system_does_the_order_holds_and_nothing_is_lost(
    moods: list[str],
) -> None:
    async def scenario() -> None:
        sessions = ["a", "b", "c"]
        async with a_bench(overrides={"TransactionMessageAttempts": "100"}) as bench:
            script = _Moods(bench, moods)
            for action in ("StartTransaction", "MeterValues", "StopTransaction"):
                bench.central.answers[action] = script.answer(action)
            for name in sessions:
                bench.add(a_start(name), a_reading(name), a_stop(name))
            await until(lambda: not bench.outbox.queued, 200_000)
            expected = [f"tx:{n}:{what}" for n in sessions for what in ("start", "meter:1", "stop")]
            assert bench.outbox.confirmed == expected
            assert bench.outbox.dead == []
            ids = [bench.outbox.remote_id(SessionId(name)) for name in sessions]
            stops = [stop["transactionId"] for stop in bench.central.of("StopTransaction")]
            assert list(dict.fromkeys(stops)) == ids

    run_virtual(scenario())


class _Moods:
    """Each transmission meets the next mood; afterwards all is well."""

    def __init__(self, bench: Bench, moods: list[str]) -> None:
        self._bench = bench
        self._moods = list(moods)
        self._numbers = itertools.count(0)

    def answer(self, action: str) -> Callable[[dict[str, Any]], Any]:
        def react(_payload: dict[str, Any]) -> Any:
            mood = self._moods.pop(0) if self._moods else "ok"
            if mood == "error":
                return CallError()
            if mood == "drop":
                asyncio.get_running_loop().call_later(0.5, self._drop)
            if mood in {"silence", "drop"}:
                return SILENCE
            if action == "StartTransaction":
                return {"transactionId": next(self._numbers), "idTagInfo": {"status": "Accepted"}}
            return {}

        return react

    def _drop(self) -> None:
        assert self._bench.central._link is not None
        self._bench.central._link.close_now()


def test_a_stop_whose_start_is_parked_is_parked_and_its_values_go_without_an_id() -> None:
    async def scenario() -> None:
        async with a_bench(overrides={"TransactionMessageAttempts": "1"}) as bench:
            bench.central.answers["StartTransaction"] = CallError()
            bench.add(a_start(), a_reading(), a_stop())
            await until(lambda: not bench.outbox.queued)
            assert [i.delivery.key for i in bench.outbox.dead] == ["tx:s1:start", "tx:s1:stop"]
            assert "transactionId" not in bench.central.of("MeterValues")[0]

    run_virtual(scenario())


def test_a_message_that_breaks_the_schema_is_parked_at_once() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.add(a_start("long", tag="T" * 21), a_start("next"))
            await until(lambda: not bench.outbox.queued)
            assert [item.delivery.key for item in bench.outbox.dead] == ["tx:long:start"]
            assert bench.outbox.confirmed == ["tx:next:start"]

    run_virtual(scenario())


def test_meter_values_carry_the_chosen_measurands_in_their_units() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.add(a_start(), a_reading(), a_reading(number=2, aligned=True))
            await until(lambda: not bench.outbox.queued)
            sampled, aligned = bench.central.of("MeterValues")
            values = sampled["meterValue"][0]["sampledValue"]
            assert [(v["measurand"], v["value"], v["unit"]) for v in values] == [
                ("Energy.Active.Import.Register", "1500", "Wh"),
                ("Power.Active.Import", "3680", "W"),
                ("Current.Import", "16.005", "A"),
                ("Voltage", "230.100", "V"),
            ]
            assert {v["context"] for v in values} == {"Sample.Periodic"}
            (one,) = aligned["meterValue"][0]["sampledValue"]
            assert one["context"] == "Sample.Clock"

    run_virtual(scenario())


def test_values_nobody_wants_are_not_sent() -> None:
    async def scenario() -> None:
        async with a_bench(overrides={"MeterValuesSampledData": ""}) as bench:
            bench.add(a_start(), a_reading())
            await until(lambda: not bench.outbox.queued)
            assert bench.central.count("MeterValues") == 0
            assert bench.outbox.confirmed == ["tx:s1:start", "tx:s1:meter:1"]

    run_virtual(scenario())


RECEIPT = VendorMessage("receipt:1", "Session.Receipt", {"total": 212}, SessionId("s1"))
TOP_UP = VendorMessage("topup:1", "GreenCard.TopUp", {"reference": "R1"})


def test_a_receipt_takes_the_transaction_id_and_travels_as_one_json_string() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = {"status": "Accepted"}
            bench.add(a_start(), RECEIPT)
            await until(lambda: not bench.outbox.queued)
            (sent,) = bench.central.of("DataTransfer")
            assert (sent["vendorId"], sent["messageId"]) == ("es.citere", "Session.Receipt")
            assert json.loads(sent["data"]) == {"total": 212, "transactionId": 1}

    run_virtual(scenario())


@pytest.mark.parametrize("status", ["UnknownVendorId", "UnknownMessageId"])
def test_a_central_system_that_knows_no_receipts_does_not_block_the_queue(status: str) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = {"status": status}
            bench.add(RECEIPT)
            await until(lambda: not bench.outbox.queued, 5)
            assert bench.outbox.confirmed == ["receipt:1"]

    run_virtual(scenario())


def test_refused_money_is_kept_as_a_dead_letter() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = {"status": "Rejected"}
            bench.add(TOP_UP)
            await until(lambda: not bench.outbox.queued)
            assert bench.central.count("DataTransfer") == 3
            assert [item.delivery.key for item in bench.outbox.dead] == ["topup:1"]

    run_virtual(scenario())


@pytest.mark.parametrize("status", ["UnknownVendorId", "UnknownMessageId"])
def test_money_for_a_central_system_without_accounts_is_kept_at_once(status: str) -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            bench.central.answers["DataTransfer"] = {"status": status}
            bench.add(TOP_UP)
            await until(lambda: not bench.outbox.queued)
            assert bench.central.count("DataTransfer") == 1
            assert [item.delivery.key for item in bench.outbox.dead] == ["topup:1"]

    run_virtual(scenario())


def test_an_answer_of_retry_comes_again_as_often_as_needed() -> None:
    async def scenario() -> None:
        async with a_bench() as bench:
            later = {"status": "Accepted", "data": '{"status":"Retry"}'}
            done = {"status": "Accepted", "data": '{"status":"Accepted"}'}
            bench.central.answers["DataTransfer"] = [later] * 5 + [done]
            bench.add(TOP_UP)
            await until(lambda: not bench.outbox.queued)
            assert bench.central.count("DataTransfer") == 6
            assert bench.outbox.confirmed == ["topup:1"]

    run_virtual(scenario())
