"""What a customer sees behind the QR code, and what nobody else can find."""

import asyncio
import json
import sqlite3
from importlib import resources
from pathlib import Path
from typing import Any

import httpx2
import pytest

from central.members.receipt_page import Sheet, page
from central.members.receipt_words import AUTONYMS, WORDS
from central.storage.store import Store
from central.system import CentralSystem
from tests.support.central import CARD, FixedClock, a_receipt, a_system, euros
from tests.support.operators import pages

pytestmark = pytest.mark.usefixtures("both_databases")

TOKEN = "abcdefghijklmnopqrstuvwx23"
URL = "https://prewww2.aeat.es/wlpl/TIKE-CONT/ValidarQR?nif=B12345674&numserie=P-1"


def fetch(system: CentralSystem, path: str, language: str = "") -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(pages(system, FixedClock()))
        async with httpx2.AsyncClient(transport=transport, base_url="http://r.example") as client:
            return await client.get(path, headers={"Accept-Language": language})

    return asyncio.run(ask())


def tell(system: CentralSystem, message_id: str, content: dict[str, Any]) -> Any:
    return system._office.desk.answer("CP-1", "es.citere", message_id, json.dumps(content))


def a_refund(**changes: Any) -> dict[str, Any]:
    return {
        "reference": "A1",
        "receiptNumber": "R-1",
        "idTag": CARD,
        "means": "greencard",
        "amount": euros(110),
        "reason": "cable fault",
        "role": "support",
    } | changes


def a_system_with_a_receipt(**changes: Any) -> CentralSystem:
    system = a_system()
    system.accounts.create_card(CARD, balance_minor=2000)
    tell(system, "Session.Receipt", a_receipt(transactionId=None, page=TOKEN, **changes))
    return system


# --- page ----------------------------------------------------------------------------------------


def test_receipt_when_its_name_is_known_then_shown_without_a_trace() -> None:
    found = fetch(a_system_with_a_receipt(), f"/r/{TOKEN}", "es-ES")
    assert found.status_code == 200
    assert "4,10 €" in found.text
    assert "10,000 kWh" in found.text
    assert "set-cookie" not in found.headers
    assert "<script" not in found.text
    assert found.headers["cache-control"] == "no-store"
    assert found.headers["referrer-policy"] == "no-referrer"
    assert len(found.content) < 4000


def test_receipt_when_read_in_basque_then_all_of_it_and_the_others_a_touch_away() -> None:
    found = fetch(a_system_with_a_receipt(), f"/r/{TOKEN}", "eu")
    assert '<html lang="eu">' in found.text
    assert "Guztira" in found.text
    assert "4,10 €" in found.text
    for code in ("es", "en"):
        assert f'href="?lang={code}"' in found.text


def test_words_of_a_receipt_then_the_same_keys_in_each_language() -> None:
    assert WORDS.keys() == AUTONYMS.keys()
    assert len({frozenset(words) for words in WORDS.values()}) == 1


def test_record_that_the_meter_signed_is_there_for_who_checks_it() -> None:
    signed = {"text": 'OCMF|{"FV":"1.0"}|{"SD":"30"}<b>', "key": "3059"}
    found = fetch(a_system_with_a_receipt(signedReading=signed), f"/r/{TOKEN}", "en")
    assert (
        "OCMF|{&quot;FV&quot;:&quot;1.0&quot;}|{&quot;SD&quot;:&quot;30&quot;}&lt;b&gt;"
        in found.text
    )
    assert "3059" in found.text
    assert "OCMF" not in fetch(a_system_with_a_receipt(), f"/r/{TOKEN}", "en").text


@pytest.mark.parametrize("token", ["nothing", "a" * 26, "%00"])
def test_receipt_when_its_name_is_wrong_then_not_there(token: str) -> None:
    assert fetch(a_system_with_a_receipt(), f"/r/{token}").status_code == 404


def test_page_when_asked_in_english_then_english() -> None:
    found = fetch(a_system_with_a_receipt(), f"/r/{TOKEN}", "en-GB,es;q=0.5")
    assert "VAT included" in found.text
    assert "EUR 4.10" in found.text
    assert "IVA incluido" in fetch(a_system_with_a_receipt(), f"/r/{TOKEN}?lang=es", "en").text


