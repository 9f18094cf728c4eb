"""PN532 commands and what their responses mean (UM0701-02 §7); builders and parsers, no I/O."""

from dataclasses import dataclass
from enum import IntEnum

from typing_extensions import override

from drivers.greencard.pn532 import Command

MAX_RETRIES_FOREVER = 0xFF

# SEL_RES (SAK) bit 6: the card speaks ISO/IEC 14443-4 (ISO/IEC 14443-3 §6.5.3.4).
ISO_14443_4 = 0x20


class Code(IntEnum):
    DIAGNOSE = 0x00
    GET_FIRMWARE_VERSION = 0x02
    SET_SERIAL_BAUD_RATE = 0x10
    SAM_CONFIGURATION = 0x14
    POWER_DOWN = 0x16
    RF_CONFIGURATION = 0x32
    IN_DATA_EXCHANGE = 0x40
    IN_DESELECT = 0x44
    IN_LIST_PASSIVE_TARGET = 0x4A
    IN_RELEASE = 0x52
    IN_SELECT = 0x54


class Error(IntEnum):
    """Low six bits of a status byte (UM0701-02 §7.1)."""

    NONE = 0x00
    TIME_OUT = 0x01
    CRC = 0x02
    PARITY = 0x03
    PROTOCOL = 0x0B
    FORMAT = 0x13
    AUTHENTICATION = 0x14
    WRONG_STATE = 0x27
    RELEASED = 0x29
    CARD_GONE = 0x2B


class Malformed(ValueError):
    """A well-framed response whose content is not what its command answers."""


@dataclass(frozen=True, slots=True)
class Target:
    """One card found in the field and activated."""

    number: int
    sens_res: bytes
    sel_res: int
    uid: bytes
    ats: bytes = b""

    @property
    def speaks_iso_14443_4(self) -> bool:
        return bool(self.sel_res & ISO_14443_4)


@dataclass(frozen=True, slots=True)
class Firmware:
    chip: int
    version: int
    revision: int

    @override
    def __str__(self) -> str:
        return f"PN5{self.chip:02X} v{self.version}.{self.revision}"


GET_FIRMWARE_VERSION = Command(Code.GET_FIRMWARE_VERSION)
SAM_NORMAL = Command(Code.SAM_CONFIGURATION, bytes([0x01, 0x14, 0x01]))  # §7.2.10: 20 x 50 ms
FIELD_OFF = Command(Code.RF_CONFIGURATION, bytes([0x01, 0x00]))  # §7.3.1, CfgItem 01
FIND_ONE_TYPE_A = Command(Code.IN_LIST_PASSIVE_TARGET, bytes([0x01, 0x00]))
RELEASE_ALL = Command(Code.IN_RELEASE, b"\x00")


def limit_activation(retries: int) -> Command:
    """RFConfiguration item 05 (§7.3.1): how often InListPassiveTarget looks before it gives up."""
    return Command(Code.RF_CONFIGURATION, bytes([0x05, 0xFF, 0x01, retries]))


def exchange(target_number: int, apdu: bytes) -> Command:
    return Command(Code.IN_DATA_EXCHANGE, bytes([target_number]) + apdu)


def parse_firmware(parameters: bytes) -> Firmware:
    if len(parameters) != 4:
        raise Malformed(f"firmware version of {len(parameters)} bytes, not 4")
    return Firmware(parameters[0], parameters[1], parameters[2])


def parse_exchange(parameters: bytes) -> tuple[int, bytes]:
    """Error code (0: none) and the card's answer."""
    if not parameters:
        raise Malformed("data exchange without a status byte")
    return parameters[0] & 0x3F, parameters[1:]


def parse_target(parameters: bytes) -> Target | None:
    """The card that InListPassiveTarget (one target, 106 kbit/s type A) found, or None."""
    if not parameters or parameters[0] > 1:
        raise Malformed("not the list of one target that was asked for")
    if parameters[0] == 0:
        return None
    uid_end = 6 + parameters[5] if len(parameters) > 5 else 0
    uid = parameters[6:uid_end]
    rest = parameters[uid_end:]
    if not uid or len(uid) != parameters[5] or (rest and rest[0] != len(rest)):
        raise Malformed("target list with a UID or ATS of another length than it says")
    return Target(
        number=parameters[1],
        sens_res=parameters[2:4],
        sel_res=parameters[4],
        uid=uid,
        ats=rest[1:],
    )


def target_list(target: Target | None) -> bytes:
    """The response parameters that `parse_target` reads."""
    if target is None:
        return b"\x00"
    head = bytes([1, target.number]) + target.sens_res + bytes([target.sel_res, len(target.uid)])
    ats = bytes([len(target.ats) + 1]) + target.ats if target.speaks_iso_14443_4 else b""
    return head + target.uid + ats
