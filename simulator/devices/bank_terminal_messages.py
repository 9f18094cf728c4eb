"""What the simulated terminal says, byte for byte as a real one would."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from drivers.zvt import bitmaps, tlv
from drivers.zvt.apdu import Apdu, Kind
from drivers.zvt.bitmaps import Field
from drivers.zvt.codes import OK, Code, Intermediate
from drivers.zvt.tlv import Tag
from drivers.zvt.values import TextEncoding, bcd, encoded
from simulator.devices.bank_terminal_books import Booking

TERMINAL_ID = bytes.fromhex("52523535")
SOFTWARE = "GER-APP-v2.0.9;1.0"
EURO = bytes.fromhex("0978")
CLOCK = ((Field.TIME, bytes.fromhex("225558")), (Field.DATE, bytes.fromhex("0405")))


@dataclass(frozen=True, slots=True)
class Brand:
    """What a card says of itself. `pan`: its middle hidden by the terminal."""

    name: str
    pan: bytes
    card_type: int


# The first as recorded; the others' types are those of the ZVT card table [unverified].
BRANDS: Mapping[str, Brand] = MappingProxyType(
    {
        "mastercard": Brand("MasterCard", bytes.fromhex("559883EEEEEE8074"), 6),
        "visa": Brand("VISA", bytes.fromhex("454817EEEEEE1881"), 10),
        "maestro": Brand("Maestro", bytes.fromhex("675964EEEEEE5007"), 46),
        "amex": Brand("American Express", bytes.fromhex("374245EEEEE1009F"), 8),
    }
)
USUAL_BRAND = "mastercard"

CENTRED = 0x40
LAST_LINE = 0x81
_CUSTOMER = b"\x02"
_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Style:
    """How terminals differ while all of them speak ZVT.

    `lists_as_container`: open reservations as entries of a TLV container.
    `books_total`: knows 06 24. `books_zero_reversal`: takes 06 23 that gives back nothing.
    `prints_blocks`: receipts as 06 D3. `advertises`: lines of text under each receipt.
    `names_receipts`: results say which receipt they are.
    """

    lists_as_container: bool = False
    books_total: bool = True
    books_zero_reversal: bool = True
    prints_blocks: bool = False
    advertises: int = 0
    names_receipts: bool = True
    encoding: TextEncoding = TextEncoding.CP437
    max_reservations: int = 1
    highest_reservation_minor: int = 10_000
    receipt_lines: tuple[str, ...] = field(default=("* *  Händlerbeleg  * *",))


def status(number: int, text: str = "") -> Apdu:
    payload = bytes([number])
    if text:
        line = tlv.Entry(Tag.TEXT_LINE, encoded(text))
        container = tlv.encode(tlv.Entry(Tag.DISPLAY_TEXTS, tlv.encode(line)))
        payload = bytes([Intermediate.TEXT, 0]) + bitmaps.encode((Field.TLV, container))
    return Apdu(Kind.INTERMEDIATE_STATUS, payload)


def approved(booking: Booking, style: Style, brand: Brand | None = None) -> Apdu:
    """As recorded after 06 22; commands that need no card say nothing of one."""
    card = (
        (
            (Field.PAN, brand.pan),
            (Field.EXPIRY, bytes.fromhex("2405")),
            (Field.CARD_TYPE, bytes([brand.card_type])),
        )
        if brand is not None
        else ()
    )
    number = ((Field.RECEIPT, bcd(booking.receipt, 2)),) if style.names_receipts else ()
    name = ((Field.CARD_NAME, brand.name.encode("ascii") + b"\x00"),) if brand is not None else ()
    return Apdu(
        Kind.STATUS_INFORMATION,
        bitmaps.encode(
            (Field.RESULT, bytes([OK])),
            (Field.AMOUNT, bcd(booking.amount_minor, 6)),
            (Field.CURRENCY, EURO),
            *CLOCK,
            *card,
            *number,
            (Field.TRACE, bcd(booking.trace, 3)),
            (Field.PAYMENT_TYPE, b"\x60"),
            (Field.TERMINAL_ID, TERMINAL_ID),
            *name,
        ),
    )


def declined(code: int) -> Apdu:
    return Apdu(
        Kind.STATUS_INFORMATION,
        bitmaps.encode((Field.RESULT, bytes([code])), (Field.TERMINAL_ID, TERMINAL_ID)),
    )


def aborted(code: int) -> Apdu:
    return Apdu(Kind.ABORTED, bytes([code]))


def completion_of_registration() -> Apdu:
    fields = ((Field.PAYMENT_TYPE, b"\x10"), (Field.TERMINAL_ID, TERMINAL_ID))
    return Apdu(Kind.COMPLETION, bitmaps.encode(*fields, (Field.CURRENCY, EURO)))


def completion_of_status(state: int) -> Apdu:
    version = SOFTWARE.encode("ascii")
    length = bitmaps.digits_length(len(version), 3)
    return Apdu(Kind.COMPLETION, length + version + bytes([state]))


def open_reservations(receipts: tuple[int, ...], *, as_container: bool) -> Apdu:
    """The answer to 06 23 87 FFFF, in either of its forms."""
    numbers = [bcd(receipt, 2) for receipt in receipts]
    if as_container and numbers:
        entries = tlv.encode(*(tlv.Entry(Tag.RECEIPT_NUMBER, each) for each in numbers))
        listed = tlv.encode(tlv.Entry(Tag.RECEIPT_LIST, entries))
        fields = bitmaps.encode((Field.TLV, listed))
    else:
        fields = bitmaps.encode((Field.RECEIPT, numbers[0] if numbers else b"\xff\xff"))
    return Apdu(Kind.ABORTED, bytes([Code.RESERVATION]) + fields)


def receipt_texts(booking: Booking, style: Style) -> tuple[str, ...]:
    amount = f"{booking.amount_minor // 100},{booking.amount_minor % 100:02d} EUR"
    return (
        *style.receipt_lines,
        f"Beleg-Nr. {booking.receipt:04d}",
        f"Betrag {amount:>17}",
        "-" * _WIDTH,
        "-" * _WIDTH,
        *(f"Gute Fahrt {number:3d}" for number in range(style.advertises)),
    )


def receipt(booking: Booking, style: Style) -> list[Apdu]:
    texts = receipt_texts(booking, style)
    if not style.prints_blocks:
        attributes = [CENTRED] + [0] * (len(texts) - 2) + [LAST_LINE]
        return [
            Apdu(Kind.PRINT_LINE, bytes([attribute]) + encoded(text, style.encoding))
            for attribute, text in zip(attributes, texts, strict=True)
        ]
    lines = tlv.encode(*(tlv.Entry(Tag.TEXT_LINE, encoded(text, style.encoding)) for text in texts))
    block = tlv.encode(tlv.Entry(Tag.RECEIPT_TYPE, _CUSTOMER), tlv.Entry(Tag.PRINT_LINES, lines))
    return [Apdu(Kind.PRINT_BLOCK, bitmaps.encode((Field.TLV, block)))]
