"""Joining, signing in and out, a lost password; and everybody who must not get in."""

import pytest
from sqlalchemy import select

from central.storage.tables.members import MEMBER
from tests.support.central import CARD
from tests.support.members import CODE, EMAIL, PASSWORD, a_world


def test_member_when_joined_by_link_and_password_then_inside() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member(browser)
        assert browser.page is not None
        assert browser.page.url.path == "/me/card/activate"
        assert "Ane" in browser.open("/me").text


def test_link_when_opened_without_its_password_then_nobody_joins() -> None:
    world = a_world()
    with world.browser() as stranger, world.browser() as owner:
        stranger.open("/sign-up")
        chosen = {"password": "chosen by a stranger", "password_again": "chosen by a stranger"}
        stranger.send("/sign-up", name="X", email=EMAIL, **chosen)
        link = world.newest_link()
        owner.open(link)
        assert owner.send(link, password=PASSWORD).status_code == 422
        assert owner.open("/me").status_code == 303


def test_link_when_used_or_old_then_ended() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member(browser)
        assert other.open(world.newest_link()).status_code == 410
        other.open("/sign-up")
        other.send(
            "/sign-up", name="B", email="b@c.eus", password=PASSWORD, password_again=PASSWORD
        )
        link = world.newest_link()
        world.clock.advance(hours=25)
        assert other.open(link).status_code == 410


def test_sign_up_when_already_a_member_then_same_page_and_another_mail() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member(browser)
        pages = []
        for email in (EMAIL, "new@example.eus"):
            other.open("/sign-up")
            page = other.send(
                "/sign-up", name="X", email=email, password=PASSWORD, password_again=PASSWORD
            )
            pages.append(page.text.replace(email, ""))
        assert pages[0] == pages[1]
        newest, before = world.mails()[:2]
        assert "confirm?link" in newest.text
        assert "confirm?link" not in before.text


def test_lost_password_when_unknown_then_same_page_and_no_mail() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member(browser)
        pages = []
        for email in ("nobody@example.eus", EMAIL):
            other.open("/password/forgotten")
            pages.append(other.send("/password/forgotten", email=email).text.replace(email, ""))
        assert pages[0] == pages[1]
        assert [mail.to for mail in world.mails()] == [EMAIL, EMAIL]


def test_password_when_reset_then_old_one_and_every_session_end() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member(browser)
        other.open("/password/forgotten")
        other.send("/password/forgotten", email=EMAIL)
        link = world.newest_link()
        other.open(link)
        fresh = "another long password"
        assert other.send(link, password=fresh, password_again=fresh).url.path == "/me"
        assert other.open(link).status_code == 410
        assert browser.open("/me").status_code == 303
        browser.open("/sign-in")
        assert browser.send("/sign-in", email=EMAIL, password=PASSWORD).status_code == 422
        browser.open("/sign-in")
        assert browser.send("/sign-in", email=EMAIL, password=fresh).url.path == "/me"


def test_sign_in_when_wrong_then_one_answer_for_all() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member(browser)
        pages = []
        for email in (EMAIL, "nobody@example.eus"):
            other.open("/sign-in")
            page = other.send("/sign-in", email=email, password="not this one")
            assert page.status_code == 422
            pages.append(page.text.replace(email, ""))
        assert pages[0] == pages[1]


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.eus"])
def test_sign_in_when_tried_again_and_again_then_slowed_known_or_not(email: str) -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member(browser)
        statuses = []
        for _ in range(6):
            other.open("/sign-in")
            statuses.append(other.send("/sign-in", email=email, password="guess").status_code)
        assert statuses == [422] * 4 + [429] * 2
        assert other.page is not None
        assert int(other.page.headers["retry-after"]) >= 2
        world.clock.advance(seconds=3)
        other.open("/sign-in")
        assert other.send("/sign-in", email=email, password="guess").status_code == 422


def test_address_when_it_tries_many_accounts_then_slowed() -> None:
    world = a_world()
    with world.browser() as browser:
        statuses = []
        for number in range(22):
            browser.open("/sign-in")
            page = browser.send("/sign-in", email=f"a{number}@b.eus", password="guess")
            statuses.append(page.status_code)
        assert statuses == [422] * 20 + [429] * 2


def test_mails_when_asked_for_again_and_again_then_few() -> None:
    world = a_world()
    with world.browser() as browser:
        for _ in range(6):
            browser.open("/sign-up")
            browser.send(
                "/sign-up", name="A", email=EMAIL, password=PASSWORD, password_again=PASSWORD
            )
        assert len(world.mails()) == 3


