"""Who sits at the desk: their own sign-in, roles, sessions that end, tries that are slowed."""

import pytest

from tests.support.desk import AGENT_PASSWORD, a_desk, sign_in
from tests.support.members import EMAIL, PASSWORD

pytestmark = pytest.mark.usefixtures("both_databases")


def test_agent_when_signed_out_then_out() -> None:
    world = a_desk()
    with world.browser() as browser:
        sign_in(browser)
        session = browser.cookie("agent")
        browser.send("/desk/sign-out")
        assert browser.open("/desk").headers["location"] == "/desk/sign-in"
        browser.set_cookie("agent", str(session))
        assert browser.open("/desk").headers["location"] == "/desk/sign-in"


@pytest.mark.parametrize(
    ("login", "password"), [("maite", "wrong password"), ("nobody", AGENT_PASSWORD)]
)
def test_wrong_sign_in_then_the_same_answer_known_or_not(login: str, password: str) -> None:
    world = a_desk()
    with world.browser() as browser:
        browser.open("/desk/sign-in?lang=en")
        page = browser.send("/desk/sign-in", login=login, password=password)
        assert page.status_code == 422
        assert "The name or the password is not right." in page.text


def test_wrong_sign_ins_when_repeated_then_slowed() -> None:
    world = a_desk()
    with world.browser() as browser:
        for _ in range(4):
            browser.open("/desk/sign-in")
            browser.send("/desk/sign-in", login="maite", password="wrong password")
        browser.open("/desk/sign-in")
        page = browser.answer("/desk/sign-in", login="maite", password=AGENT_PASSWORD)
        assert page.status_code == 429


def test_member_when_at_the_desk_then_a_stranger() -> None:
    world = a_desk()
    with world.browser() as browser:
        world.member(browser)
        assert browser.open("/desk").headers["location"] == "/desk/sign-in"
        browser.set_cookie("agent", str(browser.cookie("session")))
        assert browser.open("/desk").headers["location"] == "/desk/sign-in"
        browser.open("/desk/sign-in")
        assert browser.answer("/desk/sign-in", login=EMAIL, password=PASSWORD).status_code == 422


def test_agent_when_they_leave_then_every_session_ends() -> None:
    world = a_desk()
    with world.browser() as browser:
        sign_in(browser)
        assert world.web.support.agents.leave("maite")
        assert browser.open("/desk").headers["location"] == "/desk/sign-in"
        assert not world.web.support.agents.leave("maite")


def test_session_when_a_day_is_over_then_ended() -> None:
    world = a_desk()
    with world.browser() as browser:
        sign_in(browser)
        world.clock.advance(hours=12)
        assert browser.open("/desk").headers["location"] == "/desk/sign-in"


def test_agent_given_again_then_the_password_stays() -> None:
    world = a_desk()
    agents = world.web.support.agents
    assert not agents.join("maite", "Other", "operator", "x")
    assert [each.login for each in agents.all()] == ["jon", "maite"]
