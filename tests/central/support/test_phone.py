"""The telephone desk: who calls is checked, wrong answers lock, every look is in the audit."""

import asyncio

import pytest

from central.greencard.blanks import Blanks, Made
from central.support.phone_desk import Locked
from tests.support.browser import Browser
from tests.support.central import CARD, connected
from tests.support.desk import AGENTS, a_desk, sign_in
from tests.support.members import EMAIL, World

pytestmark = pytest.mark.usefixtures("both_databases")
SUPPORT_NUMBER = "48120933"
ANSWERS = ("Beltza", "Kale Nagusia, 3", "Señor Núñez")
QUESTIONS = ("What was your first cat called?", "Where did you live?", "Who taught you?")


def a_caller() -> World:
    """A member with a card and three questions, and a desk."""
    world = a_desk()
    with world.browser() as browser:
        world.member_with_card(browser)
        asked = {f"question_{n}": text for n, text in enumerate(QUESTIONS, start=1)}
        said = {f"answer_{n}": text for n, text in enumerate(ANSWERS, start=1)}
        browser.send("/me/card/questions?card=0005", **asked, **said)
    return world


def call(agent: Browser, number: str = SUPPORT_NUMBER) -> str:
    """The page's path after the support number was given."""
    agent.open("/desk/phone?lang=en")
    return agent.send("/desk/phone", support=number).url.path


def answer(agent: Browser, path: str, *said: str) -> str:
    return agent.send(path, **{f"answer_{n}": text for n, text in enumerate(said, start=1)}).text


def looks(world: World) -> list[tuple[str, str, str]]:
    found = world.web.support.audit.entries()
    return [
        (each.look.agent, each.look.action, each.look.outcome)
        for each in reversed(found)
        if each.look.agent != "operator"
    ]


@pytest.mark.parametrize(
    "said", [ANSWERS, ("BELTZA", " kale   nagusia 3", "senor nunez"), ("beltza!", *ANSWERS[1:])]
)
def test_answers_when_right_then_the_card_opens_with_its_last_place(said: tuple[str, ...]) -> None:
    world = a_caller()

    async def charge() -> None:
        async with connected(world.system) as point:
            await point.start()
            await point.stop(1, 11_000)

    asyncio.run(charge())
    with world.browser() as agent:
        path = call(sign_in(agent))
        page = agent.page.text  # type: ignore[union-attr]
        for question in QUESTIONS:
            assert question in page
        for secret in ("Beltza", "Nagusia", CARD, "$argon2"):
            assert secret not in page
        page = answer(agent, path, *said)
        assert "Green Card …0005" in page
        assert "CP-1" in page
        assert "10.00\u00a0kWh" in page
        assert CARD not in page
        assert EMAIL not in page
    assert looks(world) == [
        ("maite", "phone.asked", "asked"),
        ("maite", "phone.answered", "right"),
        ("maite", "card.look", "shown"),
    ]


def test_answers_when_one_is_wrong_then_refused_and_not_said_which() -> None:
    world = a_caller()
    with world.browser() as agent:
        path = call(sign_in(agent))
        page = answer(agent, path, "beltza", "kale nagusia 4", "senor nunez")
        assert "It does not match" in page
        assert "0005" not in page
        again = answer(agent, call(agent), "x1", "x2", "x3")
        assert again.partition("<main")[2] == page.partition("<main")[2]
        agent.open("/desk/phone")
        assert agent.answer(path, answer_1="a1", answer_2="b2", answer_3="c3").status_code == 200
    assert looks(world)[1] == ("maite", "phone.answered", "wrong")


