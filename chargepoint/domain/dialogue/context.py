"""What the conversation on the screen knows, and what its guards and actions see.

One dialogue per screen: focus, language, card, credit, code entry. Points are seen, never changed:
orders go to them as commands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chargepoint.domain.changed import changed
from chargepoint.domain.delivery import Delivery
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.dialogue.access import Access
from chargepoint.domain.effects import (
    CancelTimer,
    Effect,
    StartTimer,
)
from chargepoint.domain.money import ledger
from chargepoint.domain.money.account import TokenAnswer
from chargepoint.domain.money.invoice import ReceiptSettings
from chargepoint.domain.money.prepaid_vat import CardVat
from chargepoint.domain.money.voucher import VoucherRecord
from chargepoint.domain.now import Now
from chargepoint.domain.payments import NoteCursor
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.record import Batch, HoldRecord, Incident, SessionRecord
from chargepoint.domain.service.orders import BoxSealed, ServiceNote
from chargepoint.domain.service.values import ServiceData
from chargepoint.domain.session import BankHold, Means
from chargepoint.domain.units import ConnectorId, Generation, Minor, RequestId, SessionId, Wh

UNASSIGNED = ConnectorId(0)

Params = dict[str, str | int | bool | list[int] | list[str] | None]
"""The numbers and short texts of a screen, by name (docs/screens.md)."""


MAX_COINS = 50  # a payee need not take more in one payment (KIOSK R-PAY-2)


PATIENCE = 3
CUSTOMERS = frozenset(
    {
        *("t_idle", "t_code", "t_auth", "t_receipt", "t_thanks", "t_iou", "t_more", "t_overlay"),
        "t_res",
    }
)
"""Timers that end a step of the customer's; all others are the machine's."""


@dataclass(frozen=True, slots=True)
class DialogueSettings:
    tariff: Tariff = field(default_factory=Tariff)
    minimum: Minor = Minor(100)
    card_vat: CardVat = CardVat.AT_USE
    timezone: str = "UTC"
    topup_min: Minor = Minor(100)
    topup_max: Minor = Minor(20_000)
    offline_limit: Minor = Minor(1000)
    cash_tag: str = "CASH"
    uid_tokens: bool = False
    languages: tuple[str, ...] = ("es", "en")
    coins_fitted: bool = True
    bank_fitted: bool = False
    bank_tag: str = "BANK"
    hold: Minor = Minor(4000)
    max_holds: int = 1
    note_values: tuple[int, ...] = ()
    hoppers_fitted: bool = False
    voucher_days: int = 365
    reader_fitted: bool = True
    printer_fitted: bool = False
    denominations: tuple[int, ...] = (10, 20, 50, 100, 200)
    phone: str = ""
    powers_w: tuple[int, ...] = ()  # what each connector can give, from connector 1 on
    name: str = "07"
    id: str = "CP-0001"
    receipt: ReceiptSettings = field(default_factory=ReceiptSettings)
    exports_logs: bool = False  # somebody has said where to (service.export)
    service_cards: tuple[str, ...] = ()  # Green Cards that open the service menu's login

    @property
    def topup_vat_percent(self) -> int | None:
        """What a top-up contains; None where a card's money is taxed when it is spent."""
        return self.tariff.vat_percent if self.card_vat is CardVat.AT_TOPUP else None


