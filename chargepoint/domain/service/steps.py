"""What every page of the menu does: open another page, ask, order, write into the audit."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import StartTimer
from chargepoint.domain.service.orders import Consult, Deed, Perform, ServiceNote
from chargepoint.domain.service.values import ServiceData

# Pages that show what the journal and the devices say.
CONSULTED = frozenset(
    {
        *("t_home", "t_cash", "t_owed", "t_refill", "t_collect_report", "t_collect_done"),
        *("t_sessions", "t_session", "t_devices", "t_device", "t_meter", "t_test", "t_logs"),
        *("t_log", "t_doings", "t_ocpp", "t_tariff", "t_net", "t_sw", "t_set"),
        *("t_commission",),
        *("t_replace_drain", "t_replace_swap", "t_replace_check", "t_replace_trial"),
        *("t_replace_done", "t_avail", "t_trace", "t_reach"),
    }
)


# Of those, what changes while somebody looks on.
LIVE = CONSULTED & {
    *("t_home", "t_cash", "t_devices", "t_device", "t_meter", "t_test", "t_logs", "t_doings"),
    *(
        "t_ocpp",
        "t_trace",
        "t_net",
        "t_sw",
        "t_commission",
        "t_replace_drain",
        "t_replace_swap",
        "t_replace_check",
    ),
}
_REFRESH_S = 2.0


def service(talk: Talk) -> ServiceData:
    return talk.data.service


def go(talk: Talk, page: str, subject: str = "", notice: str = "", *, is_good: bool = True) -> None:
    """Open `page`; what was typed and answered before is not for it."""
    talk.serve(
        page=page,
        subject=subject,
        sheet=None,
        first=0,
        typed="",
        waiting=False,
        notice=notice,
        is_good=is_good,
        touched=frozenset(),
    )
    ask(talk)


def ask(talk: Talk) -> None:
    request = next_request(talk)
    data = service(talk)
    if data.page in CONSULTED:
        talk.do(Consult(request, data.page, data.subject))
    if data.page in LIVE:
        talk.do(StartTimer("t_refresh", _REFRESH_S, talk.mint()))
    else:
        talk.stop_timer("t_refresh")


def refresh(talk: Talk) -> None:
    """A live page is asked for anew; what is on it stays until the answer is here."""
    data = service(talk)
    if data.page not in LIVE:
        return
    if data.waiting:
        talk.do(StartTimer("t_refresh", _REFRESH_S, talk.mint()))
    else:
        ask(talk)


def next_request(talk: Talk) -> int:
    request = service(talk).request + 1
    talk.serve(request=request)
    return request


def say(talk: Talk, notice: str, *, is_good: bool = True) -> None:
    talk.serve(notice=notice, is_good=is_good)


def perform(talk: Talk, deed: Deed, subject: str = "", reason: str = "") -> None:
    """Order it and wait for the outcome; the audit has both."""
    data = service(talk)
    assert data.person is not None  # every page with a deed lies behind the PIN
    note(talk, _named(deed, subject), "ordered")
    request = next_request(talk)
    talk.serve(waiting=True, notice="")
    talk.do(Perform(request, deed, data.person, subject, data.amount, reason))


def note(talk: Talk, what: str, outcome: str) -> None:
    person = service(talk).person
    name, role = (person.name, str(person.role)) if person is not None else ("", "")
    talk.draft.service_notes.append(ServiceNote(name, role, what, outcome))


def _named(deed: Deed, subject: str) -> str:
    return f"{deed} {subject}".strip()
