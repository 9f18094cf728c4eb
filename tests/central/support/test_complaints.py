"""Help pages, and complaints: number and deadline at once, answered once, mailed, read by nobody else."""

from datetime import UTC, datetime

import pytest

from central.support.help_page import FAQ
from tests.support.browser import Browser
from tests.support.desk import a_desk, sign_in
from tests.support.members import World

pytestmark = pytest.mark.usefixtures("both_databases")
FORM = {
    "name": "Ane",
    "email": "ane@example.eus",
    "happened_on": "2026-11-20",
    "point": "07",
    "facts": "It kept my five euros. <b>Twice.</b>",
    "wish": "",
    "address": "",
}


def complain(browser: Browser, **changes: str) -> str:
    browser.open("/complaint?lang=en")
    page = browser.send("/complaint", **(FORM | changes))
    assert page.status_code == 200, page.text
    return page.url.path


def answered(world: World, text: str) -> str:
    with world.browser() as agent:
        sign_in(agent).open("/desk/complaints")
        assert "R-2026-000001" in agent.page.text  # type: ignore[union-attr]
        agent.open("/desk/complaints/R-2026-000001")
        return agent.send("/desk/complaints/R-2026-000001", answer=text).text


def test_complaint_when_made_then_number_deadline_and_mail() -> None:
    world = a_desk()
    with world.browser() as browser:
        path = complain(browser)
        page = browser.page
        assert page is not None
        for word in ("R-2026-000001", "Dec 6, 2026", "open", "&lt;b&gt;Twice"):
            assert word in page.text, word
        assert "<b>Twice" not in page.text
    mail = world.mails()[0]
    assert mail.to == "ane@example.eus"
    assert "R-2026-000001" in mail.subject
    assert path in mail.text


def test_complaint_when_answered_then_mailed_shown_and_never_changed() -> None:
    world = a_desk()
    with world.browser() as browser:
        path = complain(browser)
        assert "Your money is on its way" in answered(world, "Your money is on its way.")
        assert "Your money is on its way" in browser.open(path).text
        mail = world.mails()[0]
        assert "Your money is on its way" in mail.text
        answered(world, "Something else entirely.")
        assert "Something else" not in browser.open(path).text
    entry = world.web.support.audit.entries()[0]
    assert (entry.look.action, entry.look.subject) == ("complaint.answer", "R-2026-000001")


def test_complaint_when_the_deadline_passed_then_late_on_the_list() -> None:
    world = a_desk()
    with world.browser() as browser, world.browser() as agent:
        complain(browser)
        world.clock.moment = datetime(2026, 12, 6, 22, 59, tzinfo=UTC)
        assert "overdue" not in sign_in(agent).open("/desk/complaints").text
        world.clock.moment = datetime(2026, 12, 6, 23, 0, tzinfo=UTC)  # midnight there
        assert "overdue" in agent.open("/desk/complaints").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("email", "nobody"),
        ("happened_on", "2026-11-23"),
        ("happened_on", "2001-01-01"),
        ("happened_on", "yesterday"),
        ("facts", "short"),
        ("facts", "x" * 4001),
        ("wish", "x" * 1001),
        ("point", "x" * 41),
    ],
)
def test_complaint_when_a_field_is_wrong_then_refused_and_said_where(
    field: str, value: str
) -> None:
    world = a_desk()
    with world.browser() as browser:
        browser.open("/complaint")
        page = browser.send("/complaint", **(FORM | {field: value}))
        assert page.status_code == 422
        assert f'id="e-{field}"' in page.text
    assert world.web.support.complaints.all() == []


def test_complaint_of_somebody_else_then_not_found() -> None:
    world = a_desk()
    with world.browser() as browser:
        complain(browser)
        for path in ("/complaint/R-2026-000001", "/complaint/1", f"/complaint/{'a' * 32}"):
            assert browser.open(path).status_code == 404
        assert browser.open("/desk/complaints").headers["location"] == "/desk/sign-in"


def test_complaints_when_a_machine_makes_them_then_slowed() -> None:
    world = a_desk()
    with world.browser() as browser:
        for _ in range(5):
            complain(browser)
        browser.open("/complaint")
        assert browser.answer("/complaint", **FORM).status_code == 429


def test_numbers_when_many_then_in_order_and_the_urgent_first() -> None:
    world = a_desk()
    with world.browser() as browser:
        complain(browser)
        world.clock.advance(days=1)
        complain(browser)
    numbers = [each.number for each in world.web.support.complaints.all()]
    assert numbers == ["R-2026-000001", "R-2026-000002"]


@pytest.mark.parametrize("code", ["es", "eu", "en"])
def test_help_in_each_language_then_every_question_has_its_answer(code: str) -> None:
    world = a_desk()
    with world.browser() as browser:
        page = browser.open(f"/help?lang={code}").text
        assert page.count("<details>") == len(FAQ)
        assert "faq." not in page
        assert "tel:+34900000000" in page
