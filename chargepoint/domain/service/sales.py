"""T_SESSIONS: charges that are over, found again; a copy on paper, money given back."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.people import may_refund
from chargepoint.domain.service.steps import go, perform, say, service
from chargepoint.domain.service.values import Fact, Key
from chargepoint.domain.units import Minor

REASONS = ("no_energy", "stopped_early", "overcharged", "goodwill")


def list_keys(_talk: Talk) -> tuple[Key, ...]:
    return (Key("t_find"),)


def keys(talk: Talk) -> tuple[Key, ...]:
    data = service(talk)
    if data.sheet is None or data.person is None:
        return ()
    can_print = talk.settings.printer_fitted
    paper = (Key("t_reprint", "printer" not in talk.data.down, "offline"),) if can_print else ()
    refund = Key("t_refund", data.sheet.amount > 0, "nothing_left")
    dispute = (Key("t_dispute"),) if talk.settings.exports_logs else ()
    return (*paper, *((refund,) if may_refund(data.person.role) else ()), *dispute)


def pressed(talk: Talk, button: str) -> None:
    data = service(talk)
    if button == "t_reprint":
        perform(talk, Deed.REPRINT, data.subject)
    elif button == "t_dispute":
        perform(talk, Deed.DISPUTE, data.subject)
    elif data.sheet is not None:
        left = data.sheet.amount
        go(talk, "t_refund", data.subject)
        talk.serve(amount=left)


def typed_amount(talk: Talk) -> None:
    """Nobody gets back more than was paid; the keypad says what is left."""
    data = service(talk)
    wanted = int(data.typed or 0)
    if not 0 < wanted <= data.amount:
        say(talk, "refund_too_much", is_good=False)
        talk.serve(typed="")
        return
    _ask_why(talk, wanted)


def all_of_it(talk: Talk, _button: str) -> None:
    _ask_why(talk, service(talk).amount)


def _ask_why(talk: Talk, wanted: int) -> None:
    go(talk, "t_refund_why", service(talk).subject)
    talk.serve(amount=Minor(wanted))


def why_facts(talk: Talk) -> tuple[Fact, ...]:
    return (
        Fact("refund.amount", str(service(talk).amount), "money"),
        *(Fact(f"refund.why.{reason}", id=reason) for reason in REASONS),
    )


def why_chosen(talk: Talk, reason: str) -> None:
    subject = service(talk).subject
    perform(talk, Deed.REFUND, subject, reason)
    talk.serve(page="t_session")
