"""A messaging service as one more door to the chat: in, out, twice, forged, lost."""

import asyncio
import json

import pytest

from central.support.chats import Said
from tests.support.desk import WEEKDAYS, a_desk, sign_in
from tests.support.members import World

pytestmark = pytest.mark.usefixtures("both_databases")
MAITE = (1, "Maite")


def write(world: World, body: bytes, signature: str | None = None) -> int:
    support = world.web.support
    signed = support.messenger.sign(body) if signature is None else signature
    return asyncio.run(support.messaging.deliver(body, signed))


def test_message_when_it_comes_twice_then_kept_once_and_the_answer_goes_back() -> None:
    world = a_desk()
    support = world.web.support
    body = support.messenger.written("+34 600", "Mikel", "Is the one at the harbour free?")
    assert [write(world, body), write(world, body)] == [200, 200]
    assert len(support.chats.messages(1)) == 1
    with world.browser() as agent:
        sign_in(agent)
        agent.open("/desk/chat/1")
        agent.send("/desk/chat/1", word="thanks")
    asyncio.run(support.courier.deliver())
    asyncio.run(support.courier.deliver())
    assert list(support.messenger.received) == [("+34 600", "¡Listo! Gracias por escribirnos.")]


def test_message_out_of_hours_then_the_phone_is_told_by_messenger() -> None:
    world = a_desk(WEEKDAYS)
    support = world.web.support
    write(world, support.messenger.written("+34 600", "Mikel", "Hello?"))
    asyncio.run(support.courier.deliver())
    assert "+34 900 000 000" in support.messenger.received[0][1]


def test_answer_when_the_service_is_away_then_sent_later_once() -> None:
    world = a_desk()
    support = world.web.support
    write(world, support.messenger.written("+34 600", "Mikel", "Hello?"))
    support.messenger.is_away = True
    support.chats.answer(1, MAITE, Said("Hello!"))
    asyncio.run(support.courier.deliver())
    support.messenger.is_away = False
    asyncio.run(support.courier.deliver())
    assert not support.messenger.received
    world.clock.advance(seconds=31)
    asyncio.run(support.courier.deliver())
    assert list(support.messenger.received) == [("+34 600", "Hello!")]


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b"[" * 9999, json.dumps({"address": "x"}).encode()]
)
def test_notice_when_forged_or_unreadable_then_refused(body: bytes) -> None:
    world = a_desk()
    assert write(world, body) == 400
    good = world.web.support.messenger.written("+34 600", "Mikel", "Hello?")
    assert write(world, good, "0" * 64) == 400
    assert world.web.support.chats.inbox() == []


def test_notice_without_text_then_taken_and_nothing_kept() -> None:
    world = a_desk()
    assert write(world, world.web.support.messenger.written("+34 600", "Mikel", "")) == 200
    assert world.web.support.chats.inbox() == []


def test_phone_of_the_bench_when_asked_from_elsewhere_then_missing() -> None:
    world = a_desk()
    with world.browser(base="http://members.example") as stranger:
        assert stranger.open("/bench/phone").status_code == 404
    with world.browser() as here:
        here.open("/bench/phone")
        here.send("/bench/phone", text="It does not print")
    assert world.web.support.chats.inbox()[0].name == "Mikel"
