"""Reserving on the members' web, from a free hour to the calendar file."""

import asyncio
import re
from datetime import timedelta

from central.clock import utc_text
from central.fleet.registry import ConnectorState, Site, Socket
from central.members.guard import SESSION_COOKIE as SESSION
from central.members.leaving import Leaving, data_of
from central.reservations.records import State
from tests.support.browser import Browser
from tests.support.central import CARD
from tests.support.members import World, a_world
from tests.support.reserving import holder, look, set_status

PLACE = "Kaia <1>"


def a_street(world: World, status: str = "Available") -> None:
    registry = world.system.registry
    site = Site(PLACE, 43.3, -1.98, "Kaia, 3; Zarautz", (Socket(1),))
    registry.provision("CP-1", site, None)
    point = registry.point("CP-1")
    point.is_connected, point.boot_status = True, "Accepted"
    point.connectors[1] = ConnectorState(status)


def begin_of(world: World, hours: int = 2) -> str:
    return utc_text(world.clock.utc() + timedelta(hours=hours))


def reserve(world: World, browser: Browser, hours: int = 2) -> None:
    begin = begin_of(world, hours)
    browser.open(f"/reserve/CP-1/check?begin={begin}&minutes=60&letter=C")
    browser.send("/reserve/CP-1/confirm", begin=begin, minutes="60", letter="C")


def mails(world: World) -> list[str]:
    asyncio.run(world.web.news.post())
    return [mail.subject for mail in world.mails()]


def test_an_hour_is_chosen_confirmed_listed_mailed_and_cancelled() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        browser.open("/?lang=en")
        world.member_with_card(browser)
        home = browser.open("/?lang=en").text
        assert 'href="/reserve/CP-1"' in home
        hours = browser.open("/reserve/CP-1").text
        assert "/reserve/CP-1/check?begin=2026-11-21T10:00:00.000Z" in hours
        check = browser.open(f"/reserve/CP-1/check?begin={begin_of(world)}&minutes=60&letter=C")
        assert "Come by 11:15" in check.text
        assert "Kaia &lt;1&gt;" in check.text
        reserve(world, browser)
        assert browser.page is not None
        (made,) = world.system.reservations.desk.mine(1)
        assert f"{made.code[:3]} {made.code[3:]}" in browser.page.text
        assert "11:00" in browser.open("/me/reservations").text
        assert mails(world)[0] == f"Reserved: {PLACE}, 11:00"
        assert made.code in world.outbox.mails[0].text
        assert f"http://127.0.0.1/me/reservations/{made.id}" in world.outbox.mails[0].text
        browser.open(f"/me/reservations/{made.id}")
        page = browser.send(f"/me/reservations/{made.id}/cancel")
        assert "Cancelled" in page.text
        assert made.code not in page.text
        assert mails(world)[0].startswith("Cancelled")
        assert len(mails(world)) == 3  # each mail leaves once


def test_who_comes_second_sees_it_taken_and_joins_the_line() -> None:
    world = a_world()
    a_street(world)
    world.system.accounts.create_card(holder(7).number)
    desk = world.system.reservations.desk
    first = desk.reserve(holder(7), "CP-1", "", world.clock.utc() + timedelta(hours=2), 60)
    with world.browser() as browser:
        browser.open("/?lang=en")
        world.member_with_card(browser)
        browser.open("/?lang=en")
        assert 'class="hour taken"' in browser.open("/reserve/CP-1").text
        reserve(world, browser)
        assert browser.page is not None
        assert browser.page.status_code == 409
        assert "already somebody" in browser.page.text
        begin = begin_of(world)
        page = browser.send("/reserve/CP-1/wait", begin=begin, minutes="60", letter="C")
        assert "in the line" in page.text
        assert not isinstance(first, str)
        desk.cancel(7, first.id)
        (offered,) = desk.mine(1)
        assert mails(world)[0].startswith("Free for you until 09:15")
        browser.open(f"/me/reservations/{offered.id}")
        browser.send(f"/me/reservations/{offered.id}/accept")
        assert desk.mine(1)[0].state is State.BOOKED
        assert "Reserved" in mails(world)[0]


