"""What the conversation on the screen knows, and the guards and actions of its table.

One dialogue per screen: focus, language, card, credit, code entry. Points are seen, never changed:
orders go to them as commands. Guards answer; actions append effects; nothing triggers or waits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chargepoint.domain import ledger
from chargepoint.domain.account import Account, AccountState, TokenAnswer, TokenStatus
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.effects import (
    AddCredit,
    AskToken,
    CancelTimer,
    Effect,
    Sound,
    Start,
    StartTimer,
    Stop,
    TellPoint,
)
from chargepoint.domain.now import Now
from chargepoint.domain.point import PointData
from chargepoint.domain.record import Incident
from chargepoint.domain.session import EndCause, Means, Session, StartOrder
from chargepoint.domain.tariff import Consumption, Tariff, energy_within
from chargepoint.domain.units import ConnectorId, Generation, Minor, RequestId, SessionId, Wh

UNASSIGNED = ConnectorId(0)
MAX_COINS = 50  # a payee need not take more in one payment (KIOSK R-PAY-2)
WRONG_CODES = 3
KEYPAD_LOCK_S = 60
CODE_LENGTH = 4


@dataclass(frozen=True, slots=True)
class DialogueSettings:
    tariff: Tariff = field(default_factory=Tariff)
    minimum: Minor = Minor(100)
    offline_limit: Minor = Minor(1000)
    cash_tag: str = "CASH"
    uid_tokens: bool = False
    languages: tuple[str, ...] = ("es", "en")
    coins_fitted: bool = True
    reader_fitted: bool = True
    denominations: tuple[int, ...] = (10, 20, 50, 100, 200)
    phone: str = ""
    name: str = "07"


@dataclass(frozen=True, slots=True)
class PointSeen:
    """A point as it was after its last commit."""

    state: str = "booting"
    data: PointData = field(default_factory=lambda: PointData(ConnectorId(0)))

    @property
    def session(self) -> Session | None:
        return self.data.session

    @property
    def is_running(self) -> bool:
        return self.state.startswith("session/")

    @property
    def is_usable(self) -> bool:
        """A new customer may begin here."""
        return self.data.may_start and self.state in (
            "idle/free",
            "idle/plugged",
            "settling/billed",
        )


@dataclass(frozen=True, slots=True)
class CardSeen:
    id_tag: str
    is_green_card: bool


@dataclass(frozen=True, slots=True)
class DialogueData:
    focus: ConnectorId
    points: dict[ConnectorId, PointSeen]
    language: str = "es"
    easy: bool = False
    credit: dict[ConnectorId, Minor] = field(default_factory=dict)
    coins: int = 0  # in this payment
    last_coin: Minor = Minor(0)
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
    kiosk_alive: bool = False
    online: bool = False
    next_session: SessionId = SessionId("")
    next_code: str = ""
    coins_accepted: bool = False
    clock_minute: str = ""
    down: frozenset[str] = frozenset()  # shared devices that do not answer
    booked: dict[str, tuple[int, int]] = field(default_factory=dict)  # serial: epoch, sequence

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


@dataclass(slots=True)
class DialogueDraft:
    effects: list[Effect] = field(default_factory=list)
    postings: list[ledger.Posting] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    cursors: list[CoinCursor] = field(default_factory=list)


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
        self.data = replace(self.data, **changes)  # type: ignore[arg-type]  # checked by callers' names

    def timer(self, name: str, delay_s: float) -> None:
        self.set(deadline=self.now.monotonic + delay_s)
        self.do(StartTimer(name, delay_s, self.mint()))


# --- guards --------------------------------------------------------------------------------------


def has_credit(talk: Talk) -> bool:
    return talk.data.here > 0


def no_credit(talk: Talk) -> bool:
    return talk.data.here == 0


def focus_is_running(talk: Talk) -> bool:
    return talk.data.point.is_running or talk.data.point.state.startswith("settling/")


def focus_is_plugged(talk: Talk) -> bool:
    return talk.data.point.data.is_plugged and talk.data.point.is_usable


def about_is_usable(talk: Talk) -> bool:
    return talk.data.points[talk.about].is_usable


def about_focus(talk: Talk) -> bool:
    return talk.about == talk.data.focus


def focus_unplugged(talk: Talk) -> bool:
    return not talk.data.point.data.is_plugged


def can_start_cash(talk: Talk) -> bool:
    data = talk.data
    return (
        data.point.is_usable and data.point.data.is_plugged and data.here >= talk.settings.minimum
    )


def can_start_card(talk: Talk) -> bool:
    return talk.data.point.is_usable and talk.data.point.data.is_plugged


def running_session_of_card(talk: Talk) -> ConnectorId | None:
    """The connector whose running session this card pays for: tapping it again stops it."""
    card = talk.data.card
    for connector, seen in talk.data.points.items():
        if seen.is_running and seen.session and card and seen.session.order.id_tag == card.id_tag:
            return connector
    return None


def card_owns_a_session(talk: Talk) -> bool:
    return running_session_of_card(talk) is not None


def can_serve(talk: Talk) -> bool:
    """Somebody new can be served: a screen is alive and a connector is usable."""
    return talk.data.kiosk_alive and any(seen.is_usable for seen in talk.data.points.values())


def foreign_may_ask(talk: Talk) -> bool:
    return talk.settings.uid_tokens and can_serve(talk)


def answer_is_active(talk: Talk) -> bool:
    answer = talk.data.answer
    return (
        answer is not None
        and answer.status is TokenStatus.ACCEPTED
        and not _account_is_closed(answer)
    )


def answer_is_low(talk: Talk) -> bool:
    answer = talk.data.answer
    if not answer_is_active(talk) or answer is None or answer.account is None:
        return False
    limited = answer.account.plan.kind != "flatRate"
    return limited and answer.account.spend_limit < talk.settings.minimum


def answer_is_blocked(talk: Talk) -> bool:
    answer = talk.data.answer
    if answer is None:
        return False
    return answer.status in (TokenStatus.BLOCKED, TokenStatus.EXPIRED) or _account_is_closed(answer)


def _account_is_closed(answer: TokenAnswer) -> bool:
    return answer.account is not None and answer.account.state is not AccountState.ACTIVE


def cash_session_in_focus(talk: Talk) -> bool:
    session = talk.data.point.session
    return talk.data.point.is_running and session is not None and session.order.means is Means.CASH


def code_is_right(talk: Talk) -> bool:
    session = talk.data.point.session
    return session is not None and talk.data.typed == session.order.code != ""


def code_is_incomplete(talk: Talk) -> bool:
    return len(talk.data.typed) < CODE_LENGTH


def keypad_is_open(talk: Talk) -> bool:
    return talk.now.monotonic >= talk.data.locked_until


def is_owed(talk: Talk) -> bool:
    return talk.data.leaving is not None and talk.data.leaving.owed > 0


def has_receipt(talk: Talk) -> bool:
    return talk.data.leaving is not None and talk.data.leaving.energy > 0


def left_with_credit(talk: Talk) -> bool:
    return about_focus(talk) and has_credit(talk)


def left_with_change(talk: Talk) -> bool:
    return about_focus(talk) and is_owed(talk)


def left_with_receipt(talk: Talk) -> bool:
    return about_focus(talk) and has_receipt(talk)


def knows_card(talk: Talk) -> bool:
    return talk.data.card is not None


# --- focus, credit -------------------------------------------------------------------------------


def focus_here(talk: Talk) -> None:
    """The connector the event is about comes to the front and takes the waiting credit."""
    talk.set(focus=talk.about)
    take_credit(talk)


def focus_free(talk: Talk) -> None:
    """A new customer without a plug yet: the connector in focus if usable, else the first usable."""
    if not talk.data.point.is_usable:
        for connector, seen in sorted(talk.data.points.items()):
            if seen.is_usable:
                talk.set(focus=connector)
                break


def take_credit(talk: Talk) -> None:
    """Unassigned credit belongs to the first plug (decisions §3)."""
    data = talk.data
    waiting = data.credit.get(UNASSIGNED, Minor(0))
    if waiting == 0 or not data.point.data.is_plugged or not data.point.is_usable:
        return
    talk.draft.postings.append(
        ledger.transfer(
            f"assign:{talk.take_name()}",
            waiting,
            debit=ledger.UNASSIGNED,
            credit=ledger.credit(data.focus),
        )
    )
    talk.set(credit={**data.credit, UNASSIGNED: Minor(0), data.focus: data.here})


def count_credit(talk: Talk, connector: ConnectorId, amount: Minor) -> None:
    credit = dict(talk.data.credit)
    credit[connector] = Minor(credit.get(connector, Minor(0)) + amount)
    talk.set(credit=credit)


# --- cash ----------------------------------------------------------------------------------------


def open_cash(talk: Talk) -> None:
    focus_free(talk)
    take_credit(talk)
    talk.timer("t_idle", 60)


def start_cash(talk: Talk) -> None:
    """Credit leaves our copy now; the point books it, or gives it back as a refused start."""
    take_credit(talk)
    data = talk.data
    order = StartOrder(
        talk.take_name(),
        Means.CASH,
        talk.settings.cash_tag,
        talk.settings.tariff,
        data.here,
        data.next_code,
    )
    talk.do(TellPoint(data.focus, Start(order)))
    talk.set(credit={**data.credit, data.focus: Minor(0)}, coins=0)
    talk.timer("t_code", 15)


def add_to_session(talk: Talk, amount: Minor, key: str) -> None:
    talk.do(TellPoint(talk.data.focus, AddCredit(amount, key)))


def owe_everything(talk: Talk) -> None:
    """Return what was inserted. Without a hopper it is owed, under a reference (decisions §4)."""
    data, name = talk.data, talk.take_name()
    for connector in (UNASSIGNED, data.focus):
        amount = data.credit.get(connector, Minor(0))
        if amount:
            account = ledger.UNASSIGNED if connector == UNASSIGNED else ledger.credit(connector)
            talk.draft.postings.append(
                ledger.transfer(
                    f"owe:{name}:{connector}",
                    amount,
                    debit=account,
                    credit=ledger.OWED,
                )
            )
    owed = data.here
    credit = {**data.credit, UNASSIGNED: Minor(0), data.focus: Minor(0)}
    leaving = Leaving(Minor(0), owed, Wh(0), 0, "", reference_of(name), Means.CASH)
    talk.draft.incidents.append(
        Incident("cash.owed", f"{owed} minor units owed, reference {leaving.code}")
    )
    talk.set(credit=credit, coins=0, leaving=leaving)
    talk.timer("t_iou", 120)


def reference_of(session: SessionId) -> str:
    """Eight characters a person can read out."""
    return session.replace("-", "")[:8].upper()


# --- cards ---------------------------------------------------------------------------------------


def ask_about_card(talk: Talk) -> None:
    focus_free(talk)
    card = talk.data.card
    assert card is not None  # the event that leads here names it
    number = talk.data.requests + 1
    request = RequestId(f"q{number}")
    talk.set(requests=number, request=request, answer=None)
    talk.timer("t_answer", 12)
    talk.do(AskToken(request, card.id_tag, talk.data.focus, card.is_green_card))


def welcome_card(talk: Talk) -> None:
    talk.set(request=None)
    talk.do(CancelTimer("t_answer"), Sound("ok"))
    talk.timer("t_idle", 60)


def refuse_card(talk: Talk) -> None:
    talk.set(request=None)
    if talk.data.answer is not None:
        reason = "unknown_offline" if talk.data.answer.offline else "invalid"
        if talk.data.answer.status is TokenStatus.CONCURRENT_TX:
            reason = "busy"
        talk.set(reason=reason)
    talk.do(CancelTimer("t_answer"), Sound("error"))
    talk.timer("t_idle", 30)


def no_answer(talk: Talk) -> None:
    talk.set(reason="unknown_offline", request=None)
    talk.do(Sound("error"))
    talk.timer("t_idle", 30)


def refuse_foreign(talk: Talk) -> None:
    talk.set(reason="not_green_card")
    _refuse(talk)


def refuse_clone(talk: Talk) -> None:
    talk.set(reason="cloned")
    talk.draft.incidents.append(Incident("card.not_authentic", "authentication failed"))
    _refuse(talk)


def refuse_unreadable(talk: Talk) -> None:
    talk.set(reason="unreadable")
    _refuse(talk)


def refuse_busy(talk: Talk) -> None:
    """Nothing free here, or nobody to show it to."""
    talk.set(reason="busy")
    _refuse(talk)


def _refuse(talk: Talk) -> None:
    talk.do(Sound("error"))
    talk.timer("t_idle", 30)


def error_tone(talk: Talk) -> None:
    talk.do(Sound("error"))


def start_card(talk: Talk) -> None:
    data, answer, card = talk.data, talk.data.answer, talk.data.card
    assert answer is not None  # gc_ok is reached with an answer only
    assert card is not None
    account = answer.account
    limit: Minor | None = account.spend_limit if account else talk.settings.offline_limit
    if (
        account is not None
        and account.plan.kind == "flatRate"
        and account.tariff.energy_milli_per_kwh == 0
    ):
        limit = None
    order = StartOrder(
        talk.take_name(),
        Means.GREENCARD if card.is_green_card else Means.TOKEN,
        card.id_tag,
        account.tariff if account else talk.settings.tariff,
        limit,
        included=included_energy(account),
        offline=answer.offline,
    )
    talk.do(TellPoint(data.focus, Start(order)))


def included_energy(account: Account | None) -> Wh:
    """What a flat rate still includes; the tariff of the account is the price beyond it."""
    if account is None or account.plan.kind != "flatRate":
        return Wh(0)
    return account.plan.wh_left or Wh(0)


def stop_card_session(talk: Talk) -> None:
    connector = running_session_of_card(talk)
    assert connector is not None  # card_owns_a_session
    talk.set(focus=connector)
    talk.do(TellPoint(connector, Stop(EndCause.CUSTOMER)), Sound("ok"))


def price_of_answer(data: DialogueData, settings: DialogueSettings) -> Tariff:
    account = data.answer.account if data.answer else None
    return account.tariff if account else settings.tariff


def approximate_energy(tariff: Tariff, budget: Minor) -> Wh:
    return energy_within(tariff, budget, Consumption()) or Wh(0)


# --- stopping ------------------------------------------------------------------------------------


def ask_for_proof(talk: Talk) -> None:
    talk.set(typed="")
    talk.timer("t_auth", 45)


def type_digit(talk: Talk) -> None:
    digit = str(talk.event)[-1]
    talk.set(typed=(talk.data.typed + digit)[:CODE_LENGTH])
    talk.timer("t_auth", 45)


def clear_digits(talk: Talk) -> None:
    talk.set(typed="")


def stop_by_code(talk: Talk) -> None:
    talk.set(typed="", wrong=0)
    talk.do(TellPoint(talk.data.focus, Stop(EndCause.CUSTOMER)), Sound("ok"))


def reject_code(talk: Talk) -> None:
    wrong = talk.data.wrong + 1
    talk.set(typed="", wrong=wrong)
    talk.do(Sound("error"))
    if wrong >= WRONG_CODES:
        talk.set(wrong=0, locked_until=talk.now.monotonic + KEYPAD_LOCK_S)
        talk.do(StartTimer("t_unlock", KEYPAD_LOCK_S, talk.mint()))
        talk.draft.incidents.append(
            Incident("code.locked", f"connector {talk.data.focus}: three wrong codes")
        )


# --- leaving -------------------------------------------------------------------------------------


def say_goodbye(talk: Talk) -> None:
    talk.set(card=None, answer=None, reason="", wrong=0)
    talk.timer("t_thanks", 6)


def offer_receipt(talk: Talk) -> None:
    talk.timer("t_receipt", 30)


def show_owed(talk: Talk) -> None:
    leaving = talk.data.leaving
    assert leaving is not None  # is_owed
    talk.draft.incidents.append(
        Incident("cash.owed", f"{leaving.owed} minor units owed, reference {leaving.code}")
    )
    talk.timer("t_iou", 120)


def clear_customer(talk: Talk) -> None:
    talk.set(
        card=None, answer=None, request=None, reason="", typed="", wrong=0, coins=0, leaving=None
    )
    focus_free(talk)


# --- overlays and time ---------------------------------------------------------------------------


def lies_under(state: str) -> Callable[[Talk], bool]:
    return lambda talk: talk.data.under == state


def open_overlay(talk: Talk) -> None:
    talk.set(under=talk.state)
    talk.timer("t_overlay", 60)


def close_overlay(talk: Talk) -> None:
    """The step below gets its full time again."""
    talk.do(CancelTimer("t_overlay"))
    seconds = {"stop_auth": ("t_auth", 45), "code": ("t_code", 15), "receipt": ("t_receipt", 30)}
    if talk.data.under in seconds:
        talk.timer(*seconds[talk.data.under])
    elif talk.data.under in ("cash_in", "gc_tap", "gc_ok", "gc_low", "res_none"):
        talk.timer("t_idle", 60)


def toggle_easy(talk: Talk) -> None:
    talk.set(easy=not talk.data.easy)


def ask_more_time(talk: Talk) -> None:
    talk.set(under=talk.state)
    talk.do(Sound("attention"))
    talk.timer("t_more", 20)


def give_more_time(talk: Talk) -> None:
    talk.do(CancelTimer("t_more"))
    talk.timer("t_idle", 60)


def gives_up_money(talk: Talk) -> bool:
    return talk.data.under == "cash_in" and has_credit(talk)
