"""What printers can do: columns, the number of a code page with the euro sign, QR codes, a knife.

The named ones are those of python-escpos (MIT), whose table this repeats; a test compares every row
with the installed release. The library itself stays outside the core: measured with release 3.1,
its import takes 0.25 s of processor, in which no contactor could be opened, and 17 MiB (the core
has 75 in all and uses 65), for Pillow and barcodes that no receipt needs. It also sets up the root
logger and leaves a temporary folder behind. Its encoder is used in the tests, where its bytes for
text, QR code and cut are compared with ours. Answers from a printer it does not read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """`columns` of the normal font; `code_page` is the printer's own number of `encoding`."""

    columns: int
    code_page: int = 19
    encoding: str = "cp858"
    draws_qr: bool = True
    has_knife: bool = True


MM_58 = PrinterProfile(32)
MM_80 = PrinterProfile(48)

PROFILES: Mapping[str, PrinterProfile] = MappingProxyType(
    {
        "CT-S651": PrinterProfile(48),
        "KR-306": PrinterProfile(48, 31),
        "NT-5890K": PrinterProfile(32, 53, draws_qr=False, has_knife=False),
        "P822D": PrinterProfile(42, 53),
        "POS-5890": PrinterProfile(32, 53, draws_qr=False, has_knife=False),
        "RP-F10-58mm": PrinterProfile(36),
        "RP-F10-80mm": PrinterProfile(48),
        "RP326": PrinterProfile(42),
        "SP2000": PrinterProfile(42, 4),
        "Sunmi-V2": PrinterProfile(32, has_knife=False),
        "T-1": PrinterProfile(42),
        "TEP-200M": PrinterProfile(42),
        "TH230": PrinterProfile(44, 6, draws_qr=False),
        "TH230Plus": PrinterProfile(44, 6),
        "TM-L90": PrinterProfile(48),
        "TM-P80": PrinterProfile(42),
        "TM-P80-42col": PrinterProfile(42),
        "TM-T20II": PrinterProfile(48),
        "TM-T20II-42col": PrinterProfile(42),
        "TM-T88II": PrinterProfile(42, 16, "cp1252"),
        "TM-T88III": PrinterProfile(42),
        "TM-T88IV": PrinterProfile(42),
        "TM-T88V": PrinterProfile(42),
        "TSP600": PrinterProfile(42, 4),
        "TUP500": PrinterProfile(42, 4),
        "ZJ-5870": PrinterProfile(32, 16, "cp1252", draws_qr=False, has_knife=False),
    }
)
