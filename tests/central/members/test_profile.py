"""The profile: card, charges, questions, blocking; data to take along; leaving."""

import asyncio
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from central.members.advice import Advice, FlatRate, advise
from central.members.wallet import Charge
from central.storage.tables import METADATA
from tests.support.central import CARD, Point, a_receipt, connected
from tests.support.members import PASSWORD, Given, World, a_world

pytestmark = pytest.mark.usefixtures("both_databases")


def charged(world: World) -> None:
    """One charge of 4.10, settled, with a receipt page."""

    async def conversation() -> None:
        async with connected(world.system) as point:
            await charge(point)

    asyncio.run(conversation())


async def charge(point: Point) -> None:
    await point.start()
    await point.stop(1, 11_000)
    await point.transfer("Session.Receipt", a_receipt(page="a" * 26))


def test_profile_when_charged_then_balance_points_charge_and_receipt() -> None:
    world = a_world()
    charged(world)
    with world.browser() as browser:
        world.member_with_card(browser)
        page = browser.open("/me?lang=en")
        for word in ("€15.90", "10.00\u00a0kWh", "€4.10", 'href="/r/' + "a" * 26, "41"):
            assert word in page.text, word
        moves = browser.open("/me/charges").text
        assert "-€4.10" in moves
        assert browser.open("/r/" + "a" * 26).status_code == 200


def test_profile_of_another_then_none_of_it() -> None:
    world = a_world()
    charged(world)
    with world.browser() as browser, world.browser() as other:
        world.member_with_card(browser)
        world.member(other, "jon@example.eus")
        for path in ("/me", "/me/charges", "/me/settings", "/me/top-up"):
            assert CARD not in other.open(path).text
            assert "4,10" not in other.open(path).text


def test_card_when_blocked_by_its_holder_then_at_once_and_on_the_trail() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me")
        page = browser.send("/me/card/block", number=CARD)
        assert "bloqueada" in page.text
        assert world.system.charges.authorise(CARD) == "Blocked"
        events = [note.event for note in world.system.store.trail.notes(CARD)]
        assert events == ["blocked", "activated"]


def test_card_of_another_when_blocked_then_nothing() -> None:
    world = a_world()
    with world.browser() as browser, world.browser() as other:
        world.member_with_card(browser)
        world.member(other, "jon@example.eus")
        other.open("/me/settings")
        other.send("/me/card/block", number=CARD)
        assert world.system.charges.authorise(CARD) == "Accepted"


def test_questions_when_written_then_only_hashes_of_the_answers() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        answers = {"answer_1": "Bread", "answer_2": "La  Bamba", "answer_3": "Txori"}
        asked = {f"question_{n}": f"Question {n}?" for n in (1, 2, 3)}
        page = browser.send(f"/me/card/questions?card={CARD[-4:]}", **asked, **answers)
        assert page.url.path == "/me"
        kept = world.web.services.wallet.questions(CARD)
        assert [question for question, _ in kept] == list(asked.values())
        for answer, (_, hashed) in zip(answers.values(), kept, strict=True):
            assert answer not in hashed
            assert hashed.startswith("$argon2id$")


@pytest.mark.parametrize(
    "changes", [{"question_2": "Question 1?"}, {"answer_3": ""}, {"question_1": "a"}]
)
def test_questions_when_incomplete_or_the_same_then_asked_again(changes: dict[str, str]) -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        fields = {f"question_{n}": f"Question {n}?" for n in (1, 2, 3)}
        fields |= {f"answer_{n}": f"answer {n}" for n in (1, 2, 3)} | changes
        page = browser.send(f"/me/card/questions?card={CARD[-4:]}", **fields)
        assert page.status_code == 422
        assert "answer 2" not in page.text
        assert world.web.services.wallet.questions(CARD) == []


def test_data_when_taken_along_then_everything_and_no_secret() -> None:
    world = a_world()
    charged(world)
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me/settings")
        answer = browser.answer("/me/data")
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            data = {name: json.loads(archive.read(name)) for name in archive.namelist()}
        assert data["member.json"]["email"] == "ane@example.eus"
        assert data["cards.json"][0]["balanceMinor"] == 1590
        assert data["charges.json"][0]["total_minor"] == 410
        assert len(data["receipts.json"]) == 1
        assert "argon2" not in json.dumps(data)


