"""DialogueMachine: the conversation with whoever stands before the screen. One door: `handle`."""

from dataclasses import dataclass, replace

from chargepoint.domain.devices import (
    CardNotAuthentic,
    CardUnreadable,
    CoinCursorMoved,
    CoinRefused,
    CoinSeen,
    ForeignCardRead,
    GreenCardRead,
)
from chargepoint.domain.dialogue import access_talk as access
from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import (
    expectation,
    leaving_talk,
    mishap_talk,
    money,
    payment_table,
    point_triggers,
    recalled,
    screen_buttons,
    screen_params,
    screens,
    table,
    unseen,
    voucher_talk,
)
from chargepoint.domain.dialogue.context import (
    CardSeen,
    DialogueData,
    DialogueDraft,
    DialogueSettings,
    Params,
    Talk,
)
from chargepoint.domain.dialogue.events import (
    BankChanged,
    ChangeLevel,
    DialogueEvent,
    DiskStalled,
    InvoiceIssued,
    KioskChanged,
    LinkChanged,
    NamesDrawn,
    OwedRecovered,
    PaidOut,
    PointChanged,
    PointSaid,
    Pressed,
    PrintFailed,
    SharedDevice,
    Tick,
    TokenAnswered,
    TopUpDelivered,
    TopUpRefused,
    VoucherAnswered,
    VoucherFound,
    WindowNear,
)
from chargepoint.domain.effects import Effect, Sound
from chargepoint.domain.engine import Engine
from chargepoint.domain.now import Now
from chargepoint.domain.payments import (
    BankPrompt,
    BankResult,
    NoteCursorMoved,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
)
from chargepoint.domain.point.context import Billed, CreditReturned, ReservationUsed, StartRefused
from chargepoint.domain.point.machine import TimerFired
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.record import Batch, Incident
from chargepoint.domain.service import talk as service
from chargepoint.domain.session import Means
from chargepoint.domain.units import ConnectorId, Minor
from chargepoint.quick import quickly_made

_KEEPS_ITS_CARD = frozenset({"stop_auth", "service", *payment_table.SOMEBODY_PAYS})
_KEYPADS = frozenset({"stop_auth", "code_set", "voucher_in", "res_id"})


@quickly_made
@dataclass(frozen=True, slots=True)
class DialogueOutcome:
    """`is_unseen`: what changed is on no screen; whoever shows one need not look."""

    batch: Batch
    effects: tuple[Effect, ...]
    state: str
    is_unseen: bool = False


