"""Packs, the books and the sessions, as the operator sees and changes them."""

import pytest
from sqlalchemy import text

from central.fleet.registry import ConnectorState, Site
from central.greencard.exchange import Pack
from central.manage import main
from central.storage.store import Store
from tests.support.browser import Browser
from tests.support.central import CARD, FixedClock, Point, a_receipt, a_system, converse
from tests.support.members import World, a_world

both = pytest.mark.usefixtures("both_databases")
PAGE = "/operator/packs"
SPA = {"name": "Spa", "about": "Warm", "points": "100", "stock": "2"}


def sent(browser: Browser, do: str, **fields: str) -> int:
    browser.open(PAGE)
    return browser.send(PAGE, do=do, **fields).status_code


def packs(world: World) -> list[Pack]:
    return world.system.exchange.packs()


@both
def test_pack_when_made_changed_and_taken_off_then_kept_and_noted() -> None:
    world = a_world()
    with world.operator() as browser:
        assert sent(browser, "save", **SPA) == 200
        assert packs(world) == [Pack("Spa", "Warm", 100, 2, 1, 2)]
        assert 'value="Warm"' in browser.open(f"{PAGE}?pack=1").text
        assert sent(browser, "save", **SPA | {"stock": "5", "id": "1"}) == 200
        assert packs(world)[0].left == 5
        for wrong in ({"points": "0"}, {"stock": "-1"}, {"name": ""}, {"id": "x"}):
            assert sent(browser, "save", **SPA | wrong) == 422
        assert sent(browser, "save", **SPA | {"id": "7"}) == 409
        assert sent(browser, "end", id="1") == 200
        assert packs(world) == []
        assert sent(browser, "end", id="7") == 409


@both
def test_pack_in_three_languages_then_each_member_reads_their_own_or_what_all_read() -> None:
    world = a_world()
    words = {"name_eu": "Spa bi", "about_eu": "Ur beroa", "name_en": "Spa for two"}
    with world.operator() as browser, world.browser() as member:
        assert sent(browser, "save", **SPA | words) == 200
        assert 'value="Spa bi"' in browser.open(f"{PAGE}?pack=1").text
        assert sent(browser, "save", **SPA | {"name_es": "x" * 121}) == 422
        world.member_with_card(member)
        read = {
            code: member.open(f"/me/points?card={CARD[-4:]}&lang={code}").text
            for code in ("es", "eu", "en")
        }
        for code, name, about in (
            ("es", "Spa", "Warm"),
            ("eu", "Spa bi", "Ur beroa"),
            ("en", "Spa for two", "Warm"),
        ):
            assert f"<h3>{name}</h3>" in read[code]
            assert f"<p>{about}</p>" in read[code]
        assert sent(browser, "save", **SPA | {"id": "1"}) == 200
        assert packs(world)[0].words == ()


@both
def test_order_when_sent_or_cancelled_then_once() -> None:
    world = a_world()
    world.system.accounts.create_card("9724000000000017", points=500)
    with world.operator() as browser:
        sent(browser, "window", first="11-01", last="11-30")
        sent(browser, "save", **SPA)
        for reference in ("a", "b"):
            take = world.system.exchange.take
            assert take("9724000000000017", 1, reference, member_id=None) == ""
        assert sent(browser, "sent", order="a") == 200
        assert sent(browser, "cancelled", order="a") == 409
        assert sent(browser, "cancelled", order="b") == 200
        assert sent(browser, "sent", order="nothing") == 409
        assert packs(world)[0].left == 1


@both
def test_window_when_set_then_counts_and_a_day_that_no_year_has_is_refused() -> None:
    world = a_world()
    with world.operator() as browser:
        assert not world.system.exchange.is_open()
        assert sent(browser, "window", first="11-21", last="11-21") == 200
        assert world.system.exchange.is_open()
        for wrong in ("02-29", "13-01", "0", "", "00-00", "11-31"):
            assert sent(browser, "window", first=wrong, last="12-01") == 422


@both
def test_books_show_that_they_agree_and_sessions_are_found() -> None:
    world = a_world()

    async def script(point: Point) -> None:
        begun = await point.start()
        await point.stop(begun["transactionId"], 11_000)
        receipt = a_receipt(transactionId=begun["transactionId"])
        await point.transfer("Session.Receipt", receipt)

    converse(world.system, script)
    with world.operator() as browser:
        page = browser.open("/operator/books").text
        assert "Los libros cuadran" in page
        assert "4,10" in page
        assert CARD not in page
        every = browser.open("/operator/sessions").text
        assert "10,00\u00a0kWh" in every
        assert CARD not in every
        for asked in ("point=CP-1", "card=0005", "state=settled"):
            assert "10,00\u00a0kWh" in browser.open(f"/operator/sessions?{asked}").text
        for asked in ("point=CP-2", "card=0006", "state=running", "state=unsettled"):
            assert "10,00\u00a0kWh" not in browser.open(f"/operator/sessions?{asked}").text
        assert browser.open("/operator/sessions?card=%25&state='").status_code == 200
        assert browser.open("/operator/trail").status_code == 200


def test_trial_balance_as_a_command(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    place = f"{tmp_path}/central.db"
    system = a_system(Store(place))
    system.accounts.create_card(CARD, balance_minor=700, points=5)
    assert main(["--db", place, "trial-balance"], FixedClock()) == 0
    told = capsys.readouterr().out
    assert [line.split() for line in told.splitlines()] == [
        ["money", "accounts", "minor"],
        ["card", "1", "700"],
        ["opening", "1", "-700"],
        ["sum", "0"],
        ["points"],
        ["card", "1", "5"],
        ["opening", "1", "-5"],
        ["sum", "0"],
    ]
    with system.store.change():
        system.store.database.write(
            text("UPDATE entry SET amount_minor = 701 WHERE amount_minor > 0")
        )
    assert main(["--db", place, "trial-balance"], FixedClock()) == 3
    assert "not balanced: opening:" in capsys.readouterr().out
    system.store.close()


def test_days_when_a_connector_is_faulty_and_a_point_silent_then_told_without_markup_of_others() -> (
    None
):
    world = a_world()
    world.system.registry.provision("CP-1", Site("<b>Harbour</b>"), None)
    world.system.registry.provision("CP-2", Site("Quay"), None)
    point = world.system.registry.point("CP-1")
    point.is_connected = True
    since = "2026-11-21T07:59:00.000Z"
    point.connectors[1] = ConnectorState("Faulted", "GroundFailure", "<script>", since)

    async def sold(wire: Point) -> None:
        await wire.transfer("Session.Receipt", a_receipt(transactionId=None))

    converse(world.system, sold)
    with world.operator() as browser:
        for language, sales, word in (("en", "€4.10", "Sales"), ("eu", "4,10\u00a0€", "Salmentak")):
            shown = browser.open(f"/operator/days?lang={language}").text
            assert sales in shown
            assert word in shown
            assert "GroundFailure &lt;script&gt;" in shown
            assert "CP-2 Quay" in shown
            assert "<b>Harbour" not in shown