def test_leaving_when_confirmed_then_the_person_is_gone_and_the_books_stay() -> None:
    world = a_world()
    charged(world)
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me/leave")
        assert browser.send("/me/leave", password="wrong one").status_code == 422
        assert browser.send("/me/leave", password=PASSWORD).url.path == "/goodbye"
        assert browser.open("/me").status_code == 303
        database = world.system.store.database
        kept = [str(row) for each in METADATA.sorted_tables for row in database.rows(select(each))]
        script = "\n".join(kept)
        assert "ane@example.eus" not in script
        assert "'Ane'" not in script
        assert world.system.accounts.balance(CARD) == 1590
        assert world.system.store.unbalanced_postings() == []


def test_leaving_while_charging_then_not_now() -> None:
    world = a_world()

    async def conversation() -> None:
        async with connected(world.system) as point:
            await point.start()

    asyncio.run(conversation())
    with world.browser() as browser:
        world.member_with_card(browser)
        assert "Hay una recarga en curso" in browser.open("/me/leave").text


def test_settings_when_saved_then_name_and_language_stay() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member(browser)
        browser.open("/me/settings")
        page = browser.send("/me/settings", name="Ane Etxeberria", language="eu")
        assert "Kaixo, Ane Etxeberria" in browser.open("/me", **{"Accept-Language": "en"}).text
        assert '<html lang="eu">' in page.text


def test_password_when_changed_then_other_devices_are_out() -> None:
    world = a_world()
    with world.browser() as phone, world.browser() as laptop:
        world.member(phone)
        laptop.open("/sign-in")
        laptop.send("/sign-in", email="ane@example.eus", password=PASSWORD)
        phone.open("/me/settings")
        wrong = phone.send("/me/password", password="wrong one", password_new="a fresh password")
        assert wrong.status_code == 422
        phone.open("/me/settings")
        phone.send("/me/password", password=PASSWORD, password_new="a fresh password")
        assert phone.open("/me").status_code == 200
        assert laptop.open("/me").status_code == 303


def test_bench_post_when_asked_from_elsewhere_then_missing() -> None:
    world = a_world()
    with world.browser() as here, world.browser(base="http://members.example") as elsewhere:
        world.member(here)
        assert "confirm?link" in here.open("/bench/post").text
        assert elsewhere.open("/bench/post").status_code == 404


def a_charge(started_at: str, energy_wh: int, total_minor: int | None) -> Charge:
    return Charge(started_at, None, "Harbour", 1, energy_wh, total_minor, None, None, CARD)


def test_advice_when_the_flat_rate_would_have_been_cheaper_then_says_by_how_much() -> None:
    now = datetime(2026, 11, 21, 8, tzinfo=UTC)
    offer = FlatRate(2900, 100_000, 40_000)
    charges = [
        a_charge("2026-10-31T23:30:00.000Z", 99_000, 9_900),  # already November in Madrid
        a_charge("2026-10-31T22:30:00.000Z", 60_000, 2_400),
        a_charge("2026-10-02T08:00:00.000Z", 60_000, 2_400),
        a_charge("2026-10-03T08:00:00.000Z", 5_000, None),
    ]
    advice = advise(charges, offer, now, "Europe/Madrid")
    assert advice == Advice("2026-10", 4_800 - (2_900 + 800))
    assert advice.is_worth_it
    assert advise(charges[:1], offer, now, "Europe/Madrid") is None
    assert advise(charges, None, now, "Europe/Madrid") is None


def test_advice_when_shown_then_in_words() -> None:
    world = a_world(given=Given(flat_rate=FlatRate(100, None, 0)))
    charged(world)
    world.clock.advance(days=30)
    with world.browser() as browser:
        world.member_with_card(browser)
        page = browser.open("/me?lang=en")
        assert "would have saved you €3.10 in November 2026" in page.text