class DialogueMachine:
    def __init__(self, data: DialogueData, settings: DialogueSettings, now: Now) -> None:
        self._talk = Talk(data, settings, now)
        self._engine: Engine[Talk] = Engine(self._talk, table.TABLE)
        self._timers: dict[str, int] = {}
        self._stalled = False
        self._screen: tuple[str, tuple[str, ...]] = ("", ())
        self._screen_seq = 0
        self._buttons: tuple[
            DialogueData | None,
            DialogueSettings,
            tuple[str, ConnectorId, Now],
            tuple[screen_buttons.ButtonState, ...],
        ] = (None, settings, ("", data.focus, now), ())

    @property
    def state(self) -> str:
        return self._engine.state

    @property
    def data(self) -> DialogueData:
        return self._talk.data

    @property
    def settings(self) -> DialogueSettings:
        return self._talk.settings

    @property
    def screen_seq(self) -> int:
        return self._screen_seq

    def screen(self) -> str:
        return screens.screen_of(self.state, self._talk.data)

    @property
    def leads_to_stop(self) -> bool:
        """What is on the screen is the way to stop a charge, and nothing that a commit must hold."""
        return self.screen() in screens.WAY_TO_STOP

    def buttons(self) -> tuple[screen_buttons.ButtonState, ...]:
        """Asked again while nothing has changed, they are what they were."""
        talk, state = self._talk, self.state
        asked = (state, talk.about, talk.now)
        data, settings, asked_before, found = self._buttons
        if data is not talk.data or settings is not talk.settings or asked != asked_before:
            found = screen_buttons.buttons_of(state, talk)
            self._buttons = (talk.data, talk.settings, asked, found)
        return found

    def params(self, now: Now) -> Params:
        """The numbers on the screen at `now`; countdowns count to it."""
        self._talk.now = now
        return screen_params.params_of(self.state, self._talk)

    def handle(self, event: DialogueEvent, now: Now) -> DialogueOutcome:
        """Decide. On an exception nothing has changed and it is raised again."""
        talk, engine = self._talk, self._engine
        before = (talk.data, engine.state, dict(self._timers), talk.now, self._stalled)
        talk.draft, talk.event, talk.now = DialogueDraft(), event, now
        talk.about, talk.state = talk.data.focus, self.state
        try:
            leaving_talk.seat(talk, self.state)
            if not self._serve(event):
                self._decide(event)
            if self.state == "service" and service.is_left(talk):
                self._fire("service_left")
            self._come_home()
            leaving_talk.seat(talk, self.state)
            expectation.level(talk, self.state, screens.OVERLAYS)
            access.attend(talk, self.state)
            mishap_talk.attend(talk, before[1], self.state, is_timed="t_idle" in self._timers)
            self._note_timers()
            money.drop_unused_hold(talk, self.state)
            money.level(talk, self.state, stalled=self._stalled)
        except BaseException:
            talk.data, state, self._timers, talk.now, self._stalled = before
            engine.restore(state)
            raise
        self._count_screen()
        batch, effects = talk.draft.batch(), tuple(talk.draft.effects)
        is_quiet = self.state == before[1] and not effects
        is_unseen = is_quiet and unseen.is_reading(event, before[0], talk.data)
        return DialogueOutcome(batch, effects, self.state, is_unseen)

    def _serve(self, event: DialogueEvent) -> bool:
        """What opens the service menu, and what is for it alone; True when it was."""
        if self.state == "service" or not service.is_asked_for(self._talk, event):
            return service.hear(self._talk, event)
        self._fire("service")
        service.hear(self._talk, event)
        return True

    def _come_home(self) -> None:
        """Nobody is being served: whose money is it that still lies here, and who stands here?"""
        for trigger in ("forgotten", "waiting", "recovered", "standing"):
            if self.state == "home":
                self._fire(trigger)
        if self.state == "pay":  # a cut while money was given back, and the car never left
            self._fire("recovered")

    # --- one kind of event each ---

    def _decide(self, event: DialogueEvent) -> None:  # noqa: C901 - one flat case per kind
        match event:
            case Pressed():
                self._press(event)
            case TimerFired(name=name, generation=generation):
                if self._timers.get(name) == generation:
                    del self._timers[name]
                    self._fire(name)
            case PointChanged():
                self._see_point(event)
            case PointSaid():
                self._hear_point(event)
            case TokenAnswered(request=request, answer=answer):
                if request == self._talk.data.request:
                    self._talk.set(answer=answer)
                    recalled.recall(self._talk, answer)
                    self._fire("answered")
            case CoinSeen() | CoinRefused() | CoinCursorMoved():
                money.hear_coin(self._talk, event, self._fire)
            case NoteInEscrow() | NoteStacked() | NoteReturned() | NoteCursorMoved():
                money.hear_note(self._talk, event, self._fire)
            case _:
                self._payment_or_card(event)

    def _payment_or_card(self, event: DialogueEvent) -> None:  # noqa: C901, PLR0912 - one flat case per kind
        talk = self._talk
        match event:
            case BankPrompt(prompt=prompt, text=text):
                talk.pay(prompt=prompt, prompt_text=text)
                self._fire("prompt")
            case BankResult():
                money.hear_bank(talk, event, self._fire)
            case BankChanged(online=online, holds_open=count):
                talk.pay(bank_online=online, holds_open=count)
            case ChangeLevel(payable=payable):
                talk.pay(payable=payable)
            case PaidOut():
                money.hear_payout(talk, event, self._fire)
            case VoucherAnswered(request=request):
                if request == talk.data.pay.voucher_request:
                    self._fire("voucher")
            case VoucherFound(request=request):
                if request == talk.data.pay.voucher_request:
                    self._fire("found")
            case OwedRecovered():
                voucher_talk.note_recovered(talk, event)
            case TopUpDelivered():
                money.hear_topup(talk, event, self._fire)
            case TopUpRefused():
                money.hear_topup_refused(talk, event, self._fire)
            case InvoiceIssued():
                money.hear_invoice(talk, event)
            case PrintFailed(session=session):
                if talk.data.leaving is not None and talk.data.leaving.session == session:
                    self._fire("unprinted")
            case _:
                self._card_or_fact(event)

    def _card_or_fact(self, event: DialogueEvent) -> None:  # noqa: C901, PLR0912 - one flat case per fact
        talk = self._talk
        match event:
            case GreenCardRead(number=number):
                self._card(CardSeen(number, is_green_card=True), "card")
            case ForeignCardRead(uid=uid):
                self._card(CardSeen(uid, is_green_card=False), "foreign")
            case CardNotAuthentic():
                self._fire("clone")
            case CardUnreadable():
                self._fire("unreadable")
            case NamesDrawn(session=session, code=code, voucher=voucher):
                talk.set(next_session=session, next_code=code, next_voucher=voucher)
            case KioskChanged(alive=alive):
                talk.set(kiosk_alive=alive)
            case LinkChanged(online=online):
                talk.set(online=online)
            case DiskStalled(stalled=stalled):
                self._stalled = stalled
            case SharedDevice(kind=kind, online=online):
                talk.set(down=talk.data.down - {kind} if online else talk.data.down | {kind})
            case WindowNear():
                talk.do(Sound("attention"))
            case Tick(clock_minute=minute):
                talk.set(clock_minute=minute)
            case _:
                access.hear(talk, event)

    def _press(self, event: Pressed) -> None:
        """`stop` counts under any sequence while its session is current (decisions §1)."""
        session = self._talk.data.point.session
        same_session = session is not None and event.session == session.id
        fresh = event.screen_seq == self._screen_seq
        if not fresh and not (event.button == "stop" and same_session):
            return
        enabled = {button.id for button in self.buttons() if button.enabled}
        if event.button not in enabled:
            return
        self._talk.event = event.button
        if event.button.startswith("connector_"):
            self._talk.set(focus=ConnectorId(int(event.button.removeprefix("connector_"))))
        if event.button.startswith("lang_"):
            self._talk.set(language=event.button.removeprefix("lang_"))
            self._fire("chosen")
            return
        if self.state == "service":
            service.press(self._talk, event.button, event.held_s)
            self._note_timers()
            return
        self._fire(f"b_{event.button}")
        if self.state in _KEYPADS and event.button.startswith("key_"):
            self._fire("typed")

    def _card(self, card: CardSeen, trigger: str) -> None:
        """The card in hand replaces the one before, except where the hand must prove who it is."""
        kept, before = self._talk.data.card, self.state
        self._talk.set(card=card)
        self._fire(trigger)
        if self.state == before and before in _KEEPS_ITS_CARD:
            self._talk.set(card=kept)

    # --- points ---

    def _see_point(self, event: PointChanged) -> None:
        talk = self._talk
        old = talk.data.points[event.connector]
        new = event.seen
        talk.about = event.connector
        talk.set(points={**talk.data.points, event.connector: new})
        if talk.data.ordered == event.connector and new.session is not None:
            talk.set(ordered=None)
        triggers = point_triggers.of_change(old, new)
        for trigger in triggers:
            self._fire(trigger)
        leaving_talk.recall(talk, event.connector, new)
        if "left" in triggers:
            leaving_talk.has_left(talk, event.connector)

    def _hear_point(self, event: PointSaid) -> None:
        """Money a point did not take is credit again; the books never moved."""
        talk = self._talk
        talk.about = event.connector
        match event.notice:
            case StartRefused(order=order, reason=reason):
                talk.set(ordered=None)
                if order.means is Means.CASH:
                    action.count_credit(talk, event.connector, Minor(order.limit or 0))
                if order.hold is not None:
                    talk.pay(hold=order.hold)
                talk.set(reason=reason)
                self._fire("refused")
            case Billed(bill=found):
                leaving_talk.remember(talk, event.connector, found)
            case CreditReturned(amount=amount):
                action.count_credit(talk, event.connector, amount)
            case ReservationUsed():
                pass  # the book's business (app/reservations.py)

    # --- engine ---

    def _fire(self, trigger: str) -> bool:
        """True when somebody consumed it."""
        talk = self._talk
        if self.state in screens.OVERLAYS and trigger in table.PHYSICAL:
            talk.state = self.state
            self._engine.fire("lift")
            self._note_timers()
        talk.state = self.state
        fired = self._engine.fire(trigger)
        self._note_timers()
        for surprise in fired.surprises:
            talk.draft.incidents.append(Incident("machine.unexpected", surprise, "dialogue"))
        return fired.taken

    def _note_timers(self) -> None:
        for effect in self._talk.draft.effects:
            name = getattr(effect, "name", None)
            if name is not None:
                self._timers.pop(name, None)
                if hasattr(effect, "generation"):
                    self._timers[name] = effect.generation

    def _count_screen(self) -> None:
        screen = (self.screen(), tuple(button.id for button in self.buttons()))
        if screen != self._screen:
            self._screen = screen
            self._screen_seq += 1


def opening_data(
    points: dict[ConnectorId, PointSeen],
    credit: dict[ConnectorId, Minor],
    language: str,
) -> DialogueData:
    """The conversation at boot: nobody speaks, money from before is still there."""
    focus = next(iter(points))
    for connector, amount in credit.items():
        if amount > 0 and connector in points:
            focus = connector
    return replace(DialogueData(focus, points), credit=credit, language=language)