def test_invoice_shows_its_proof_and_a_note_says_what_it_is_not() -> None:
    document = a_receipt(invoice="P-1", issuer="Plaza", nif="B12345674", verification=URL)
    assert URL.replace("&", "&amp;") in page(Sheet(document, "CP-1"), "es")
    assert "No es una factura" in page(Sheet(a_receipt(), "CP-1"), "es")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://evil.example/x", "http://www2.agenciatributaria.gob.es/"])  # fmt: skip
def test_page_leads_to_the_tax_agency_or_nowhere(link: str) -> None:
    assert "button" not in page(Sheet(a_receipt(invoice="P-1", verification=link), "CP-1"), "es")


def test_what_a_point_says_is_text_and_never_markup() -> None:
    evil = "<script>x</script>"
    document = a_receipt(receiptNumber=evil, means=evil, lines=[{"item": evil, "amount": 1}])
    assert "<script" not in page(Sheet(document, evil), "es")


def test_second_receipt_that_claims_a_page_does_not_get_it() -> None:
    system = a_system_with_a_receipt()
    tell(system, "Session.Receipt", a_receipt(receiptNumber="R-2", transactionId=None, page=TOKEN))
    found = system.store.charges.receipt_on_page(TOKEN)
    assert found is not None
    assert found[1] == "R-1"


# --- refunds -------------------------------------------------------------------------------------


def test_refund_to_a_card_account_is_credited_once_and_shown() -> None:
    system = a_system_with_a_receipt()
    for _ in range(2):
        assert tell(system, "Session.Refund", a_refund())[1] == {"status": "Accepted"}
    assert system.accounts.balance(CARD) == 2000 - 410 + 110
    assert system.store.balance("sales") == 300
    assert "1,10 €" in fetch(system, f"/r/{TOKEN}").text


def test_refund_of_cash_is_owed_to_the_point() -> None:
    system = a_system_with_a_receipt(idTag="CASH", means="cash")
    tell(system, "Session.Refund", a_refund(idTag="CASH", means="cash"))
    assert system.store.balance("clearing:CP-1") == -410 + 110
    assert system.store.unbalanced_postings() == []


@pytest.mark.parametrize("changes", [{"amount": euros(411)}, {"receiptNumber": "R-9"}])
def test_refund_above_its_receipt_is_kept_for_a_person(changes: dict[str, Any]) -> None:
    system = a_system_with_a_receipt()
    assert tell(system, "Session.Refund", a_refund(**changes))[1] == {"status": "Held"}
    assert system.accounts.balance(CARD) == 2000 - 410
    assert [finding.code for finding in system.store.findings()] == ["refund.above_receipt"]


# --- store ---------------------------------------------------------------------------------------


def test_store_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "s")
    old.executescript(
        resources.files("central.storage.older").joinpath("schema_1.sql").read_text("utf-8")
    )
    old.execute(
        "INSERT INTO receipt VALUES ('CP-1', 'R-1', '', NULL, 'CASH', 'cash', 410, 1, '{}')"
    )
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    store = Store(tmp_path / "s")
    assert store.charges.receipt_total("CP-1", "R-1") == 410
    assert store.charges.receipt_on_page(TOKEN) is None
    store.close()


def test_local_time_is_shown_where_the_point_says_it() -> None:
    system = a_system_with_a_receipt(localTime="2026-11-21T09:10:00+01:00")
    text = fetch(system, f"/r/{TOKEN}?lang=en").text
    assert "2026-11-21 09:10" in text
    assert "UTC" not in text


def test_what_a_provider_bills_is_no_bill_here() -> None:
    system = a_system_with_a_receipt(means="token", idTag="DEADBEEF")
    text = fetch(system, f"/r/{TOKEN}?lang=en").text
    assert "The provider of your card or app bills this charge" in text
    assert "Public price" in text
    assert "•••• BEEF" in text
    assert "DEADBEEF" not in text