@dataclass(frozen=True, slots=True)
class CardSeen:
    id_tag: str
    is_green_card: bool


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money on its way to a Green Card; `reference` makes it arrive once."""

    reference: str
    card: str
    wanted: Minor = Minor(0)  # 0: whatever is inserted
    inserted: Minor = Minor(0)
    means: str = "cash"
    sent: bool = False
    balance: Minor | None = None  # as the central system answered
    refused: bool = False  # it will not credit it: a person must look
    hold: BankHold | None = None  # of the bank card that paid it
    number: str = ""  # of its invoice, else of its receipt, once it is sent
    qr: str = ""  # where either is found; empty: none yet, or nowhere to lead to


@dataclass(frozen=True, slots=True)
class Voucher:
    """What is owed, as a code that can be redeemed once."""

    code: str
    amount: Minor
    expires: str  # ISO date


@dataclass(frozen=True, slots=True)
class Recovered:
    """A debt from before a cut, as the voucher that it has become."""

    voucher: Voucher
    needs_code: bool  # shown to whoever knows the stop code of its session only


@dataclass(frozen=True, slots=True)
class PayTalk:
    """The part of the conversation that is about money other than inserted coins."""

    hold: BankHold | None = None  # reserved, not used by a session
    bank_reference: str = ""  # of the command the terminal is working on
    asked: Minor = Minor(0)  # of the terminal, as its screens say it: a fee goes on growing
    given_up: bool = False  # that command was aborted, and its result still comes
    prompt: str = ""
    prompt_text: str = ""
    bank_online: bool = False
    holds_open: int = 0  # that occupy the terminal: running sessions and unsettled ones
    topup: TopUp | None = None
    voucher: Voucher | None = None
    voucher_request: RequestId | None = None
    proved: bool = False  # the code was given in this visit: change may fall
    payout: str = ""  # reference of the running payout
    to_pay: Minor = Minor(0)
    paid: Minor = Minor(0)
    payable: Minor = Minor(0)  # what the hoppers can give now
    notes_level: frozenset[Minor] = frozenset()
    came_late: Minor = Minor(0)  # money that came in while a payout was running
    recovered: tuple[Recovered, ...] = ()  # nobody has been told yet
    claimable: Minor = Minor(0)  # what a stop code typed now would give: asked after a cut
    beeps: int = 0  # for a card that was left in the terminal
    wrong_codes: int = 0  # typed one after the other at the voucher keypad, whoever typed them

    def of_nobody(self) -> "PayTalk":
        """What stays when a customer goes: only what is true of the machine."""
        return PayTalk(
            hold=self.hold,
            bank_reference=self.bank_reference,
            given_up=self.given_up,
            bank_online=self.bank_online,
            holds_open=self.holds_open,
            payable=self.payable,
            notes_level=self.notes_level,
            recovered=self.recovered,
            wrong_codes=self.wrong_codes,
        )


@dataclass(frozen=True, slots=True)
class DialogueData:
    focus: ConnectorId
    points: Mapping[ConnectorId, PointSeen]  # never changed in place, as all of this
    language: str = "es"
    lent_from: str = ""  # the language before a card brought its own; empty: none did
    easy: bool = False
    credit: Mapping[ConnectorId, Minor] = field(default_factory=dict)
    coins: int = 0  # in this payment
    last_coin: Minor = Minor(0)
    ordered: ConnectorId | None = None  # a Start was told to it and has not begun yet
    expects: ConnectorId | None = None  # it was told that somebody is about to plug in there
    card: CardSeen | None = None
    answer: TokenAnswer | None = None
    request: RequestId | None = None
    requests: int = 0
    reason: str = ""  # text key of the trouble on screen
    typed: str = ""
    wrong: int = 0
    locked_until: float = 0.0
    under: str = "home"  # the state below an overlay
    deadline: float = 0.0  # monotonic; what a countdown on screen counts to
    leaving: "Leaving | None" = None  # the customer who just finished, for receipt and change
    waiting: "tuple[Leaving, ...]" = ()  # bills whose customers have not seen the last screens
    kiosk_alive: bool = False
    online: bool = False
    next_session: SessionId = SessionId("")
    next_code: str = ""
    own_code: tuple[SessionId, str] = (SessionId(""), "")  # chosen last, and for which session
    next_voucher: str = ""
    coins_accepted: bool = False
    last_voucher: str = ""  # reference of the redemption booked last
    clock_minute: str = ""
    pay: PayTalk = field(default_factory=PayTalk)
    down: frozenset[str] = frozenset()  # shared devices that do not answer
    booked: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # serial: epoch, sequence
    service: ServiceData = field(default_factory=ServiceData)
    plug_tries: int = 0  # of a vehicle whose pilot line is wrong
    unlock_tries: int = 0  # of a plug that is stuck
    resting: bool = False  # plugged in, asked for more time, and nobody answered
    dimmed: bool = False
    refused: int = 0  # coins that the acceptor gave back in this life
    access: Access = field(default_factory=Access)

    @property
    def point(self) -> PointSeen:
        return self.points[self.focus]

    @property
    def here(self) -> Minor:
        """Credit that a Start on the connector in focus would use."""
        return Minor(self.credit.get(self.focus, Minor(0)) + self.credit.get(UNASSIGNED, Minor(0)))


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the last screens tell a customer who is done."""

    total: Minor
    owed: Minor
    energy: Wh
    elapsed_s: int
    number: str
    code: str
    means: Means
    session: SessionId = SessionId("")
    qr: str = ""  # of the receipt; empty: none yet, or nowhere to lead to
    hold: Minor = Minor(0)  # that was reserved on a bank card
    connector: ConnectorId = UNASSIGNED  # where the session was
    name: str = ""  # of money returned without a session
    full_invoice: bool = False  # above what a simplified invoice bears: the operator writes one

    @property
    def claim(self) -> str:
        """Whose `owed` this is in the books (ledger.owed)."""
        return self.session or self.name


