"""The bank terminal's messages in words; passwords and card numbers stay masked."""

from drivers.trace import Direction
from drivers.zvt.apdu import Apdu, Kind, Malformed, encode
from drivers.zvt.bitmaps import Bitmaps, Field, parse
from drivers.zvt.codec import Control, Found, SerialDecoder, TcpDecoder
from drivers.zvt.codes import OK, Code, prompt_of, reason_of
from drivers.zvt.result import open_receipts
from drivers.zvt.trace_text import describe, mask_messages
from drivers.zvt.values import digits_of, number_of, text_of
from simulator.meaning.said import Said, hexadecimal

_DIRECTIONS = {"tx": Direction.SENT, "rx": Direction.RECEIVED}
_BLOCK_START = 0x10
_NO_RECEIPT = "ffff"


class ZvtReader:
    """Finds out by the first byte that the core sends whether there are blocks, or messages alone."""

    def __init__(self) -> None:
        self._decoders: dict[str, SerialDecoder | TcpDecoder] = {}

    def heard(self, direction: str, chunk: bytes) -> list[Said]:
        if not self._decoders:
            is_serial = chunk[:1] == bytes([_BLOCK_START])
            kind = SerialDecoder if is_serial else TcpDecoder
            self._decoders = {"tx": kind(), "rx": kind()}
        return [_said(direction, found) for found in self._decoders[direction].feed(chunk)]


def _said(direction: str, found: Found) -> Said:
    match found:
        case Control():
            return Said(f"{found.value:02X}", "received" if found is Control.ACK else "say again")
        case Apdu():
            octets = mask_messages(_DIRECTIONS[direction], encode(found))
            return Said(octets, _meaning(found))
        case _:
            return Said(hexadecimal(found.octets[:1]) + " …", "no message")


def _meaning(apdu: Apdu) -> str:
    try:
        return _in_words(apdu) or describe(apdu)
    except Malformed:
        return describe(apdu)


def _in_words(apdu: Apdu) -> str:
    match apdu.kind:
        case Kind.RESERVATION | Kind.PARTIAL_REVERSAL | Kind.BOOK_TOTAL | Kind.RESERVATION_REVERSAL:
            return _command(apdu.kind, parse(apdu.payload))
        case Kind.INTERMEDIATE_STATUS if apdu.payload:
            return prompt_of(apdu.payload[0]).replace("_", " ")
        case Kind.STATUS_INFORMATION:
            return _result(parse(apdu.payload))
        case Kind.ABORTED:
            return _aborted(apdu.payload)
        case Kind.PRINT_LINE:
            return f"prints: {text_of(apdu.payload[1:])}"
        case _:
            return ""


def _command(kind: int, fields: Bitmaps) -> str:
    receipt = (fields.get(Field.RECEIPT) or b"").hex()
    match kind:
        case Kind.RESERVATION:
            return f"reserve {_amount(fields)}"
        case Kind.PARTIAL_REVERSAL if receipt == _NO_RECEIPT:
            return "what is reserved?"
        case Kind.PARTIAL_REVERSAL:
            return f"give back {_amount(fields)} of receipt {receipt}"
        case Kind.BOOK_TOTAL:
            return f"book {_amount(fields)} of receipt {receipt}"
        case _:
            return f"release receipt {receipt}"


def _result(fields: Bitmaps) -> str:
    code = (fields.get(Field.RESULT) or b"\xff")[0]
    if code != OK:
        return f"declined {code:02X}: {reason_of(code)}"
    return f"approved {_amount(fields)}, receipt {digits_of(fields.get(Field.RECEIPT) or b'')}"


def _aborted(payload: bytes) -> str:
    receipts = open_receipts(payload)
    if receipts is not None:
        return f"reserved: {', '.join(receipts) or 'nothing'}"
    code = payload[0] if payload else Code.SYSTEM_ERROR
    return f"aborted {code:02X}: {reason_of(code)}"


def _amount(fields: Bitmaps) -> str:
    octets = fields.get(Field.AMOUNT)
    return "nothing" if octets is None else f"{number_of(octets) / 100:.2f} €"
