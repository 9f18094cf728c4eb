"""What the menu asks of the station around it, and the answers."""

from dataclasses import dataclass, field
from enum import StrEnum

from chargepoint.domain.service.people import Person
from chargepoint.domain.service.values import Sheet
from chargepoint.domain.units import Minor

# --- orders ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Whose PIN is this? Ends as PinChecked(request)."""

    request: int
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Consult:
    """What a page shows of the journal and the devices. Ends as Consulted(request)."""

    request: int
    page: str
    subject: str = ""


class Deed(StrEnum):
    REPRINT = "reprint"
    REFUND = "refund"
    HOPPER_FILLED = "hopper_filled"
    TEST_COIN = "test_coin"
    TEST_PRINT = "test_print"
    TEST_LOCK = "test_lock"
    RESEND = "resend"
    COMMISSION = "commission"
    FIND_BUSES = "find_buses"
    # tests (app/trials.py)
    TEST_CONTACTOR = "test_contactor"
    TEST_CENTRAL = "test_central"
    SELF_TEST = "self_test"
    TEST_LAMP = "test_lamp"
    TEST_BEEPER = "test_beeper"
    REACH = "reach"
    # the station itself (app/housekeeping.py)
    EXPORT = "export"
    DISPUTE = "dispute"
    SET = "set"
    WINDOW = "window"
    REBOOT = "reboot"
    TAKE_BACK = "take_back"
    INSTALL = "install"
    ROLL_BACK = "roll_back"
    # a device is replaced (app/replacing.py)
    DRAIN = "drain"
    WRITE_OFF = "write_off"
    RELEASE = "release"
    SAMPLE = "sample"
    ASK_BANK = "ask_bank"


@dataclass(frozen=True, slots=True)
class Perform:
    """Something a person asked for by hand. Ends as Performed(request)."""

    request: int
    deed: Deed
    person: Person
    subject: str = ""
    amount: Minor = Minor(0)
    reason: str = ""


ServiceOrder = CheckPin | Consult | Perform

# --- answers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PinChecked:
    """None: nobody's."""

    request: int
    person: Person | None


@dataclass(frozen=True, slots=True)
class Consulted:
    request: int
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Performed:
    """`outcome`: a text key, with "|" and its argument where it has one."""

    request: int
    deed: Deed
    is_done: bool
    outcome: str
    subject: str = ""


# --- what is kept ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServiceNote:
    """One line of the audit: who did what in the menu, and how it ended."""

    who: str
    role: str
    what: str
    outcome: str


@dataclass(frozen=True, slots=True)
class BoxSealed:
    """The cash box was emptied: closes the period in the commit that carries it."""

    counted: Minor
    who: str
    role: str
    reason: str
    seal_number: str