def test_unknown_number_when_called_then_nothing_shows_it() -> None:
    world = a_caller()
    with world.browser() as agent:
        sign_in(agent)
        pages = []
        for number in ("11112222", "11112222", "33334444"):
            path = call(agent, number)
            pages.append(agent.page.text.partition("<main")[2])  # type: ignore[union-attr]
            assert "It does not match" in answer(agent, path, *ANSWERS)
        path = call(agent)
        known = agent.page.text.partition("<main")[2]  # type: ignore[union-attr]
        assert pages[0].count("<q>") == known.count("<q>") == 3
        asked = [page.partition("<q>")[2].partition("</form>")[0] for page in pages]
        assert asked[0] == asked[1] != asked[2]
        assert answer(agent, path, *ANSWERS).count("Green Card …0005")


@pytest.mark.parametrize("number", [SUPPORT_NUMBER, "11112222"])
def test_wrong_answers_when_repeated_then_locked_for_ever_longer_known_or_not(number: str) -> None:
    world = a_caller()
    waits = []
    with world.browser() as agent:
        sign_in(agent)
        for _ in range(5):
            path = call(agent, number)
            if path == "/desk/phone":  # locked
                page = agent.page
                assert page is not None
                assert page.status_code == 423
                assert "Locked after wrong answers" in page.text
                maite = world.web.support.agents.all()[1]
                with pytest.raises(Locked) as locked:
                    world.web.support.phone.begin(maite, number)
                waits.append(round(locked.value.wait_s / 60))
                world.clock.advance(seconds=locked.value.wait_s)
                path = call(agent, number)
            answer(agent, path, "no", "no", "no")
            world.clock.advance(minutes=5)
    assert waits == [10, 25]
    assert ("maite", "phone.asked", "locked") in looks(world)


def test_right_answers_when_locked_meanwhile_then_refused() -> None:
    world = a_caller()
    with world.browser() as agent:
        sign_in(agent)
        paths = [call(agent) for _ in range(4)]
        for path in paths[:3]:
            agent.open(path)
            answer(agent, path, "no", "no", "no")
        agent.open(paths[3])
        assert "Locked after wrong answers" in answer(agent, paths[3], *ANSWERS)
        assert "0005" not in agent.open(paths[3]).text
    assert looks(world)[-1] == ("maite", "phone.answered", "locked")


def test_lock_when_answered_rightly_afterwards_then_forgiven() -> None:
    world = a_caller()
    with world.browser() as agent:
        sign_in(agent)
        for _ in range(2):
            answer(agent, call(agent), "no", "no", "no")
        assert "…0005" in answer(agent, call(agent), *ANSWERS)
        for _ in range(2):
            answer(agent, call(agent), "no", "no", "no")
        assert "…0005" in answer(agent, call(agent), *ANSWERS)


def test_card_when_the_time_is_over_or_another_agent_looks_then_closed() -> None:
    world = a_caller()
    with world.browser() as agent, world.browser() as other:
        path = call(sign_in(agent))
        answer(agent, path, *ANSWERS)
        assert sign_in(other, "jon").open(path).status_code == 404
        world.clock.advance(minutes=15)
        assert "The call is over" in agent.open(path).text
        agent.open("/desk/phone")
        assert agent.answer(f"{path}/block", reason="lost").status_code == 403
        assert world.system.charges.authorise(CARD) == "Accepted"


def test_call_when_ended_then_the_card_is_closed() -> None:
    world = a_caller()
    with world.browser() as agent:
        path = call(sign_in(agent))
        answer(agent, path, *ANSWERS)
        agent.send(f"{path}/close")
        assert "The call is over" in agent.open(path).text


def test_lost_card_when_blocked_at_the_desk_then_blocked_audited_and_in_its_trail() -> None:
    world = a_caller()
    with world.browser() as agent:
        path = call(sign_in(agent))
        answer(agent, path, *ANSWERS)
        assert agent.answer(f"{path}/block", reason="bored").status_code == 422
        agent.open(path)
        page = agent.send(f"{path}/block", reason="stolen").text
        assert "The card is blocked." in page
    assert world.system.charges.authorise(CARD) == "Blocked"
    note = world.system.store.trail.notes(CARD)[0]
    assert (note.actor, note.event, note.detail) == ("Maite", "blocked", "stolen")
    assert ("maite", "card.block", "blocked") in looks(world)


