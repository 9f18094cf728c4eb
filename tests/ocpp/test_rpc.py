"""Calls both ways over one link, against peers that behave and peers that do not."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from chargepoint.ocpp.frames import ErrorCode
from chargepoint.ocpp.rpc import (
    Answer,
    AnswerInvalid,
    CallRefused,
    Limits,
    LinkDown,
    NoAnswer,
    Peer,
    Refusal,
    RequestInvalid,
    Rpc,
)
from chargepoint.ocpp.schemas import Schemas
from simulator.entropy import SeededEntropy
from simulator.vtime import run_virtual
from tests.support.fakes import MemoryLink, memory_link

ACTIONS = ["Heartbeat", "Authorize", "StatusNotification", "Reset", "ClearCache", "DataTransfer"]
SCHEMAS = Schemas(sent=ACTIONS, answered=ACTIONS)
RESET = '[2,"{0}","Reset",{{"type":"Soft"}}]'
Handler = Callable[[str, dict[str, Any]], Awaitable[Answer]]


async def _accept(_action: str, _payload: dict[str, Any]) -> Answer:
    return Answer({"status": "Accepted"})


@dataclass
class Wire:
    """The far end, by hand."""

    rpc: Rpc
    far: MemoryLink
    incidents: list[str]
    running: asyncio.Task[None]
    is_quiet: list[bool] = field(default_factory=list)

    async def say(self, text: str) -> None:
        await self.far.send(text)

    async def hear(self) -> list[Any]:
        async with asyncio.timeout(60):
            frame: list[Any] = json.loads(await self.far.recv())
            return frame

    async def ask(self, text: str) -> list[Any]:
        await self.say(text)
        return await self.hear()


@asynccontextmanager
async def a_wire(answer: Handler = _accept, **limits: Any) -> Any:
    near, far = memory_link()
    incidents: list[str] = []
    quiet: list[bool] = []
    peer = Peer(
        answer=answer,
        supported=frozenset({"Reset", "ClearCache", "DataTransfer"}),
        may_answer=lambda: not quiet,
        identifier=SeededEntropy(1).identifier,
        observe=lambda _direction, _text: None,
        incident=lambda code, _detail: incidents.append(code),
    )
    rpc = Rpc(near, SCHEMAS, peer, Limits(**limits))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(rpc.run())
        yield Wire(rpc, far, incidents, running, quiet)
        await far.close()


def test_a_call_is_answered_and_its_payload_returned() -> None:
    async def scenario() -> None:
        async with a_wire() as wire, asyncio.TaskGroup() as group:
            call = group.create_task(wire.rpc.call("Heartbeat", {}))
            _, message_id, action, payload = await wire.hear()
            assert (action, payload) == ("Heartbeat", {})
            await wire.say(json.dumps([3, message_id, {"currentTime": "2026-01-01T00:00:00Z"}]))
            assert await call == {"currentTime": "2026-01-01T00:00:00Z"}

    run_virtual(scenario())


def test_one_call_at_a_time_and_a_waiting_customer_first() -> None:
    async def scenario() -> None:
        async with a_wire() as wire, asyncio.TaskGroup() as group:
            tasks = [group.create_task(wire.rpc.call("Heartbeat", {})) for _ in range(2)]
            await asyncio.sleep(1)
            tasks.append(group.create_task(wire.rpc.call("Authorize", {"idTag": "T"}, urgent=True)))
            heard = []
            for _ in tasks:
                await asyncio.sleep(1)
                _, message_id, action, _ = await wire.hear()
                assert wire.far._inbound.empty(), "a second call went out before the first answer"
                heard.append(action)
                status = {"idTagInfo": {"status": "Accepted"}}
                beat = {"currentTime": "2026-01-01T00:00:00Z"}
                answer = status if action == "Authorize" else beat
                await wire.say(json.dumps([3, message_id, answer]))
            assert heard == ["Heartbeat", "Authorize", "Heartbeat"]

    run_virtual(scenario())


def test_a_caller_that_gives_up_frees_its_turn() -> None:
    async def scenario() -> None:
        async with a_wire() as wire, asyncio.TaskGroup() as group:
            first = group.create_task(wire.rpc.call("Heartbeat", {}))
            second = group.create_task(wire.rpc.call("Heartbeat", {}))
            third = group.create_task(wire.rpc.call("Authorize", {"idTag": "T"}))
            await asyncio.sleep(1)
            second.cancel()
            first.cancel()
            await asyncio.sleep(1)
            assert (await wire.hear())[2] == "Heartbeat"
            assert (await wire.hear())[2] == "Authorize"
            third.cancel()

    run_virtual(scenario())


def test_no_answer_is_told_apart_from_a_lost_link() -> None:
    async def scenario() -> None:
        async with a_wire() as wire:
            began_s = asyncio.get_running_loop().time()
            with pytest.raises(NoAnswer):
                await wire.rpc.call("Heartbeat", {})
            assert asyncio.get_running_loop().time() - began_s == 35
            async with asyncio.TaskGroup() as group:
                call = group.create_task(asyncio.wait_for(_expect_down(wire.rpc), 5))
                await asyncio.sleep(1)
                await wire.far.close()
                await call
            with pytest.raises(LinkDown):
                await wire.rpc.call("Heartbeat", {})

    run_virtual(scenario())


async def _expect_down(rpc: Rpc) -> None:
    with pytest.raises(LinkDown):
        await rpc.call("Heartbeat", {})


def test_two_unanswered_calls_in_a_row_give_the_link_up() -> None:
    async def scenario() -> None:
        async with a_wire() as wire:
            for _ in range(2):
                with pytest.raises(NoAnswer):
                    await wire.rpc.call("Heartbeat", {})
            await asyncio.sleep(1)
            assert wire.running.done()

    run_virtual(scenario())


def test_an_unanswered_call_with_other_frames_in_between_keeps_the_link() -> None:
    async def scenario() -> None:
        async with a_wire() as wire:
            for _ in range(3):
                with pytest.raises(NoAnswer):
                    await wire.rpc.call("Heartbeat", {})
                await wire.say('[3,"stale",{}]')
                await asyncio.sleep(1)
            assert not wire.running.done()

    run_virtual(scenario())


def test_an_error_answer_raises_with_its_code() -> None:
    async def scenario() -> None:
        async with a_wire() as wire, asyncio.TaskGroup() as group:
            call = group.create_task(_refusal(wire.rpc))
            message_id = (await wire.hear())[1]
            await wire.say(json.dumps([4, message_id, "FormatViolation", "no", {}]))
            assert (await call).code == "FormationViolation"

    run_virtual(scenario())


async def _refusal(rpc: Rpc) -> CallRefused:
    with pytest.raises(CallRefused) as caught:
        await rpc.call("Heartbeat", {})
    return caught.value


@pytest.mark.parametrize("answer", ['[3,"{0}",{{"now":1}}]', '[3,"{0}"]', '[3,"{0}",[1]]'])
def test_an_answer_that_breaks_the_schema_ends_the_call_at_once(answer: str) -> None:
    async def scenario() -> None:
        async with a_wire() as wire, asyncio.TaskGroup() as group:
            call = group.create_task(_invalid(wire.rpc))
            await wire.say(answer.format((await wire.hear())[1]))
            await call

    async def _invalid(rpc: Rpc) -> None:
        with pytest.raises(AnswerInvalid):
            await rpc.call("Heartbeat", {})

    run_virtual(scenario())


def test_an_answer_may_hold_more_than_it_should() -> None:
    async def scenario() -> None:
        async with a_wire() as wire, asyncio.TaskGroup() as group:
            call = group.create_task(wire.rpc.call("Authorize", {"idTag": "T"}))
            info = {"status": "Accepted", "expiryDate": None, "language": "es"}
            answer = {"idTagInfo": info, "groupId": None}
            await wire.say(json.dumps([3, (await wire.hear())[1], answer]))
            assert await call == {"idTagInfo": {"status": "Accepted", "language": "es"}}
            assert wire.incidents == []

    run_virtual(scenario())


def test_our_own_invalid_request_is_never_sent() -> None:
    async def scenario() -> None:
        async with a_wire() as wire:
            with pytest.raises(RequestInvalid):
                await wire.rpc.call("Authorize", {"idTag": "T" * 21})
            assert await wire.ask(RESET.format("1")) == [3, "1", {"status": "Accepted"}]

    run_virtual(scenario())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('[2,"1","Nonsense",{}]', "NotImplemented"),
        ('[2,"1","reset",{"type":"Soft"}]', "NotImplemented"),
        ('[2,"1","../Reset",{}]', "NotImplemented"),
        ('[2,"1","SetChargingProfile",{}]', "NotSupported"),
        ('[2,"1","StartTransaction",{}]', "NotSupported"),
        ('[2,"1","Reset",{}]', "ProtocolError"),
        ('[2,"1","Reset",{"type":1}]', "TypeConstraintViolation"),
        ('[2,"1","Reset",{"type":"Odd"}]', "PropertyConstraintViolation"),
        ('[2,"1","Reset",{"type":"Soft","x":1}]', "FormationViolation"),
        ('[2,"1","Reset"]', "FormationViolation"),
    ],
)
def test_a_bad_request_gets_the_code_the_specification_names(frame: str, code: str) -> None:
    async def scenario() -> None:
        async with a_wire() as wire:
            kind, message_id, answered, _, details = await wire.ask(frame)
            assert (kind, message_id, answered, details) == (4, "1", code, {})

    run_virtual(scenario())


def test_answers_keep_the_order_of_requests_whatever_each_costs() -> None:
    async def slow_first(action: str, _payload: dict[str, Any]) -> Answer:
        await asyncio.sleep(3 if action == "Reset" else 0)
        return Answer({"status": "Accepted"})

    async def scenario() -> None:
        async with a_wire(slow_first) as wire:
            await wire.say(RESET.format("1"))
            await wire.say('[2,"2","ClearCache",{}]')
            await wire.say('[2,"3","Nonsense",{}]')
            await wire.say("garbage")
            assert [(await wire.hear())[1] for _ in range(4)] == ["1", "2", "3", "-1"]

    run_virtual(scenario())


def test_an_id_being_handled_is_refused_and_free_again_afterwards() -> None:
    async def slow(_action: str, _payload: dict[str, Any]) -> Answer:
        await asyncio.sleep(1)
        return Answer({"status": "Accepted"})

    async def scenario() -> None:
        async with a_wire(slow) as wire:
            await wire.say(RESET.format("1"))
            await wire.say(RESET.format("1"))
            assert (await wire.hear())[0] == 3
            assert (await wire.hear())[2] == "GenericError"
            assert (await wire.ask(RESET.format("1")))[0] == 3

    run_virtual(scenario())


def test_a_handler_may_call_back_urgently_and_other_calls_wait_for_its_answer() -> None:
    wires: list[Wire] = []

    async def asks_back(_action: str, _payload: dict[str, Any]) -> Answer:
        answer = await wires[0].rpc.call("Authorize", {"idTag": "T"}, urgent=True)
        return Answer({"status": answer["idTagInfo"]["status"]})

    async def scenario() -> None:
        async with a_wire(asks_back) as wire, asyncio.TaskGroup() as group:
            wires.append(wire)
            await wire.say(RESET.format("1"))
            await asyncio.sleep(0.1)
            beat = group.create_task(wire.rpc.call("Heartbeat", {}))
            asked = await wire.hear()
            assert asked[2] == "Authorize"
            await wire.say(json.dumps([3, asked[1], {"idTagInfo": {"status": "Accepted"}}]))
            assert await wire.hear() == [3, "1", {"status": "Accepted"}]
            assert (await wire.hear())[2] == "Heartbeat"
            beat.cancel()

    run_virtual(scenario())


def test_what_a_request_causes_runs_after_its_answer() -> None:
    order: list[str] = []

    async def handler(_action: str, _payload: dict[str, Any]) -> Answer:
        async def afterwards() -> None:
            order.append("afterwards")

        order.append("handled")
        return Answer({"status": "Accepted"}, afterwards)

    async def scenario() -> None:
        async with a_wire(handler) as wire:
            await wire.ask(RESET.format("1"))
            await asyncio.sleep(1)
            assert order == ["handled", "afterwards"]

    run_virtual(scenario())


def test_a_handler_that_refuses_fails_hangs_or_lies_costs_one_error_answer() -> None:
    async def handler(_action: str, payload: dict[str, Any]) -> Answer:
        match payload["vendorId"]:
            case "refuse":
                raise Refusal(ErrorCode.SECURITY_ERROR, "not you")
            case "fail":
                raise ZeroDivisionError
            case "hang":
                await asyncio.sleep(3600)
        return Answer({"status": "Perhaps"})

    async def scenario() -> None:
        async with a_wire(handler) as wire:
            for number, (vendor, code) in enumerate(
                [
                    ("refuse", "SecurityError"),
                    ("fail", "InternalError"),
                    ("hang", "InternalError"),
                    ("lie", "InternalError"),
                ]
            ):
                request = [2, str(number), "DataTransfer", {"vendorId": vendor}]
                answer = await wire.ask(json.dumps(request))
                assert answer[:3] == [4, str(number), code]
            assert wire.incidents == ["ocpp.request_failed"] * 3

    run_virtual(scenario())


def test_a_peer_that_may_not_be_answered_hears_nothing() -> None:
    async def scenario() -> None:
        async with a_wire() as wire:
            wire.is_quiet.append(True)
            for text in (RESET.format("1"), "garbage", '[2,"2","Nonsense",{}]'):
                await wire.say(text)
            await asyncio.sleep(1)
            wire.is_quiet.clear()
            assert await wire.ask(RESET.format("1")) == [3, "1", {"status": "Accepted"}]

    run_virtual(scenario())


def _cut(dice: random.Random, text: str) -> str:
    return text[: dice.randrange(len(text))]


def _garbled(dice: random.Random, text: str) -> str:
    place = dice.randrange(len(text))
    return text[:place] + chr(dice.randrange(1, 0x3000)) + text[place + 1 :]


def _other_brackets(_dice: random.Random, text: str) -> str:
    return text.replace("{", "[").replace("}", "]")


def _other_type(dice: random.Random, text: str) -> str:
    return text.replace("2", str(dice.randrange(-5, 10)), 1)


def _other_value(dice: random.Random, text: str) -> str:
    return text.replace('"Soft"', dice.choice(["null", "1e400", "[[]]", '"\\ud834"', "{}"]))


def _more(dice: random.Random, text: str) -> str:
    return text + dice.choice(["]", "x", text, " "])


def _nested(dice: random.Random, _text: str) -> str:
    return "[" * dice.randrange(1, 5000)


def _other_action(dice: random.Random, text: str) -> str:
    return text.replace("Reset", dice.choice(["", "Heartbeat", "GetLog", "\\u0000"]))


MUTATIONS = [
    _cut,
    _garbled,
    _other_brackets,
    _other_type,
    _other_value,
    _more,
    _nested,
    _other_action,
]


@pytest.mark.parametrize("seed", range(4))
def test_the_link_survives_a_thousand_mutated_frames_and_still_answers_right(seed: int) -> None:
    async def scenario() -> None:
        dice = random.Random(seed)
        async with a_wire(frame_chars=4000) as wire:
            for number in range(1000):
                await wire.say(dice.choice(MUTATIONS)(dice, RESET.format(f"bad{number}")))
                if number % 50 == 0:
                    await _still_answers(wire, f"good{number}")
            await _still_answers(wire, "last")
            assert not wire.running.done()
            assert wire.incidents == []

    run_virtual(scenario())


async def _still_answers(wire: Wire, message_id: str) -> None:
    """Everything else that is said meanwhile is a well-formed answer."""
    await wire.say(RESET.format(message_id))
    while True:
        frame = await wire.hear()
        assert frame[0] in {3, 4}
        assert len(frame) == (3 if frame[0] == 3 else 5)
        if frame[1] == message_id:
            assert frame == [3, message_id, {"status": "Accepted"}]
            return


def test_ids_do_not_repeat_over_the_calls_of_one_station() -> None:
    async def scenario() -> None:
        async with a_wire(call_timeout_s=lambda: 1.0) as wire:
            ids = set()
            for _ in range(5):
                with pytest.raises(NoAnswer):
                    await wire.rpc.call("Heartbeat", {})
                ids.add((await wire.hear())[1])
                await wire.say('[3,"stale",{}]')
                await asyncio.sleep(0.1)
            assert len(ids) == 5

    run_virtual(scenario())
