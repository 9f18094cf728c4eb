"""Prints receipts that the journal holds; what could not be printed is told, and stays printable."""

from collections.abc import Callable
from typing import Protocol

from chargepoint.app.projection import local_time
from chargepoint.domain.dialogue.events import PrintFailed
from chargepoint.domain.effects import PrintReceipt
from chargepoint.domain.money.invoice import ReceiptSettings, receipt_qr
from chargepoint.domain.money.paper import (
    Letterhead,
    Paper,
    PaperLine,
    PaperQr,
    PaperRule,
    receipt_paper,
)
from chargepoint.domain.record import SessionRecord
from chargepoint.domain.session import Means
from chargepoint.domain.units import SessionId
from chargepoint.payment_ports import Printer
from chargepoint.ports import DeviceUnavailable


class SessionBook(Protocol):
    def session_record(self, session: SessionId) -> SessionRecord | None:
        """A finished session; None when the journal has none of this name."""
        ...


class PrintDesk:
    def __init__(
        self,
        printer: Printer,
        book: SessionBook,
        receipt: ReceiptSettings,
        *,
        letterhead: tuple[str, str, str],  # station id, phone, time zone
        failed: Callable[[PrintFailed], None],
    ) -> None:
        self._printer = printer
        self._book = book
        self._receipt = receipt
        self._id, self._phone, self._timezone = letterhead
        self._failed = failed
        self._printed: set[SessionId] = set()

    async def print(self, order: PrintReceipt) -> None:
        """Ends silently, or as PrintFailed: the customer still has the QR code."""
        paper = self._paper(order, is_copy=order.session in self._printed)
        if paper is None:
            self._failed(PrintFailed(order.session))
            return
        try:
            await self._printer.print(paper)
        except DeviceUnavailable:
            self._failed(PrintFailed(order.session))
            return
        self._printed.add(order.session)

    async def print_copy(self, session: SessionId, language: str) -> bool:
        """Once more, and says so. False: there is nothing to print yet. Raises DeviceUnavailable."""
        paper = self._paper(PrintReceipt(session, language), is_copy=True)
        if paper is not None:
            await self._printer.print(paper)
        return paper is not None

    async def print_test(self) -> None:
        """A line by which a person sees that the paper moves. Raises DeviceUnavailable."""
        line = PaperLine(self._id, bold=True, centred=True)
        await self._printer.print(Paper((line, PaperRule(), PaperQr(self._id))))

    def _paper(self, order: PrintReceipt, *, is_copy: bool) -> Paper | None:
        """None while its invoice is not issued, or there is no such session."""
        record = self._book.session_record(order.session)
        if record is None or record.invoice_due:
            return None
        document = record.body["document"]
        head = Letterhead(
            point=self._id,
            phone=self._phone,
            at=local_time(str(document["time"]), self._timezone),
            qr=str(document.get("verification", ""))
            or receipt_qr(
                self._receipt, order.session, None, is_ours=document["means"] != Means.TOKEN
            ),
            is_copy=is_copy,
        )
        return receipt_paper(document, head, order.language)
