"""How one terminal is connected and what it was programmed to. Values come from the configuration."""

from dataclasses import dataclass, field
from enum import StrEnum

from drivers.zvt.values import TextEncoding

EURO = 978  # ISO 4217
TCP_PORT = 20007

# Receipts and their text from the terminal, intermediate states, payments and administration
# started here alone (config byte of 06 00).
CONFIGURATION = 0xDE


class Transport(StrEnum):
    SERIAL = "serial"
    TCP = "tcp"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """T1 to T4 are the specification's (PA00P016); the others bound what it leaves open."""

    t1_s: float = 0.2  # between two bytes of a block
    t2_s: float = 5.0  # for ACK or NAK
    t3_s: float = 5.0  # for 80 00 00 or 84 xx 00
    t4_s: float = 180.0  # for the next message while the terminal is master
    # After the result was acknowledged only receipts and the completion are missing.
    completion_s: float = 30.0
    # After 06 B0: the host's own time-out, and the auto-reversal of what it still approved.
    after_abort_s: float = 75.0
    poll_s: float = 30.0  # 05 01 while idle; vendors advise 3 s
    busy_pause_s: float = 2.0  # after 84 9C
    busy_limit_s: float = 60.0


@dataclass(frozen=True, slots=True)
class ZvtSettings:
    """`password` is the cashier's of 06 00, 06 31, 06 50; six digits.

    `always_book_total`: capture with 06 24 also below the reserved amount.
    `max_reservations` above 1: ask for the list of open ones, in a TLV container.
    `merchant_prefix`: with it, our reference travels to the bank statement (Feig terminals).
    `terminal_id`: eight digits; given again when the terminal asks to be activated.
    """

    password: str = "000000"  # noqa: S105 - what terminals are delivered with
    transport: Transport = Transport.SERIAL
    currency: int = EURO
    configuration: int = CONFIGURATION
    always_book_total: bool = False
    max_reservations: int = 1
    merchant_prefix: str = ""
    terminal_id: str = ""
    encoding: TextEncoding = TextEncoding.AUTO
    timeouts: Timeouts = field(default_factory=Timeouts)

    def __post_init__(self) -> None:
        if len(self.password) != 6 or not self.password.isdecimal():
            raise ValueError("the password of a bank terminal has six digits")
        if self.terminal_id and (len(self.terminal_id) != 8 or not self.terminal_id.isdecimal()):
            raise ValueError("the id of a bank terminal has eight digits")