def test_session_when_signed_in_then_a_new_opaque_cookie_for_the_server_alone() -> None:
    world = a_world()
    with world.browser(base="https://members.example") as browser:
        browser.open("/sign-in")
        planted = "a" * 32
        browser.set_cookie("__Host-session", planted)
        browser.open("/sign-up")
        browser.send("/sign-up", name="A", email=EMAIL, password=PASSWORD, password_again=PASSWORD)
        link = world.newest_link()
        browser.open(link)
        found = browser.answer(link, password=PASSWORD)
        cookie = next(c for c in found.headers.get_list("set-cookie") if "session=" in c)
        for part in ("__Host-session=", "HttpOnly", "SameSite=lax", "Secure", "Path=/"):
            assert part in cookie
        assert planted not in cookie
        assert "strict-transport-security" in found.headers


def test_sign_out_when_done_then_the_old_cookie_opens_nothing() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as thief:
        world.member(browser)
        stolen = browser.cookie("session")
        assert stolen is not None
        browser.open("/me/settings")
        browser.send("/sign-out")
        thief.set_cookie("session", stolen)
        assert thief.open("/me").status_code == 303


def test_session_when_thirty_days_old_then_over() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member(browser)
        world.clock.advance(days=29)
        assert browser.open("/me").status_code == 200
        world.clock.advance(days=2)
        assert browser.open("/me").status_code == 303


@pytest.mark.parametrize("cookie", ["", "x", "a" * 32, "'; DROP TABLE member; --", "a" * 5000])
def test_session_when_forged_then_a_visitor(cookie: str) -> None:
    world = a_world()
    with world.browser() as browser:
        page = browser.open("/me", Cookie=f"session={cookie}")
        assert page.status_code == 303
        assert page.headers["location"] == "/sign-in?next=/me"


@pytest.mark.parametrize(
    ("proof", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        (None, {"Origin": "https://evil.example"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_form_when_from_a_foreign_page_then_refused_and_nothing_changes(
    proof: str | None, headers: dict[str, str]
) -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me")
        fields = {"number": CARD, "proof": browser.proof() if proof is None else proof}
        page = browser.post("/me/card/block", data=fields, headers=headers)
        assert page.status_code == 403
        card = world.system.accounts.card(CARD)
        assert card is not None
        assert card.state == "active"


def test_proof_of_one_member_when_used_by_another_then_refused() -> None:
    world = a_world()
    with world.browser() as ane, world.browser() as jon:
        world.member(ane)
        world.member(jon, "jon@example.eus", "Jon")
        ane.open("/me/settings")
        jon.open("/me/settings")
        page = jon.post("/me/settings", data={"proof": ane.proof(), "name": "X", "language": "es"})
        assert page.status_code == 403


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"files": {"name": ("x.txt", b"x")}}, 415),
        ({"json": {"name": "x"}}, 415),
        ({"data": {"name": "x" * 40_000}}, 413),
        ({"content": b"\xff\xfe=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 400),
        ({"data": {f"f{n}": "x" for n in range(100)}}, 400),
    ],
)  # fmt: skip
def test_form_when_an_upload_or_too_much_then_refused(
    options: dict[str, object], status: int
) -> None:
    with a_world().browser() as browser:
        assert browser.post("/sign-up", **options).status_code == status


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "Robert'); DROP TABLE member;--", "{{7*7}}"]
)
def test_name_when_it_is_code_then_it_is_a_name(name: str) -> None:
    world = a_world()
    with world.browser() as browser:
        world.member(browser, name=name)
        text = browser.open("/me").text
        assert "<script>alert" not in text
        assert "49" not in text.partition("<h1>")[2].partition("</h1>")[0]
        assert world.system.store.database.value(select(MEMBER.c.name)) == name


def test_way_back_when_foreign_then_own_profile() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member(browser)
        browser.open("/me/settings")
        browser.send("/sign-out")
        browser.open("/sign-in?next=//evil.example")
        page = browser.send("/sign-in", email=EMAIL, password=PASSWORD, next="https://evil.example")
        assert page.url.path == "/me"


def test_code_when_wrong_used_or_card_unknown_then_one_answer() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member_with_card(browser)
        world.member(other, "jon@example.eus")
        pages = []
        for number, code in ((CARD, CODE), (CARD, "WRONGCODE"), ("6034440000000013", CODE)):
            other.open("/me/card/activate")
            page = other.send("/me/card/activate", number=number, code=code)
            assert page.status_code == 422
            pages.append(page.text.replace(number, ""))
        assert len(set(pages)) == 1


def test_link_when_read_in_another_language_then_it_is_the_same_link() -> None:
    world = a_world()
    with world.browser() as browser:
        browser.open("/sign-up")
        browser.send("/sign-up", name="A", email=EMAIL, password=PASSWORD, password_again=PASSWORD)
        link = world.newest_link()
        assert (
            f'href="{link.removeprefix("/sign-up/confirm")}&amp;lang=eu"' in browser.open(link).text
        )
        assert "Azken urratsa" in browser.open(f"{link}&lang=eu").text
        assert browser.send(link, password=PASSWORD).url.path == "/me/card/activate"


def test_database_when_it_is_away_then_a_page_that_says_what_holds() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member(browser)
        world.system.store.close()
        page = browser.open("/me?lang=en")
        assert page.status_code == 500
        assert "Your money and your charge are safe" in page.text
