"""Every command the driver sends (PA00P015 chapter 2, §2.5); the order of fields is the recorded one."""

from chargepoint.domain.units import Minor
from drivers.zvt import bitmaps, tlv
from drivers.zvt.apdu import Apdu, Kind
from drivers.zvt.bitmaps import Field
from drivers.zvt.settings import ZvtSettings
from drivers.zvt.tlv import Tag
from drivers.zvt.values import bcd

PASSWORD_BYTES = 3
_PASSWORD_AND_NO_MORE = frozenset({Kind.REPEAT_RECEIPT, Kind.END_OF_DAY, Kind.INITIALISATION})
PASSWORD_FIRST = _PASSWORD_AND_NO_MORE | {Kind.REGISTRATION, Kind.REFUND, Kind.SET_TERMINAL_ID}

TERMINAL_DECIDES = b"\x40"  # field 19: which of its ways to pay
ANY_RECEIPT = b"\xff\xff"
_AMOUNT_BYTES = 6
HIGHEST_AMOUNT = 10 ** (2 * _AMOUNT_BYTES) - 1

STATUS_ENQUIRY = Apdu(Kind.STATUS_ENQUIRY)
ABORT = Apdu(Kind.ABORT)


class Commands:
    def __init__(self, settings: ZvtSettings) -> None:
        self._settings = settings
        self._password = bytes.fromhex(settings.password)
        self._currency = bcd(settings.currency, 2)

    def register(self) -> Apdu:
        return Apdu(
            Kind.REGISTRATION,
            self._password + bytes([self._settings.configuration]) + self._currency,
        )

    def reserve(self, reference: str, amount: Minor) -> Apdu:
        return Apdu(
            Kind.RESERVATION,
            bitmaps.encode(
                (Field.PAYMENT_TYPE, TERMINAL_DECIDES),
                (Field.CURRENCY, self._currency),
                (Field.AMOUNT, _amount(amount)),
                *self._merchant_reference(reference),
            ),
        )

    def give_back(self, reference: str, receipt_number: str, part: Minor) -> Apdu:
        """Capture a reservation but for `part`: the amount field is what goes back (§2.8.5)."""
        return Apdu(
            Kind.PARTIAL_REVERSAL,
            bitmaps.encode(
                (Field.PAYMENT_TYPE, TERMINAL_DECIDES),
                (Field.RECEIPT, bytes.fromhex(receipt_number)),
                (Field.CURRENCY, self._currency),
                (Field.AMOUNT, _amount(part)),
                *self._merchant_reference(reference),
            ),
        )

    def book(self, reference: str, receipt_number: str, amount: Minor) -> Apdu:
        """Capture `amount` of a reservation and give the rest back."""
        return Apdu(
            Kind.BOOK_TOTAL,
            bitmaps.encode(
                (Field.RECEIPT, bytes.fromhex(receipt_number)),
                (Field.AMOUNT, _amount(amount)),
                (Field.CURRENCY, self._currency),
                *self._merchant_reference(reference),
            ),
        )

    def release(self, receipt_number: str) -> Apdu:
        return Apdu(
            Kind.RESERVATION_REVERSAL,
            bitmaps.encode(
                (Field.PAYMENT_TYPE, TERMINAL_DECIDES),
                (Field.RECEIPT, bytes.fromhex(receipt_number)),
                (Field.CURRENCY, self._currency),
            ),
        )

    def enquire_open(self) -> Apdu:
        """Terminals list more than one reservation only to those who can read containers."""
        listing = ((Field.TLV, b""),) if self._settings.max_reservations > 1 else ()
        return Apdu(Kind.PARTIAL_REVERSAL, bitmaps.encode((Field.RECEIPT, ANY_RECEIPT), *listing))

    def refund(self, amount: Minor) -> Apdu:
        fields = ((Field.AMOUNT, _amount(amount)), (Field.CURRENCY, self._currency))
        return Apdu(Kind.REFUND, self._password + bitmaps.encode(*fields))

    def end_of_day(self) -> Apdu:
        return Apdu(Kind.END_OF_DAY, self._password)

    def repeat_receipt(self) -> Apdu:
        return Apdu(Kind.REPEAT_RECEIPT, self._password)

    def initialise(self) -> Apdu:
        return Apdu(Kind.INITIALISATION, self._password)

    def diagnose(self) -> Apdu:
        return Apdu(Kind.DIAGNOSIS)

    def set_terminal_id(self) -> Apdu:
        terminal_id = bytes.fromhex(self._settings.terminal_id)
        return Apdu(
            Kind.SET_TERMINAL_ID, self._password + bitmaps.encode((Field.TERMINAL_ID, terminal_id))
        )

    def _merchant_reference(self, reference: str) -> tuple[tuple[Field, bytes], ...]:
        if not self._settings.merchant_prefix:
            return ()
        prefix = tlv.Entry(Tag.REFERENCE_PREFIX, self._settings.merchant_prefix.encode("ascii"))
        value = tlv.Entry(Tag.REFERENCE_VALUE, reference.encode("ascii", "replace"))
        both = tlv.Entry(Tag.MERCHANT_REFERENCE, tlv.encode(prefix, value))
        return ((Field.TLV, tlv.encode(both)),)


def _amount(amount: Minor) -> bytes:
    return bcd(amount, _AMOUNT_BYTES)
