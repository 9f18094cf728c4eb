"""The editor: what it writes is what the provisioning file could say, with a name that answers for it."""

from typing import Any

import pytest

from central.greencard.promotions import Promotion
from tests.support.browser import Browser
from tests.support.central import CARD, Point, a_receipt, converse
from tests.support.members import World, a_world

pytestmark = pytest.mark.usefixtures("both_databases")
PAGE = "/operator/promotions"
NIGHTS: dict[str, str] = {
    "name": "Nights <i>",
    "kind": "percent",
    "amount": "15",
    "from_date": "2027-06-01",
    "until_date": "2027-08-31",
    "start_time": "22:00",
    "end_time": "06:00",
    "day_Friday": "on",
    "plan_prepaid": "on",
    "sites": "Harbour, CP-9",
}


def sent(browser: Browser, do: str, **changes: str) -> Any:
    browser.open(PAGE)
    return browser.send(PAGE, do=do, **{**NIGHTS, **changes})


def kept(world: World) -> tuple[Promotion, ...]:
    return world.system.store.programme.promotions()


def test_promotion_when_saved_edited_and_ended_then_kept_and_noted() -> None:
    world = a_world()
    with world.operator() as browser:
        assert "cuenta desde" in sent(browser, "save").text
        assert kept(world) == (
            Promotion(
                "Nights <i>",
                15,
                from_date="2027-06-01",
                until_date="2027-08-31",
                days=("Friday",),
                start_time="22:00",
                end_time="06:00",
                sites=("Harbour", "CP-9"),
                plans=("prepaid",),
            ),
        )
        page = browser.open(f"{PAGE}?name=Nights%20%3Ci%3E").text
        assert "Nights &lt;i&gt;" in page
        assert 'name="day_Friday" checked' in page
        assert 'value="2027-06-01"' in page
        sent(browser, "save", kind="cents", amount="2,5")
        assert (kept(world)[0].percent, kept(world)[0].milli_off_per_kwh) == (0, 2500)
        assert 'value="2.5"' in browser.open(f"{PAGE}?name=Nights%20%3Ci%3E").text
        sent(browser, "end")
        assert kept(world) == ()
        assert sent(browser, "end").status_code == 409
        events = [(note.actor, note.event) for note in world.system.store.trail.notes()]
        assert events == [
            ("maria", "promotion.end"),
            ("maria", "promotion.edit"),
            ("maria", "promotion.add"),
        ]


def test_promotion_in_three_languages_then_the_kiosk_and_the_member_read_their_own() -> None:
    world = a_world()
    said = {"name_eu": "Gauak", "about_eu": "Gauez merkeago", "about": "Cheaper at night"}
    always = dict.fromkeys(("from_date", "until_date", "start_time", "end_time", "sites"), "")
    with world.operator() as browser, world.browser() as member:
        sent(browser, "save", **said, **always, day_Friday="")
        world.member_with_card(member)

        async def script(point: Point) -> None:
            told = await point.transfer("GreenCard.Account", {"cardNumber": CARD})
            message = told["message"]
            assert {message[code] for code in ("es", "en", "de", "ca")} == {"Nights <i>"}
            assert message["eu"] == "Gauak"

        converse(world.system, script)
        for code, words in (("eu", "Gauez merkeago"), ("es", "Cheaper at night")):
            assert words in member.open(f"/me/points?card=0005&lang={code}").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 121},
        {"kind": "both"},
        {"amount": "0"},
        {"amount": "101"},
        {"amount": "-5"},
        {"amount": "\u0665"},
        {"kind": "cents", "amount": "0"},
        {"kind": "cents", "amount": "1.2345"},
        {"from_date": "2027-02-30"},
        {"from_date": "soon"},
        {"until_date": "2027-05-31"},
        {"start_time": "24:00"},
    ],
)
def test_promotion_that_makes_no_sense_then_said_and_not_kept(wrong: dict[str, str]) -> None:
    world = a_world()
    with world.operator() as browser:
        page = sent(browser, "save", **wrong)
        assert page.status_code == 422
        assert "aria-invalid" in page.text or "error" in page.text or 'role="alert"' in page.text
        assert kept(world) == ()


def test_preview_tells_which_charges_it_would_touch_and_keeps_nothing() -> None:
    world = a_world()

    async def script(point: Point) -> None:
        begun = await point.start()
        await point.stop(begun["transactionId"], 11_000)
        receipt = a_receipt(transactionId=begun["transactionId"])
        await point.transfer("Session.Receipt", receipt)

    converse(world.system, script)  # a Saturday, 9:00 in Madrid: 10 kWh, 4.10 EUR
    with world.operator() as browser:
        assert "0 de 1 recargas" in sent(browser, "preview").text
        free = {"sites": "", "start_time": "", "end_time": ""}
        page = sent(browser, "preview", day_Friday="", day_Saturday="on", **free).text
        assert "1 de 1 recargas" in page
        assert "0,61" in page
        assert (
            "0 de 1" in sent(browser, "preview", plan_prepaid="", plan_flatRate="on", **free).text
        )
        assert kept(world) == ()
        assert CARD not in page