def test_now_is_not_promised_before_the_point_has_said_yes() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        browser.open("/?lang=en")
        world.member_with_card(browser)
        browser.open("/?lang=en")
        browser.open("/reserve/CP-1/check?minutes=30&letter=C")
        page = browser.send("/reserve/CP-1/confirm", begin="", minutes="30", letter="C")
        # No link is there in this test: what the point did not hear it does not keep.
        assert page.status_code == 409
        assert "not free at this moment" in page.text
        assert [each.state for each in world.system.reservations.desk.mine(1)] == [State.REFUSED]


def test_a_place_that_is_full_now_offers_the_next_free_one() -> None:
    world = a_world()
    a_street(world, "Charging")
    with world.browser() as browser:
        browser.open("/?lang=en")
        world.member_with_card(browser)
        assert "check?minutes=15" in browser.open("/reserve/CP-1").text
        browser.open("/reserve/CP-1/check?minutes=15&letter=C")
        browser.send("/reserve/CP-1/wait", begin="", minutes="15", letter="C")
        set_status(world.system, "CP-1", 1, "Available")
        look(world.system)
        assert [each.state for each in world.system.reservations.desk.mine(1)] == [State.OFFERED]


def test_the_calendar_file_is_one_that_calendars_read() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        browser.open("/?lang=en")
        world.member_with_card(browser)
        reserve(world, browser)
        (made,) = world.system.reservations.desk.mine(1)
        answer = browser.open(f"/me/reservations/{made.id}.ics")
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.text.split("\r\n")
        assert all(len(line.encode()) <= 75 for line in lines)
        unfolded = answer.text.replace("\r\n ", "").split("\r\n")
        assert "DTSTART:20261121T100000Z" in unfolded
        assert "DTEND:20261121T110000Z" in unfolded
        assert f"UID:reservation-{made.id}@127.0.0.1" in unfolded
        assert "LOCATION:Kaia <1>\\, Kaia\\, 3\\; Zarautz" in unfolded
        assert any(made.code in line for line in unfolded)
        browser.open(f"/me/reservations/{made.id}")
        browser.send(f"/me/reservations/{made.id}/cancel")
        cancelled = browser.open(f"/me/reservations/{made.id}.ics").text
        assert "STATUS:CANCELLED" in cancelled
        assert "SEQUENCE:1" in cancelled


def test_the_night_clocks_change_an_hour_is_told_apart() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        browser.open("/?lang=en")
        world.member_with_card(browser)
        browser.open("/?lang=en")
        never = browser.open("/reserve/CP-1/check?day=2027-03-28&at=02:30&minutes=60&letter=C")
        assert never.status_code == 422
        assert "does not exist that night" in never.text
        twice = browser.open("/reserve/CP-1/check?day=2026-10-25&at=02:30&minutes=60&letter=C")
        assert twice.status_code == 422
        assert "comes twice that night" in twice.text
        second = browser.open("/reserve/CP-1/check?begin=2026-10-25T01:30:00Z&minutes=60&letter=C")
        assert "already in winter time" in second.text
        typed = browser.open("/reserve/CP-1/check?day=2026-11-22&at=10:00&minutes=60&letter=C")
        assert "Sunday 22 November" in typed.text


def test_nobody_sees_or_touches_what_is_somebody_elses() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as mine, world.browser() as other:
        world.member_with_card(mine)
        reserve(world, mine)
        world.member(other, email="iker@example.eus", name="Iker")
        for path in ("/me/reservations/1", "/me/reservations/1.ics", "/me/reservations/999"):
            assert other.open(path).status_code == 404
        other.open("/me/reservations")
        assert "11:00" not in other.open("/me/reservations").text
        other.open("/reserve/CP-1/check?minutes=30&letter=C")
        proof = re.search(r'name="proof" value="(\w+)"', other.open("/me/settings").text)
        assert proof is not None
        answer = other.post("/me/reservations/1/cancel", data={"proof": proof[1]})
        assert answer.status_code == 404
        assert world.system.reservations.desk.mine(1)[0].state is State.BOOKED


