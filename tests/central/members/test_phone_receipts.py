"""After the charge, on a telephone without an account: invoice, problem, lost receipts."""

from typing import Any

import pytest

from central.phone.nif import tax_number
from tests.support.browser import Browser
from tests.support.central import CARD
from tests.support.telephone import PAGE, a_charge, settle

# --- invoice ---------------------------------------------------------------------------------------


CUSTOMER = {"nif": "b-12345674", "name": "Talleres <Ñ> & Cía", "address": "Kale Nagusia 1, Irun"}


def ask(browser: Browser, **changes: str) -> Any:
    browser.open(f"/r/{PAGE}/invoice?lang=en")
    return browser.send(f"/r/{PAGE}/invoice", **(CUSTOMER | changes))


@pytest.mark.usefixtures("both_databases")
def test_invoice_when_the_central_system_invoices_then_it_is_issued_once() -> None:
    with a_charge() as (world, browser, _):
        settle(world, invoicing={"nif": "B12345674", "issuer": "Citere"})
        page = ask(browser)
        assert "CF-000001" in page.text
        assert "CS-000001" in page.text
        assert "Talleres &lt;Ñ&gt; &amp; Cía" in page.text
        again = browser.open(f"/r/{PAGE}/invoice")
        assert "CF-000001" in again.text
        assert "EUR 4.10" in browser.open(f"/r/{PAGE}/invoice?lang=en").text


def test_invoice_when_the_point_invoices_then_it_is_kept_for_the_operator() -> None:
    with a_charge() as (world, browser, _):
        settle(world, invoice="07-000123", issuer="Citere", nif="B12345674")
        assert "We have your request" in ask(browser).text
        assert "B12345674" in browser.open(f"/r/{PAGE}/invoice").text
        assert [f.code for f in world.system.store.findings()].count("invoice.asked") == 1


@pytest.mark.parametrize(
    "changes",
    [{"nif": "B12345675"}, {"nif": ""}, {"name": ""}, {"address": "x"}, {"address": "a\x00bcd"}],
)
def test_invoice_when_the_customer_is_incomplete_then_none_is_made(changes: dict[str, str]) -> None:
    with a_charge() as (world, browser, _):
        settle(world, invoicing={"nif": "B12345674", "issuer": "Citere"})
        assert ask(browser, **changes).status_code == 422
        assert "CF-000001" in ask(browser).text


def test_invoice_when_a_provider_bills_then_there_is_none() -> None:
    with a_charge() as (world, browser, _):
        settle(world, means="token")
        assert browser.open(f"/r/{PAGE}/invoice").status_code == 404


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12345678Z", "12345678Z"),
        (" es-12.345.678-z ", "12345678Z"),
        ("X1234567L", "X1234567L"),
        ("Y1234567X", "Y1234567X"),
        ("B12345674", "B12345674"),
        ("Q2826000H", "Q2826000H"),
        ("12345678A", None),
        ("B12345675", None),
        ("Q28260008", None),
        ("", None),
        ("\uff11\uff12345678Z", None),
        ("B1234567", None),
    ],
)
def test_tax_number_when_read_then_its_check_counts(text: str, number: str | None) -> None:
    assert tax_number(text) == number


# --- problem ---------------------------------------------------------------------------------------


def test_problem_when_told_then_it_has_a_number_and_the_operator_knows() -> None:
    with a_charge() as (world, browser, _):
        browser.open(f"/r/{PAGE}/problem?lang=en")
        page = browser.send(
            f"/r/{PAGE}/problem", words="<b>Stuck</b>\ncable", contact="600 000 000"
        )
        assert "P-000001" in page.text
        number, _, problem = world.system.phone.problems.all()[0]
        assert (number, problem.words, problem.page) == ("P-000001", "<b>Stuck</b>\ncable", PAGE)
        assert world.system.store.findings()[0].code == "problem.told"


def test_problem_when_nothing_is_written_then_it_is_asked_for() -> None:
    with a_charge() as (world, browser, _):
        browser.open(f"/r/{PAGE}/problem")
        assert browser.send(f"/r/{PAGE}/problem", words=" ", contact="").status_code == 422
        assert world.system.phone.problems.all() == []


# --- lost receipts ---------------------------------------------------------------------------------


def search(browser: Browser, **changes: str) -> Any:
    browser.open("/receipts?lang=en")
    fields = {"day": "2026-11-21", "amount": "4,10", "last_four": CARD[-4:]} | changes
    return browser.send("/receipts", **fields)


@pytest.mark.usefixtures("both_databases")
def test_search_when_all_three_fit_then_the_receipt_is_found() -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        page = search(browser)
        assert f'href="/r/{PAGE}"' in page.text


@pytest.mark.parametrize(
    "changes", [{"day": "2026-11-20"}, {"amount": "4.11"}, {"last_four": "1234"}]
)
def test_search_when_one_does_not_fit_then_nothing_is_found(changes: dict[str, str]) -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        page = search(browser, **changes)
        assert page.status_code == 404
        assert PAGE not in page.text


@pytest.mark.parametrize(
    "changes",
    [{"day": "yesterday"}, {"day": "1999-01-01"}, {"amount": "-1"}, {"last_four": "' OR 1=1"}],
)
def test_search_when_a_field_is_wrong_then_it_is_named(changes: dict[str, str]) -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        assert search(browser, **changes).status_code == 422


def test_search_when_endings_are_tried_then_addresses_and_sums_are_slowed() -> None:
    with a_charge() as (world, browser, _):
        settle(world)
        first = [search(browser, last_four=f"{n:04}").status_code for n in range(4)]
        assert first == [404, 404, 404, 404]
        other = Browser(world.web.app, peer=("198.51.100.7", 5000))
        assert search(other).status_code == 429
        with other:
            pass
