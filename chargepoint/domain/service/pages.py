"""Every page of the menu in one table: where it leads, what can be pressed, what it shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service import (
    collect,
    commission,
    finding,
    link,
    login,
    mending,
    sales,
    senses,
    till,
    trials,
    upkeep,
)
from chargepoint.domain.service import housekeeping as house
from chargepoint.domain.service import replace_pages as replacing
from chargepoint.domain.service import replace_trial as trial
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.people import MENU, may_open
from chargepoint.domain.service.steps import go, note, perform, service
from chargepoint.domain.service.values import PIN_LONGEST, Fact, Key

# Devices that can be asked whether they are well, whoever is charging meanwhile.
SELF_TESTED = frozenset(
    {
        *("coin_acceptor", "note_validator", "hopper", "meter", "cabinet", "bank_terminal"),
        "printer",
    }
)

Press = Callable[[Talk, str], None]


def _no_keys(_talk: Talk) -> tuple[Key, ...]:
    return ()


def _nothing(_talk: Talk, _button: str) -> None:
    """A page without keys of its own."""


def _told(_talk: Talk) -> tuple[Fact, ...]:
    """What the station answered is all there is."""
    return ()


def _to_parent(talk: Talk) -> None:
    page = PAGES[service(talk).page]
    go(talk, page.parent, service(talk).subject if page.keeps_subject else "")


@dataclass(frozen=True, slots=True)
class Page:
    """`parent` is where `back` leads. A touched line `opens` a page, or is `chosen`.

    `digits` > 0: a keypad for so many, whose OK is `entered`. `facts`: lines the conversation
    knows itself, before those of the sheet.
    """

    parent: str = "t_home"
    keys: Callable[[Talk], tuple[Key, ...]] = _no_keys
    pressed: Press = _nothing
    opens: str = ""
    chosen: Press | None = None
    digits: int = 0
    entered: Callable[[Talk], None] = login.entered
    facts: Callable[[Talk], tuple[Fact, ...]] = _told
    back: Callable[[Talk], None] = _to_parent
    keeps_subject: bool = False


def _menu(talk: Talk) -> tuple[Key, ...]:
    person = service(talk).person
    return tuple(Key(page) for page in MENU if person is not None and may_open(person.role, page))


def _open(talk: Talk, button: str) -> None:
    """A key that is named like the page it opens."""
    go(talk, button, service(talk).subject)


def _cash_pressed(talk: Talk, button: str) -> None:
    if button == "t_collect":
        collect.begin(talk)
    else:
        go(talk, button)


def _ok(action: Callable[[Talk], None]) -> Press:
    return lambda talk, _button: action(talk)


def _one(*names: str) -> Callable[[Talk], tuple[Key, ...]]:
    return lambda _talk: tuple(Key(name) for name in names)


def _with_sheet(*names: str) -> Callable[[Talk], tuple[Key, ...]]:
    return lambda talk: tuple(Key(name, service(talk).sheet is not None) for name in names)


def _report_pressed(talk: Talk, button: str) -> None:
    if button == "t_give_up":
        collect.give_up(talk)
    else:
        collect.take_report(talk)


def _log_keys(talk: Talk) -> tuple[Key, ...]:
    exports = (Key("t_export"),) if talk.settings.exports_logs else ()
    return (Key("t_doings"), *exports)


def _log_pressed(talk: Talk, button: str) -> None:
    if button == "t_export":
        perform(talk, Deed.EXPORT)
    else:
        _open(talk, button)


def _device_keys(talk: Talk) -> tuple[Key, ...]:
    kind = service(talk).subject.partition(":")[0]
    tests = (Key("t_self_test"),) if kind in SELF_TESTED else ()
    return (*tests, *replacing.device_keys(talk))


def _device_pressed(talk: Talk, button: str) -> None:
    if button == "t_self_test":
        perform(talk, Deed.SELF_TEST, service(talk).subject)
    else:
        replacing.device_pressed(talk, button)


def leave(talk: Talk) -> None:
    """The menu is shut; whoever comes next has to show who they are."""
    if service(talk).person is not None:
        note(talk, "logout", "done")
    talk.serve(person=None, page="", sheet=None, typed="", waiting=False, notice="", first=0)
    talk.serve(request=service(talk).request + 1)  # answers that still come are for nobody
    talk.stop_timer("t_service")
    talk.stop_timer("t_refresh")


def leave_or_wait(talk: Talk) -> None:
    """With the door open nobody is served: the screen says who is at work."""
    if service(talk).door_open:
        talk.stop_timer("t_service")
        go(talk, "service_busy")
    else:
        leave(talk)


PAGES: Mapping[str, Page] = {
    "service_busy": Page(keys=_one("service"), pressed=lambda talk, _b: go(talk, "t_login")),
    "t_login": Page(digits=PIN_LONGEST, entered=login.entered, back=leave_or_wait),
    "t_home": Page(keys=_menu, pressed=_open, facts=replacing.home_facts),
    "t_out": Page(facts=upkeep.checklist, keys=_one("key_ok"), pressed=_ok(leave_or_wait)),
    # cash
    "t_cash": Page(keys=till.keys, pressed=_cash_pressed, facts=till.facts),
    "t_owed": Page("t_cash"),
    "t_refill": Page("t_cash", opens="t_refill_count"),
    "t_refill_count": Page("t_refill", digits=till.COINS_MOST, entered=till.filled),
    "t_collect": Page("t_cash", keys=_one("t_freeze"), pressed=_ok(collect.freeze)),
    "t_collect_report": Page(
        keys=_with_sheet("key_ok", "t_give_up"), pressed=_report_pressed, back=collect.back
    ),
    "t_collect_open": Page(keys=_one("key_ok"), pressed=_ok(collect.opened), back=collect.back),
    "t_collect_count": Page(digits=8, entered=collect.counted, back=collect.back),
    "t_collect_difference": Page(
        facts=collect.difference_facts,
        keys=collect.difference_keys,
        pressed=_ok(collect.agrees),
        chosen=collect.explained,
        back=collect.back,
    ),
    "t_collect_seal": Page(digits=10, entered=collect.sealed, back=collect.back),
    "t_collect_done": Page("t_cash"),
    # sales
    "t_sessions": Page(keys=sales.list_keys, pressed=_open, opens="t_session"),
    "t_find": Page("t_sessions", facts=finding.kind_facts, chosen=finding.kind_chosen),
    **{f"t_find_{kind}": Page("t_find", digits=8, entered=finding.typed) for kind in finding.KINDS},
    "t_session": Page("t_sessions", keys=sales.keys, pressed=sales.pressed),
    "t_refund": Page(
        "t_session",
        digits=7,
        entered=sales.typed_amount,
        keys=_one("t_all"),
        pressed=sales.all_of_it,
        keeps_subject=True,
    ),
    "t_refund_why": Page(
        "t_session", facts=sales.why_facts, chosen=sales.why_chosen, keeps_subject=True
    ),
    # machine
    "t_devices": Page(opens="t_device"),
    "t_device": Page(
        "t_devices",
        facts=replacing.device_facts,
        keys=_device_keys,
        pressed=_device_pressed,
    ),
    "t_replace": Page(
        "t_device", keys=_one("t_begin"), pressed=replacing.begin, keeps_subject=True
    ),
    "t_replace_drain": Page(
        facts=replacing.drain_facts,
        keys=replacing.drain_keys,
        pressed=replacing.drain_pressed,
        back=replacing.back,
    ),
    "t_replace_swap": Page(
        facts=replacing.swap_facts,
        keys=_one("key_ok", "t_give_up"),
        pressed=replacing.swap_pressed,
        back=replacing.back,
    ),
    "t_replace_check": Page(
        facts=replacing.check_facts,
        keys=replacing.check_keys,
        pressed=replacing.check_pressed,
        back=replacing.back,
    ),
    "t_replace_trial": Page(
        facts=trial.trial_facts,
        keys=trial.trial_keys,
        pressed=trial.trial_pressed,
        back=replacing.back,
    ),
    "t_replace_return": Page(
        facts=trial.return_facts,
        keys=trial.return_keys,
        pressed=trial.returned_pressed,
        back=replacing.back,
    ),
    "t_replace_done": Page("t_device", keeps_subject=True),
    "t_avail": Page(
        facts=upkeep.connector_facts,
        chosen=upkeep.connector_chosen,
        keys=_one("t_window"),
        pressed=_open,
    ),
    "t_window": Page(
        "t_avail",
        facts=house.window_facts,
        chosen=house.window_chosen,
        keys=house.window_keys,
        pressed=house.window_dropped,
    ),
    "t_avail_why": Page("t_avail", facts=upkeep.why_facts, chosen=upkeep.why_chosen),
    "t_fault": Page("t_avail", facts=mending.facts, keys=mending.keys, pressed=mending.pressed),
    "t_meter": Page(),
    "t_test": Page(chosen=trials.chosen),
    "t_touch": Page("t_test", keys=trials.grid_keys, pressed=trials.grid_touched),
    "t_colours": Page("t_test", keys=_one("grid_next"), pressed=trials.next_colour),
    "t_contactor": Page(
        "t_test",
        facts=trials.contactor_facts,
        keys=_one("t_hold"),
        pressed=trials.contactor_pressed,
    ),
    "t_note": Page("t_test", facts=trials.note_facts),
    "t_speech": Page(
        "t_test",
        facts=senses.speech_facts,
        keys=senses.speech_keys,
        pressed=senses.speech_pressed,
    ),
    "t_bright": Page(
        "t_test",
        facts=senses.brightness_facts,
        keys=senses.brightness_keys,
        pressed=senses.brightness_pressed,
    ),
    "t_logs": Page(opens="t_log", keys=_log_keys, pressed=_log_pressed),
    "t_doings": Page("t_logs"),
    "t_log": Page("t_logs"),
    "t_ocpp": Page(keys=link.keys, pressed=link.pressed),
    "t_trace": Page(
        "t_ocpp",
        facts=link.trace_facts,
        keys=link.trace_keys,
        pressed=link.next_filter,
        chosen=link.action_chosen,
    ),
    "t_reach": Page("t_ocpp", keys=link.reach_keys, pressed=link.reach),
    "t_tariff": Page(),
    "t_net": Page(),
    "t_sw": Page(keys=house.software_keys, pressed=house.software_pressed),
    "t_install": Page("t_sw", keys=_one("key_ok"), pressed=house.install),
    "t_roll_back": Page("t_sw", keys=_one("key_ok"), pressed=house.roll_back),
    "t_reboot": Page("t_sw", keys=_one("key_ok"), pressed=house.reboot),
    "t_set": Page(keys=_one("t_commission"), pressed=_open, opens="t_set_choice"),
    "t_set_choice": Page("t_set", facts=house.setting_facts, chosen=house.setting_chosen),
    "t_commission": Page("t_set", keys=commission.keys, pressed=commission.pressed),
}
