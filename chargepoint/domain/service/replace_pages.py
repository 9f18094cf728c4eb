"""The pages of a replacement before its trial: what can be pressed, and what that makes of it."""

from dataclasses import replace

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import SetOperative, TellPoint
from chargepoint.domain.record import Incident
from chargepoint.domain.service.examination import Wanted, examined, is_fit
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.passport import Passport, closed_key
from chargepoint.domain.service.replacing import (
    PLANS,
    connector_of,
    drain,
    give_up,
    kind_of,
    plan_of,
    show,
    step,
    under_way,
)
from chargepoint.domain.service.steps import go, note, perform, say, service
from chargepoint.domain.service.values import Fact, Key, Replacement

_DRAINED = {"yes": ("replace.drained", "ok"), "no": ("replace.undrained", "bad")}


# --- before it begins -----------------------------------------------------------------------------


def home_facts(talk: Talk) -> tuple[Fact, ...]:
    """What was begun and not ended comes first."""
    now = service(talk).replacement
    return () if now is None else (Fact("replace.home", mark="warn"),)


def device_facts(talk: Talk) -> tuple[Fact, ...]:
    now = service(talk).replacement
    is_here = now is not None and now.device == service(talk).subject
    return (Fact("replace.home", mark="warn"),) if is_here else ()


def device_keys(talk: Talk) -> tuple[Key, ...]:
    """What can be replaced while the station lives on."""
    return (Key("t_replace"),) if kind_of(service(talk).subject) in PLANS else ()


def device_pressed(talk: Talk, _button: str) -> None:
    """Go on with what is under way, or say what a replacement does."""
    now, subject = service(talk).replacement, service(talk).subject
    if now is None:
        go(talk, "t_replace", subject)
    elif now.device == subject:
        show(talk, now)
    else:
        say(talk, "replace_other", is_good=False)


def begin(talk: Talk, _button: str) -> None:
    subject = service(talk).subject
    why = _hindrance(talk, subject)
    if why:
        note(talk, f"replace {subject}", "refused")
        say(talk, why, is_good=False)
        return
    operative = True
    if kind_of(subject) == "meter":
        connector = connector_of(subject)
        operative = talk.data.points[connector].data.operative
        talk.do(TellPoint(connector, SetOperative(operative=False)))
    note(talk, f"replace {subject}", "begun")
    step(talk, Replacement(subject, was_operative=operative))


def _hindrance(talk: Talk, subject: str) -> str:
    """Why not now: whoever is being served comes first."""
    if service(talk).collection is not None:
        return "replace_collect"
    match kind_of(subject):
        case "meter":
            seen = talk.data.points[connector_of(subject)]
            busy = seen.session is not None or seen.data.is_plugged or seen.data.pending is not None
            return "not_while_used" if busy else ""
        case "bank_terminal":
            return "replace_holds" if talk.data.pay.holds_open else ""
        case _:
            return ""


# --- drain, swap, check ---------------------------------------------------------------------------


def drain_pressed(talk: Talk, button: str) -> None:
    match button:
        case "t_again":
            drain(talk)
        case "t_give_up":
            give_up(talk)
        case _:
            _close_epoch(talk, is_read=button == "key_ok")


def _close_epoch(talk: Talk, *, is_read: bool) -> None:
    """The old one is read, or cannot be: either way its count here ends now."""
    now, old = under_way(talk), _passport(talk)
    serial, mark = (old.serial, old.booked) if old is not None else ("", "")
    if old is not None and serial and mark and plan_of(talk).counts:
        talk.draft.settings.append((closed_key(serial), old.epoch))
    if not is_read:
        detail = f"{now.device} {serial or '?'} taken out unread, booked up to {mark or '?'}"
        talk.draft.incidents.append(Incident("replacement.undrained", detail, now.device))
    note(talk, f"replace {now.device}", f"{serial or '?'} closed at {mark or '?'}")
    step(talk, replace(now, step="swap", old=serial, mark=mark))
    if not is_read and kind_of(now.device) == "hopper":
        perform(talk, Deed.WRITE_OFF, now.device)


def swap_pressed(talk: Talk, button: str) -> None:
    if button == "t_give_up":
        give_up(talk)
    else:
        step(talk, replace(under_way(talk), step="check"))


def check_pressed(talk: Talk, button: str) -> None:
    """Only what is fit gets further: the key is shut else."""
    now, new = under_way(talk), _passport(talk)
    if button == "t_give_up" or new is None:
        give_up(talk)
        return
    note(talk, f"replace {now.device}", f"{new.serial or '?'} in its place")
    step(talk, replace(now, step="trial", new=new.serial))


def _passport(talk: Talk) -> Passport | None:
    sheet = service(talk).sheet
    return None if sheet is None else sheet.passport


def back(talk: Talk) -> None:
    """The work stays where it is; the device's page leads to it again."""
    go(talk, "t_device", under_way(talk).device)


# --- what they show -------------------------------------------------------------------------------


def drain_facts(talk: Talk) -> tuple[Fact, ...]:
    word, mark = _DRAINED.get(under_way(talk).drained, ("replace.draining", "warn"))
    old = _passport(talk)
    if old is None:
        return (Fact("replace.drain", word, "key", mark),)
    booked = (Fact("replace.booked", old.booked, mark="ok"),) if old.booked else ()
    return (
        Fact("replace.drain", word, "key", mark),
        Fact("device.serial", old.serial or "-"),
        *booked,
    )


def drain_keys(talk: Talk) -> tuple[Key, ...]:
    is_told, drained = service(talk).sheet is not None, under_way(talk).drained
    without = (Key("t_without", is_told), Key("t_again")) if drained == "no" else ()
    return (Key("key_ok", is_told and drained == "yes"), *without, Key("t_give_up"))


def swap_facts(talk: Talk) -> tuple[Fact, ...]:
    now = under_way(talk)
    return (
        Fact("replace.closed", f"{now.old or '-'} {now.mark}".strip(), mark="ok"),
        *(Fact(f"replace.swap_{each}") for each in ("off", "change", "on")),
    )


def check_facts(talk: Talk) -> tuple[Fact, ...]:
    now, new = under_way(talk), _passport(talk)
    return () if new is None else examined(now.old, new, _wanted(talk))


def check_keys(talk: Talk) -> tuple[Key, ...]:
    return (Key("key_ok", is_fit(check_facts(talk))), Key("t_give_up"))


def _wanted(talk: Talk) -> Wanted:
    plan = plan_of(talk)
    values: tuple[int, ...] = ()
    if plan.trial == "coin":
        values = talk.settings.denominations
    elif plan.trial == "note":
        values = talk.settings.note_values
    return Wanted(values, has_serial=plan.has_serial, counts=plan.counts)
