"""A device is replaced step by step, and no cent is lost on the way.

    drain -> swap -> check -> trial -> (coin back) -> done
      |        |        |        |
      +--------+--------+--------+-> given up: the old one, if it is there, counts on

    drain   nothing comes in any more; what fell or is in escrow is read and booked
    swap    the epoch of the old serial number is closed, in the commit that says so
    check   line, serial number, table of coins or notes, locks, baseline of the event counter
    trial   a coin in, a note in and out, a coin out, a card read, a register read, a question

Each step is a commit of its own, and the device stays shut for customers from the first to the
last: after a power cut, or a technician who went away, the work goes on where it was.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.effects import SetOperative, TellPoint
from chargepoint.domain.service.login import REPLACEMENT
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.passport import closed_key
from chargepoint.domain.service.steps import go, note, perform, service
from chargepoint.domain.service.values import Replacement
from chargepoint.domain.units import ConnectorId

_PAGES = {
    "drain": "t_replace_drain",
    "swap": "t_replace_swap",
    "check": "t_replace_check",
    "trial": "t_replace_trial",
    "return": "t_replace_return",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`trial`: coin note tap, which the customer's slots answer, or the deed that tries it."""

    trial: str
    deed: Deed | None = None
    has_serial: bool = True
    counts: bool = False


PLANS: Mapping[str, Plan] = {
    "coin_acceptor": Plan("coin", counts=True),
    "note_validator": Plan("note", counts=True),
    "hopper": Plan("pay", Deed.TEST_COIN),
    "card_reader": Plan("tap", has_serial=False),
    "meter": Plan("sample", Deed.SAMPLE),
    "bank_terminal": Plan("ask", Deed.ASK_BANK, has_serial=False),
}


def kind_of(device: str) -> str:
    return device.partition(":")[0]


def connector_of(device: str) -> ConnectorId:
    return ConnectorId(int(device.partition(":")[2]))


def under_way(talk: Talk) -> Replacement:
    """Of a page that shows nothing else."""
    found = service(talk).replacement
    assert found is not None
    return found


def plan_of(talk: Talk) -> Plan:
    return PLANS[kind_of(under_way(talk).device)]


def step(talk: Talk, now: Replacement) -> None:
    """Durable in the commit that shows it."""
    save(talk, now)
    show(talk, now)


def show(talk: Talk, now: Replacement) -> None:
    go(talk, _PAGES[now.step], now.device)
    if now.step == "drain" and not now.drained:
        drain(talk)


def drain(talk: Talk) -> None:
    now = under_way(talk)
    talk.serve(replacement=replace(now, drained=""))
    perform(talk, Deed.DRAIN, now.device)


def give_up(talk: Talk) -> None:
    """Whatever answers now counts on; the old one as if nothing had been done."""
    now, sheet = under_way(talk), service(talk).sheet
    present = sheet.passport if sheet is not None else None
    is_back = present is not None and bool(present.is_online) and present.serial == now.old
    if now.old and is_back:
        talk.draft.settings.append((closed_key(now.old), ""))
    note(talk, f"replace {now.device}", "given up")
    _end(talk, now)
    go(talk, "t_device", now.device, notice="replace_given_up")
    _release(talk, now)


def finish(talk: Talk, how: str) -> None:
    """The last commit: the device is the station's own."""
    now = under_way(talk)
    note(talk, f"replaced {now.device} {now.old or '?'} by {now.new or '?'}", how)
    _end(talk, now)
    go(talk, "t_replace_done", now.device)
    _release(talk, now)


def _end(talk: Talk, now: Replacement) -> None:
    if kind_of(now.device) == "meter" and now.was_operative:
        talk.do(TellPoint(connector_of(now.device), SetOperative(operative=True)))
    save(talk, None)


def _release(talk: Talk, now: Replacement) -> None:
    """A hopper pays customers again."""
    if kind_of(now.device) == "hopper":
        perform(talk, Deed.RELEASE, now.device)


def save(talk: Talk, now: Replacement | None) -> None:
    talk.serve(replacement=now)
    text = "" if now is None else json.dumps(now.saved())
    talk.draft.settings.append((REPLACEMENT, text))