@dataclass(slots=True)
class DialogueDraft:
    effects: list[Effect] = field(default_factory=list)
    postings: list[ledger.Posting] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    cursors: list[CoinCursor | NoteCursor] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    holds: list[HoldRecord] = field(default_factory=list)
    settings: list[tuple[str, str]] = field(default_factory=list)
    service_notes: list[ServiceNote] = field(default_factory=list)
    seals: list[BoxSealed] = field(default_factory=list)
    vouchers: list[VoucherRecord] = field(default_factory=list)
    sessions: list[SessionRecord] = field(default_factory=list)

    def batch(self) -> Batch:
        return Batch(
            postings=tuple(self.postings),
            deliveries=tuple(self.deliveries),
            cursors=tuple(self.cursors),
            incidents=tuple(self.incidents),
            holds=tuple(self.holds),
            settings=tuple(self.settings),
            service_notes=tuple(self.service_notes),
            seals=tuple(self.seals),
            vouchers=tuple(self.vouchers),
            sessions=tuple(self.sessions),
        )


class Talk:
    """What guards and actions see."""

    def __init__(self, data: DialogueData, settings: DialogueSettings, now: Now) -> None:
        self.data = data
        self.settings = settings
        self.now = now
        self.draft = DialogueDraft()
        self.state = "home"  # the leaf we are in, kept by the machine before each trigger
        self.event: object = None
        self.about: ConnectorId = data.focus  # the connector the event is about
        self._generation = 0

    def mint(self) -> Generation:
        self._generation += 1
        return Generation(self._generation)

    def take_name(self) -> SessionId:
        """A name nobody else has; the actor supplies the next one before the next event."""
        name = self.data.next_session
        assert name
        self.set(next_session=SessionId(f"{name}+"))
        return name

    def do(self, *effects: Effect) -> None:
        self.draft.effects.extend(effects)

    def set(self, **changes: object) -> None:
        self.data = changed(self.data, **changes)

    def pay(self, **changes: object) -> None:
        paid = replace(self.data.pay, **changes)  # type: ignore[arg-type]  # checked by callers' names
        self.set(pay=paid)

    def serve(self, **changes: object) -> None:
        served = replace(self.data.service, **changes)  # type: ignore[arg-type]  # checked by callers' names
        self.set(service=served)

    def seconds_until(self, moment_s: float) -> int:
        """As a countdown says it: 0 only when it is over."""
        return max(0, -int(-(moment_s - self.now.monotonic) // 1))

    def stop_timer(self, name: str) -> None:
        self.do(CancelTimer(name))

    def timer(self, name: str, delay_s: float) -> None:
        """A step of the customer's takes three times as long for whoever needs it (R-TIME-1)."""
        data = self.data
        if name in CUSTOMERS and (data.easy or data.access.is_patient):
            delay_s *= PATIENCE
        self.set(deadline=self.now.monotonic + delay_s)
        self.do(StartTimer(name, delay_s, self.mint()))
