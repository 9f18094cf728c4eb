"""Actions of the conversation's table (dialogue/table.py): they append effects and return."""

from chargepoint.domain.dialogue.context import (
    UNASSIGNED,
    DialogueData,
    DialogueSettings,
    Talk,
)
from chargepoint.domain.dialogue.guards import (
    CODE_LENGTH,
    forgotten_credit,
    running_session_of_card,
    running_session_of_group,
)
from chargepoint.domain.effects import (
    AddCredit,
    AskToken,
    CancelTimer,
    PrintReceipt,
    Sound,
    Start,
    StartTimer,
    Stop,
    TellPoint,
)
from chargepoint.domain.money import ledger
from chargepoint.domain.money.account import Account, TokenStatus
from chargepoint.domain.pricing.tariff import Consumption, Tariff, energy_within
from chargepoint.domain.record import Incident
from chargepoint.domain.session import EndCause, Means, StartOrder
from chargepoint.domain.units import ConnectorId, Minor, RequestId, SessionId, Wh

WRONG_CODES = 3
KEYPAD_LOCK_S = 60
OUT_SHOWN_S = 30
_OVERLAY_TIMES_S = {"language": 30, "help": 120}


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


def show_what_is_out(talk: Talk) -> None:
    """A connector out of order holds the screen for a while only: another one may be free."""
    if talk.data.point.is_out or talk.data.point.is_kept:
        talk.timer("t_idle", OUT_SHOWN_S)


def show_plugged_out(talk: Talk) -> None:
    talk.set(focus=talk.about)
    talk.do(Sound("error"))
    show_what_is_out(talk)


def leave_what_is_out(talk: Talk) -> None:
    """It broke before anybody paid."""
    forget_customer(talk)
    show_what_is_out(talk)


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


def open_cash(talk: Talk) -> None:
    focus_free(talk)
    take_credit(talk)
    talk.timer("t_idle", 60)


def show_forgotten_credit(talk: Talk) -> None:
    connector = forgotten_credit(talk)
    assert connector is not None  # credit_is_forgotten
    talk.set(focus=connector)
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
    talk.set(ordered=data.focus)
    talk.set(credit={**data.credit, data.focus: Minor(0)}, coins=0)
    talk.timer("t_code", 15)


def add_to_session(talk: Talk, amount: Minor, key: str) -> None:
    talk.do(TellPoint(talk.data.focus, AddCredit(amount, key)))


def reference_of(session: SessionId) -> str:
    """Eight characters a person can read out."""
    return session.replace("-", "")[:8].upper()


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
        if talk.data.answer.allowance is not None:
            reason = "offline_spent"
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


def turn_away(talk: Talk) -> None:
    talk.set(request=None)
    talk.do(CancelTimer("t_answer"))
    refuse_busy(talk)


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
    limit: Minor | None = account.spend_limit if account else offline_limit(talk)
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
        parent_tag=answer.parent_tag,
    )
    talk.do(TellPoint(data.focus, Start(order)))
    talk.set(ordered=data.focus)


def offline_limit(talk: Talk) -> Minor:
    """What a charge may cost when no account says it."""
    answer = talk.data.answer
    known = answer.allowance if answer else None
    return talk.settings.offline_limit if known is None else known


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


def stop_group_session(talk: Talk) -> None:
    connector, card = running_session_of_group(talk), talk.data.card
    assert connector is not None  # answer_ends_a_session
    assert card is not None  # it was asked about
    talk.set(focus=connector, request=None)
    stop = Stop(EndCause.CUSTOMER, id_tag=card.id_tag)
    talk.do(CancelTimer("t_answer"), TellPoint(connector, stop), Sound("ok"))


def stop_elsewhere(talk: Talk) -> None:
    """The charge ends; the screen stays with the customer who is using it."""
    connector = running_session_of_card(talk)
    assert connector is not None  # card_owns_a_session
    talk.do(TellPoint(connector, Stop(EndCause.CUSTOMER)), Sound("ok"))


def price_of_answer(data: DialogueData, settings: DialogueSettings) -> Tariff:
    account = data.answer.account if data.answer else None
    return account.tariff if account else settings.tariff


def approximate_energy(tariff: Tariff, budget: Minor) -> Wh:
    return energy_within(tariff, budget, Consumption()) or Wh(0)


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
    talk.pay(proved=True)
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


def say_goodbye(talk: Talk) -> None:
    talk.set(card=None, answer=None, reason="", wrong=0)
    talk.timer("t_thanks", 6)


def offer_receipt(talk: Talk) -> None:
    talk.timer("t_receipt", 30)


def can_show_receipt_qr(talk: Talk) -> bool:
    return talk.data.leaving is not None and bool(talk.data.leaving.qr)


def print_receipt(talk: Talk) -> None:
    leaving = talk.data.leaving
    assert leaving is not None  # the button is on its receipt
    talk.do(PrintReceipt(leaving.session, talk.data.language))
    say_goodbye(talk)


def show_receipt_qr(talk: Talk) -> None:
    """Time to take out a phone."""
    talk.timer("t_receipt", 60)


def clear_customer(talk: Talk) -> None:
    forget_customer(talk)
    focus_free(talk)


def forget_customer(talk: Talk) -> None:
    talk.set(
        card=None, answer=None, request=None, reason="", typed="", wrong=0, coins=0, leaving=None
    )
    talk.set(pay=talk.data.pay.of_nobody())


def open_overlay(talk: Talk) -> None:
    talk.set(under=talk.state)
    talk.timer("t_overlay", _OVERLAY_TIMES_S.get(str(talk.event), 60))


# How long a step waits for the customer, and the timer that says so.
STEP_TIMES = {
    **dict.fromkeys(("cash_in", "gc_tap", "gc_ok", "gc_low", "res_none"), ("t_idle", 60)),
    **dict.fromkeys(("gc_blocked", "gc_unknown"), ("t_idle", 30)),
    **dict.fromkeys(("card_no", "top_amt", "top_how", "voucher_in", "gc_load"), ("t_idle", 60)),
    **dict.fromkeys(("cash_nochange", "plug_err", "pay", "res_id", "top_other"), ("t_idle", 60)),
    "res_no": ("t_idle", 30),
    "check": ("t_check", 3),
    "cash_bad": ("t_bad", 3),
    "cable_stuck": ("t_stuck", 120),
    "res_ok": ("t_res", 5),
    "gc_wait": ("t_answer", 12),
    "code": ("t_code", 15),
    "code_set": ("t_auth", 45),
    "stop_auth": ("t_auth", 45),
    "cash_iou": ("t_iou", 120),
    "receipt": ("t_receipt", 30),
    "receipt_qr": ("t_receipt", 60),
    "thanks": ("t_thanks", 6),
    "top_done": ("t_thanks", 20),
}


def close_overlay(talk: Talk) -> None:
    """The step below gets its full time again."""
    talk.do(CancelTimer("t_overlay"))
    if talk.data.under in STEP_TIMES:
        talk.timer(*STEP_TIMES[talk.data.under])


def toggle_easy(talk: Talk) -> None:
    talk.set(easy=not talk.data.easy)


def ask_more_time(talk: Talk) -> None:
    talk.set(under=talk.state)
    talk.do(Sound("attention"))
    talk.timer("t_more", 20)


def give_more_time(talk: Talk) -> None:
    talk.do(CancelTimer("t_more"))
    talk.timer("t_idle", 60)
