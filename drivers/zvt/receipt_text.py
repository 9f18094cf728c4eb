"""The text of receipts as the terminal sends it: line by line (06 D1) or in a block (06 D3).

The customer's copy is kept where the terminal says which one that is; else everything.
"""

from drivers.zvt import tlv
from drivers.zvt.apdu import Apdu, Kind
from drivers.zvt.bitmaps import parse
from drivers.zvt.tlv import Tag
from drivers.zvt.values import TextEncoding, text_of

MOST_LINES = 200  # the longest receipt is far shorter; a babbling terminal fills no memory
CUSTOMER = b"\x02"  # tag 1F07


class ReceiptText:
    def __init__(self, encoding: TextEncoding) -> None:
        self._encoding = encoding
        self._untyped: list[str] = []
        self._customers: list[str] = []

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(self._customers or self._untyped)

    def add(self, message: Apdu) -> None:
        if message.kind == Kind.PRINT_LINE:
            self._keep(self._untyped, message.payload[1:])
            return
        entries = parse(message.payload).tlv()
        is_customers = next(tlv.every(entries, Tag.RECEIPT_TYPE), None) == CUSTOMER
        into = self._customers if is_customers else self._untyped
        for line in tlv.every(entries, Tag.TEXT_LINE):
            self._keep(into, line)

    def _keep(self, into: list[str], line: bytes) -> None:
        if len(into) < MOST_LINES:
            into.append(text_of(line, self._encoding))