def test_another_card_when_no_blank_is_there_then_ordered_and_sent_later() -> None:
    world = a_caller()
    with world.browser() as agent, world.browser() as operator:
        path = call(sign_in(agent))
        answer(agent, path, *ANSWERS)
        page = agent.send(f"{path}/replace", reason="lost").text
        assert "Ordered" in page
        assert world.system.charges.authorise(CARD) == "Blocked"
        sign_in(operator, "jon").open("/desk/audit?lang=en")
        assert "…0005" in operator.page.text  # type: ignore[union-attr]
        told = operator.send("/desk/orders", number=CARD)
        assert "Not sent" in told.text
        assert operator.send("/desk/orders", number="1" * 16).status_code == 200
    assert [each.number for each in world.web.support.cards.orders()] == [CARD]


def test_order_when_its_card_was_replaced_meanwhile_then_no_third_card_is_sent() -> None:
    world = a_caller()
    with world.browser() as agent:
        path = call(sign_in(agent))
        answer(agent, path, *ANSWERS)
        agent.send(f"{path}/replace", reason="lost")
    made = [Made(f"972400000000001{n}", None, "hash", f"4800001{n}") for n in (7, 8)]
    Blanks(world.system.store, world.clock).make("b", made, by="maria", expires_on="")
    world.system.replacing.replace(CARD, actor="jon", reason="lost")
    with world.browser() as operator:
        sign_in(operator, "jon").open("/desk/audit?lang=en")
        assert "Not sent" in operator.send("/desk/orders", number=CARD).text
    assert world.web.support.cards.orders() == []
    assert world.system.lineage.newest(CARD) == made[0].number


def test_another_card_when_a_blank_is_there_then_sent_with_everything_and_asked_for_by_both() -> (
    None
):
    world = a_caller()
    made = [Made("9724000000000017", None, "hash", "48000017")]
    Blanks(world.system.store, world.clock).make("b", made, by="maria", expires_on="")
    with world.browser() as agent:
        path = call(sign_in(agent))
        answer(agent, path, *ANSWERS)
        page = agent.send(f"{path}/replace", reason="lost").text
        assert "Another card took its place" in page
        assert "…0017" in page
        assert "€20.00" in page
        for number in (SUPPORT_NUMBER, "48000017"):
            assert "Green Card …0017" in answer(agent, call(agent, number), *ANSWERS)
    assert ("maite", "card.new", "sent") in looks(world)


def test_trail_of_looks_when_an_agent_asks_then_for_operators_only() -> None:
    world = a_caller()
    with world.browser() as agent, world.browser() as operator:
        answer(agent, call(sign_in(agent)), *ANSWERS)
        assert agent.open("/desk/audit").status_code == 403
        page = sign_in(operator, "jon").open("/desk/audit?lang=en").text
        assert "Nothing was changed or removed." in page
        assert "maite" in page
        assert "…0005" in page


def test_agent_when_searching_numbers_then_slowed() -> None:
    world = a_desk()
    with world.browser() as agent:
        sign_in(agent)
        for number in range(12):
            call(agent, f"{10_000_000 + number}")
        agent.open("/desk/phone")
        assert agent.answer("/desk/phone", support="99999999").status_code == 429


@pytest.mark.parametrize("number", ["", "1234567", "x" * 20, "1" * 17, "٣٣٣٣٣٣٣٣"])
def test_support_number_when_none_then_refused(number: str) -> None:
    world = a_desk()
    with world.browser() as agent:
        sign_in(agent)
        agent.open("/desk/phone")
        assert agent.answer("/desk/phone", support=number).status_code == 422
    assert looks(world) == []


def test_agents_of_the_bench_exist() -> None:
    world = a_desk()
    assert {each.login for each in world.web.support.agents.all()} == {
        each.login for each in AGENTS
    }
