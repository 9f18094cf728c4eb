"""Money onto a card: its invoice once, wherever the power goes; given back as it was paid."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chargepoint.domain.dialogue import topup_talk
from chargepoint.domain.dialogue.context import DialogueSettings, TopUp
from chargepoint.domain.money.invoice import ReceiptMode, ReceiptSettings
from chargepoint.domain.money.ledger import CASH_BOX, topup, transfer
from chargepoint.domain.money.paper import Letterhead, as_text, receipt_paper
from chargepoint.domain.money.prepaid_vat import CardVat
from chargepoint.domain.money.refund import Refund, RefundState
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.record import Batch
from chargepoint.domain.units import Minor, SessionId
from chargepoint.store import audit, receipt, refunds, schema
from simulator.powercut import Cut, Order
from tests.app.test_invoicing import FixedClock
from tests.app.test_refunds import AT, KIOSK, Life, Terminal

CARD = "6034440000000005"
REFERENCE = "0123456789abcdef"
CENTRAL = ReceiptSettings(ReceiptMode.CENTRAL, link="https://receipts.example")


def settings(
    receipt: ReceiptSettings = KIOSK, mode: CardVat = CardVat.AT_TOPUP
) -> DialogueSettings:
    return DialogueSettings(tariff=Tariff(vat_percent=21), card_vat=mode, receipt=receipt)


def load(life: Life, known: DialogueSettings, amount: int = 1210, means: str = "cash") -> None:
    """As the conversation: money in the books first, then its receipt, then the invoicing hears."""
    paid = TopUp(REFERENCE, CARD, Minor(amount), Minor(amount), means)
    coin = transfer("coin:1", Minor(amount), debit=CASH_BOX, credit=topup(REFERENCE))
    told = topup_talk.receipted(paid, known, FixedClock().utc())
    batch = Batch(
        (coin, *told.postings),
        told.deliveries,
        sessions=told.sessions,
        incidents=told.incidents,
    )
    life.gate.commit_then(batch, life.invoicing.issue_due)


def lived(path: Path, act: Callable[[Life], None], receipt: ReceiptSettings = KIOSK) -> None:
    async def story() -> None:
        act(Life(path, None, receipt))

    asyncio.run(story())


def rows(path: Path, question: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


def report(path: Path) -> audit.Report:
    with closing(audit.open_read_only(path)) as connection:
        return audit.audit(connection)


def sent(path: Path) -> list[dict[str, Any]]:
    found = rows(path, "SELECT body FROM outbox ORDER BY sequence")
    return [dict(json.loads(body)["payload"]) for (body,) in found]


# --- invoice -------------------------------------------------------------------------------------


def test_load_has_its_invoice_and_is_told_with_it(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings()))
    (told,) = sent(path)
    assert told["invoice"] == "P07-000001"
    assert told["vat"]["amount"] == 210
    assert "importe=12.10" in told["verification"]
    found = report(path)
    assert found.wrongs == []
    assert found.balances["vat"] == 210
    assert found.balances["vat_prepaid"] == 210


@pytest.mark.parametrize(
    ("known", "page"),
    [(settings(CENTRAL), True), (settings(KIOSK, CardVat.AT_USE), True)],
)
def test_load_that_is_not_ours_to_invoice_has_a_page(
    tmp_path: Path, known: DialogueSettings, page: bool
) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, known), known.receipt)
    (told,) = sent(path)
    assert bool(told["page"]) is page
    assert "invoice" not in told
    assert rows(path, "SELECT COUNT(*) FROM invoice") == [(0,)]


def test_load_above_the_limit_has_no_simplified_invoice(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings(), 40_001))
    (told,) = sent(path)
    assert told["fullInvoice"] is True
    assert rows(path, "SELECT code FROM incident") == [("invoice.limit",)]


@pytest.mark.parametrize("mode", [Cut.BEFORE, Cut.AT])
@pytest.mark.parametrize("number", [1, 2])
def test_no_cut_doubles_or_loses_the_invoice(tmp_path: Path, mode: Cut, number: int) -> None:
    path = tmp_path / "j"

    def cut(life: Life) -> None:
        life.writer.arm(Order(mode, number, life.writer.seal))
        load(life, settings())

    def again(life: Life) -> None:
        life.invoicing.issue_due()
        if not rows(path, "SELECT 1 FROM session"):
            load(life, settings())

    lived(path, cut)
    lived(path, again)
    lived(path, again)
    assert rows(path, "SELECT number FROM invoice") == [("P07-000001",)]
    assert len(sent(path)) == 1
    assert report(path).wrongs == []


def test_audit_finds_an_invoice_whose_tax_is_not_in_the_books(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings()))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE entry SET signed_minor = signed_minor * 2 WHERE account = 'vat'")
        connection.execute(
            "UPDATE entry SET signed_minor = signed_minor * 2 WHERE account = 'vat_prepaid'"
        )
    assert report(path).wrongs == ["P07-000001 says 210 of VAT, the books 420"]


# --- paper ---------------------------------------------------------------------------------------


def test_receipt_of_a_load_is_found_by_its_card_and_copied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings()))
    assert receipt.main([str(path), "--card", CARD[-4:]]) == 0
    assert "P07-000001" in capsys.readouterr().out
    assert receipt.main([str(path), "--number", "P07-000001", "--language", "en"]) == 0
    told = capsys.readouterr().out
    assert "SIMPLIFIED INVOICE" in told
    assert "Money for Green Card" in told
    assert f"**** {CARD[-4:]}" in told
    assert CARD not in told


def test_paper_of_a_load_that_is_taxed_at_use_is_no_invoice(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings(mode=CardVat.AT_USE)))
    (told,) = sent(path)
    text = "\n".join(as_text(receipt_paper(told, Letterhead("07", "", "", ""), "en")))
    assert "TOP-UP RECEIPT" in text
    assert "VAT is paid with each charge" in text


# --- given back ----------------------------------------------------------------------------------


def given_back(path: Path, terminal: Terminal | None = None) -> Refund:
    wanted = Refund("A1", SessionId(REFERENCE), Minor(1210), "wrong card", "support")
    with closing(schema.connect(str(path))) as connection:
        refunds.ask(connection, wanted, AT)

    async def story() -> None:
        await Life(path, terminal).look_once()

    asyncio.run(story())
    with closing(audit.open_read_only(path)) as connection:
        found = refunds.read_one(connection, "A1")
    assert found is not None
    return found


def on_the_card(life: Life) -> None:
    done = topup_talk.credited(REFERENCE, Minor(1210), settings())
    life.gate.commit(Batch(postings=done))


def test_load_given_back_comes_off_the_card_with_a_corrective_invoice(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings()))
    lived(path, on_the_card)
    assert given_back(path).state is RefundState.DONE
    found = report(path)
    assert found.wrongs == []
    assert {k: v for k, v in found.balances.items() if v} == {"cash_box": 1210, "voucher": 1210}
    told = next(each for each in sent(path) if each.get("item") == "topup")
    assert (told["credited"], told["corrects"], told["invoice"]) == (
        True,
        "P07-000001",
        "P07R-000001",
    )


def test_load_paid_by_bank_card_goes_back_to_it(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings(), means="bank"))
    lived(path, on_the_card)
    terminal = Terminal()
    assert given_back(path, terminal).state is RefundState.DONE
    assert terminal.given == [("A1", 1210)]


def test_load_on_its_way_is_not_given_back(tmp_path: Path) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings()))
    refused = given_back(path)
    assert refused.state is RefundState.REFUSED
    assert "has not said yet" in refused.result


def test_load_that_the_card_did_not_get_is_given_back_and_taken_from_nobody(
    tmp_path: Path,
) -> None:
    path = tmp_path / "j"
    lived(path, lambda life: load(life, settings()))
    name = f"{topup_talk.REFUSED}{REFERENCE}"
    lived(path, lambda life: life.gate.commit(Batch(settings=((name, "1"),))))
    assert given_back(path).state is RefundState.DONE
    found = report(path)
    assert {k: v for k, v in found.balances.items() if v} == {"cash_box": 1210, "voucher": 1210}
    told = next(each for each in sent(path) if each.get("item") == "topup")
    assert told["credited"] is False
