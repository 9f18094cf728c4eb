"""Invoice records: the tax agency's own vectors, the chain, the addresses in the QR codes."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.money.invoice import (
    ChainHead,
    Invoice,
    InvoiceKind,
    IssueRecord,
    ReceiptMode,
    ReceiptSettings,
    Supply,
    cancellation_hash,
    decimal_text,
    issue,
    page_token,
    receipt_qr,
)
from chargepoint.domain.units import Minor, SessionId

MADRID_WINTER = timezone(timedelta(hours=1))
FIRST_HASH = "3C464DAF61ACB827C65FDA19F352A4E3BDC2C640E9E9FC4CC058073F38F12F60"
KIOSK = ReceiptSettings(ReceiptMode.KIOSK, "B12345674", "Plaza SL", "P/07")
AT = datetime(2027, 3, 1, 23, 59, 59, 123456, tzinfo=MADRID_WINTER)


def vector(number: str, second: int, previous: str) -> IssueRecord:
    at = datetime(2024, 1, 1, 19, 20, second, tzinfo=MADRID_WINTER)
    return IssueRecord("89890001K", number, "F1", Minor(1235), Minor(12345), at, previous)


def supply(total: int = 242, vat: int = 42, corrects: str = "") -> Supply:
    return Supply(SessionId("s1"), Minor(total), Minor(vat), 21, corrects=corrects)


def chain(*supplies: Supply) -> list[Invoice]:
    found: list[Invoice] = []
    for each in supplies:
        kind = InvoiceKind.CORRECTIVE if each.corrects else InvoiceKind.SIMPLIFIED
        serial = sum(1 for invoice in found if invoice.kind is kind)
        previous = found[-1].hash if found else ""
        found.append(issue(KIOSK, ChainHead(previous, serial), each, AT))
    return found


# --- hash ----------------------------------------------------------------------------------------


def test_first_record_has_the_agencys_hash() -> None:
    assert vector("12345678/G33", 30, "").hash == FIRST_HASH


def test_second_record_has_the_agencys_hash() -> None:
    second = vector("12345679/G34", 35, FIRST_HASH)
    assert second.hash == "F7B94CFD8924EDFF273501B01EE5153E4CE8F259766F88CF6ACB8935802A2B97"


def test_values_are_trimmed_before_they_are_hashed() -> None:
    assert vector(" 12345678/G33 ", 30, "").hash == FIRST_HASH


def test_cancellation_is_chained_to_what_came_before() -> None:
    at = datetime(2024, 1, 1, 19, 20, 40, tzinfo=MADRID_WINTER)
    found = {
        cancellation_hash("89890001K", "12345678/G33", "01-01-2024", previous, at)
        for previous in ("", FIRST_HASH)
    }
    assert len(found) == 2
    assert all(len(each) == 64 and each == each.upper() for each in found)


@given(st.integers(-10_000_000, 10_000_000))
def test_amounts_have_two_decimals_and_read_back(amount: int) -> None:
    text = decimal_text(amount)
    assert round(float(text) * 100) == amount
    assert len(text.partition(".")[2]) == 2


# --- issue ---------------------------------------------------------------------------------------


def test_invoices_are_numbered_and_chained_through_both_series() -> None:
    first, refund, second = chain(supply(), supply(-242, -42, "P/07-000001"), supply())
    assert [each.number for each in (first, refund, second)] == [
        "P/07-000001",
        "P/07R-000001",
        "P/07-000002",
    ]
    assert [each.kind for each in (first, refund, second)] == ["F2", "R5", "F2"]
    assert (refund.record.previous, second.record.previous) == (first.hash, refund.hash)


def test_date_of_issue_is_that_of_the_place() -> None:
    at = datetime(2027, 3, 1, 23, 30, tzinfo=UTC).astimezone(MADRID_WINTER)
    assert issue(KIOSK, ChainHead(), supply(), at).record.date == "02-03-2027"


# --- QR ------------------------------------------------------------------------------------------


def test_qr_of_an_invoice_asks_the_tax_agency() -> None:
    invoice = issue(KIOSK, ChainHead(), supply(), AT)
    assert receipt_qr(KIOSK, SessionId("s1"), invoice) == (
        "https://www2.agenciatributaria.gob.es/wlpl/TIKE-CONT/ValidarQR"
        "?nif=B12345674&numserie=P%2F07-000001&fecha=01-03-2027&importe=2.42"
    )


def test_qr_of_a_test_invoice_asks_the_test_host() -> None:
    settings = ReceiptSettings(ReceiptMode.KIOSK, "B12345674", "Plaza SL", is_test_host=True)
    invoice = issue(settings, ChainHead(), supply(), AT)
    assert receipt_qr(settings, SessionId("s1"), invoice).startswith("https://prewww2.aeat.es/wlpl")


def test_qr_of_a_note_leads_to_its_page() -> None:
    settings = ReceiptSettings(link="https://receipts.example/")
    token = page_token(SessionId("s1"))
    assert receipt_qr(settings, SessionId("s1"), None) == f"https://receipts.example/r/{token}"
    assert receipt_qr(ReceiptSettings(), SessionId("s1"), None) == ""


def test_page_of_a_session_is_its_own_and_does_not_name_it() -> None:
    one, other = page_token(SessionId("5f0c-a")), page_token(SessionId("5f0c-b"))
    assert one != other
    assert len(one) == 26
    assert "5f0c" not in one


def test_contract_of_another_leads_to_its_page_even_where_the_point_invoices() -> None:
    settings = ReceiptSettings(ReceiptMode.KIOSK, "B12345674", "Plaza", link="https://r.example")
    session = SessionId("s1")
    assert receipt_qr(settings, session, None) == ""
    page = receipt_qr(settings, session, None, is_ours=False)
    assert page == f"https://r.example/r/{page_token(session)}"
