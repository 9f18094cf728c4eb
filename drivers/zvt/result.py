"""The fields of a result (04 0F), a completion or an abort as values of the domain."""

from chargepoint.domain.payments import BankReceipt
from chargepoint.domain.units import Minor
from drivers.zvt import tlv
from drivers.zvt.apdu import Malformed
from drivers.zvt.bitmaps import Bitmaps, Field, parse, read_digits
from drivers.zvt.codes import Code
from drivers.zvt.tlv import Tag
from drivers.zvt.values import digits_of, number_of, text_of

_VERSION_DIGITS = 3
_NO_RECEIPT = "ffff"


class NotBookable(ValueError):
    """A result that does not say whether it succeeded, or what was booked."""


def code_of(fields: Bitmaps) -> int:
    """Field 27; raises NotBookable."""
    result = fields.get(Field.RESULT)
    if result is None:
        raise NotBookable("the result does not say whether it succeeded")
    return result[0]


def receipt_of(fields: Bitmaps, *, known: str | None, asked: Minor) -> BankReceipt:
    """`known` and `asked` stand in for what the terminal leaves out; `known` None: it may not.

    Raises NotBookable, Malformed.
    """
    number = fields.get(Field.RECEIPT)
    amount = fields.get(Field.AMOUNT)
    if number is None and known is None:
        raise NotBookable("the result names no receipt")
    return BankReceipt(
        receipt_number=known or "" if number is None else digits_of(number),
        trace=_digits(fields, Field.TRACE),
        terminal_id=_digits(fields, Field.TERMINAL_ID),
        amount=asked if amount is None else Minor(number_of(amount)),
        masked_pan=fields.masked_pan,
        card_name=text_of(fields.get(Field.CARD_NAME) or b"").strip(),
        date_time=_date_time(fields),
    )


def _digits(fields: Bitmaps, number: Field) -> str:
    octets = fields.get(number)
    return "" if octets is None else digits_of(octets)


def _date_time(fields: Bitmaps) -> str:
    """As far as the terminal says it: `04-05 22:55:58`."""
    date = _digits(fields, Field.DATE_FULL) or _digits(fields, Field.DATE)
    return f"{_pairs(date, '-')} {_pairs(_digits(fields, Field.TIME), ':')}".strip()


def _pairs(digits: str, between: str) -> str:
    return between.join(digits[at : at + 2] for at in range(0, len(digits), 2))


def open_receipts(payload: bytes) -> tuple[str, ...] | None:
    """Numbers of open reservations in the answer to the enquiry; None: it is no such answer.

    06 1E | B8 | 87 rr rr                          one, or FFFF for none
    06 1E | B8 | 06 len  23 len  08 02 rr rr ...   several
    """
    if payload[:1] != bytes([Code.RESERVATION]):
        return None
    fields = parse(payload[1:])
    single = fields.get(Field.RECEIPT)
    listed = fields.get(Field.TLV)
    # A field nobody knows may hide the rest; "not listed" would then be taken for "executed".
    if not fields.is_complete or (single is None and listed is None):
        return None
    found = [] if single is None else [single]
    found += [each for each in tlv.every(fields.tlv(), Tag.RECEIPT_NUMBER) if len(each) == 2]
    numbers = (each.hex() for each in found)
    return tuple(dict.fromkeys(each for each in numbers if each != _NO_RECEIPT))


def status_of(payload: bytes) -> tuple[int, str]:
    """Status byte and software version of the completion of a status enquiry (05 01)."""
    try:
        size = read_digits(payload, 0, _VERSION_DIGITS)
    except Malformed:
        return (payload[0] if payload else 0), ""
    end = _VERSION_DIGITS + size
    status = payload[end] if end < len(payload) else 0
    return status, text_of(payload[_VERSION_DIGITS:end])
