"""Receipts are found again by number and by card, and copied as text."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.record import Batch, SessionRecord
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.store import receipt
from chargepoint.store.journal import open_inline
from tests.store.test_audit import FixedClock


def document(number: int, **more: Any) -> dict[str, Any]:
    return {
        "receiptNumber": f"CP-1-1-{number:06d}",
        "connectorId": 1,
        "idTag": "CASH",
        "time": f"2027-03-01T08:0{number}:00.000Z",
        "lines": [{"item": "energy", "amount": 150, "energyWh": 3400}],
        "vat": {"percent": 21, "amount": 26},
        "total": {"amount": 150, "currency": "EUR"},
        "means": "cash",
    } | more


@pytest.fixture
def journal(tmp_path: Path) -> str:
    path = tmp_path / "j"
    documents = [
        document(1),
        document(2, means="bank", idTag="BANK", maskedPan="559883******8074"),
        document(
            3, means="greencard", idTag="6034440000008074", invoice="P-1", issuer="X", nif="Y"
        ),
    ]

    async def write() -> None:
        opened = open_inline(str(path), FixedClock())
        for number, each in enumerate(documents):
            record = SessionRecord(SessionId(f"s{number}"), ConnectorId(1), {"document": each})
            await opened.append(Batch(sessions=(record,)))
        opened.close()

    asyncio.run(write())
    return str(path)


def said(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_newest_come_first(journal: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert receipt.main([journal, "--last", "2"]) == 0
    assert [line.split()[1] for line in said(capsys)] == ["P-1", "CP-1-1-000002"]


def test_copy_names_the_vouchers_of_its_session(
    journal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def write() -> None:
        opened = open_inline(journal, FixedClock())
        slip = VoucherRecord("31415926", "s0", Minor(360), "2028-03-01")
        await opened.append(Batch(vouchers=(slip,)))
        opened.close()

    asyncio.run(write())
    assert receipt.main([journal, "--number", "CP-1-1-000001"]) == 0
    assert said(capsys)[-1] == "voucher 31415926  3.60  until 2028-03-01"


def test_card_finds_its_own(journal: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert receipt.main([journal, "--card", "8074"]) == 0
    assert [line.split()[2] for line in said(capsys)] == ["greencard", "bank"]
    assert receipt.main([journal, "--card", "9999"]) == 1


def test_copy_says_that_it_is_one(journal: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert receipt.main([journal, "--number", "CP-1-1-000002", "--language", "en"]) == 0
    lines = said(capsys)
    assert "COPY" in [line.strip() for line in lines]
    assert any(line.split() == ["TOTAL", "1,50", "EUR"] for line in lines)
    assert any("559883******8074" in line for line in lines)


def test_number_that_is_none_is_told(journal: str) -> None:
    assert receipt.main([journal, "--number", "CP-9"]) == 1


@pytest.mark.parametrize("digits", ["807", "80a4", ""])
def test_card_needs_enough_digits(journal: str, digits: str) -> None:
    with pytest.raises(SystemExit):
        receipt.main([journal, f"--card={digits}"])