def test_forms_that_are_wrong_or_repeated_get_an_answer_and_change_nothing() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        assert browser.open("/reserve/CP-1").status_code == 303  # to the sign-in
        world.member_with_card(browser)
        for path in (
            "/reserve/NOWHERE",
            "/reserve/CP-1/check?begin=tomorrow&minutes=60",
            "/reserve/CP-1/check?day=2026-13-01&at=10:00",
            "/reserve/CP-1/check?day=9999-12-31&at=23:45",
            "/reserve/CP-1/check?begin=9999-12-31T23:45:00Z&minutes=60",
        ):
            assert browser.open(path).status_code == 404
        browser.open("/reserve/CP-1/check?minutes=30&letter=C")
        for fields in (
            {"begin": "2026-11-21T10:07:00Z", "minutes": "60"},
            {"begin": "2026-11-21T10:00:00Z", "minutes": "61"},
            {"begin": "2026-11-20T10:00:00Z", "minutes": "60"},
            {"begin": "2026-11-21T10:00:00Z", "minutes": "-1"},
        ):
            browser.open("/me/settings")
            assert browser.send("/reserve/CP-1/confirm", **fields).status_code == 409
        assert world.system.reservations.desk.mine(1) == []
        reserve(world, browser)
        reserve(world, browser)
        assert len(world.system.reservations.desk.mine(1)) == 1


def test_a_member_without_a_card_is_led_to_one() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        world.member(browser)
        page = browser.open("/reserve/CP-1/check?minutes=30&letter=C&lang=en")
        assert 'href="/me/card/activate"' in page.text
        assert "/confirm" not in page.text
    assert CARD not in page.text


def test_who_leaves_takes_no_place_along_and_has_their_reservations_in_the_export() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        browser.open("/?lang=en")
        world.member_with_card(browser)
        reserve(world, browser)
        (made,) = world.system.reservations.desk.mine(1)
        member = asyncio.run(world.web.services.people.member_of(browser.cookie(SESSION) or ""))
        assert member is not None
        assert data_of(world.web.services, member)["reservations"][0]["code"] == made.code
        Leaving(world.web.services).leave(member)
    left = world.system.reservations.register.rows.one(made.id)
    assert left is not None
    assert (left.member_id, left.state) == (None, State.CANCELLED)


def calendar_of(browser: Browser) -> str:
    return browser.open("/me/reservations/1.ics").text


def test_reservation_when_changed_on_its_page_then_the_calendar_entry_is_replaced() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        world.member_with_card(browser)
        reserve(world, browser)
        before = calendar_of(browser)
        assert "moving=1" in browser.open("/me/reservations/1").text
        hours = browser.open("/reserve/CP-1?moving=1&lang=en").text
        assert "stays yours until you have the new one" in hours
        assert "moving=1" in hours
        assert 'class="hour taken"' not in hours  # one's own hour is no hindrance
        begin = begin_of(world, 5)
        check = browser.open(f"/reserve/CP-1/check?begin={begin}&minutes=90&letter=C&moving=1")
        assert "Instead of Kaia &lt;1&gt;" in check.text
        assert "is free until it begins" in check.text
        page = browser.send(
            "/reserve/CP-1/confirm", begin=begin, minutes="90", letter="C", moving="1"
        )
        assert page.url.path == "/me/reservations/1"
        assert "Changed." in page.text
        after = calendar_of(browser)
        for text, sequence in ((before, 0), (after, 2)):
            assert f"SEQUENCE:{sequence}\r\n" in text
        assert uid(before) == uid(after)
        assert before != after
        browser.open("/me/reservations/1")
        browser.send("/me/reservations/1/cancel")
        assert "SEQUENCE:3\r\n" in calendar_of(browser)
        assert any("Reserva cambiada" in subject for subject in mails(world))


def uid(calendar: str) -> str:
    found = re.search(r"UID:\S+", calendar)
    assert found is not None
    return found[0]


def test_change_of_what_is_not_ones_own_is_not_there() -> None:
    world = a_world()
    a_street(world)
    with world.browser() as browser:
        world.member_with_card(browser)
        reserve(world, browser)
        begin = begin_of(world, 5)
        for wrong in ("2", "x", "-1", "9" * 30):
            path = f"/reserve/CP-1/check?begin={begin}&minutes=60&letter=C&moving={wrong}"
            assert browser.open(path).status_code == 404
            assert browser.open(f"/reserve/CP-1?moving={wrong}").status_code == 404
        browser.open(f"/reserve/CP-1/check?begin={begin}&minutes=60&letter=C")
        form = {"begin": begin, "minutes": "60", "letter": "C", "moving": "2"}
        assert browser.send("/reserve/CP-1/confirm", **form).status_code == 404
        browser.open("/me/reservations/1")
        now = {"minutes": "15", "letter": "C", "moving": "1", "begin": ""}
        assert browser.send("/reserve/CP-1/confirm", **now).status_code == 404
