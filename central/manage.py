"""`python -m central.manage`: promotions, plans, loyalty and cards of a system that may be running.

Every change is one commit with its note in the trail; the next Account answer already has it.
"""

import argparse
import contextlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from central.clock import Clock, SystemClock, utc_text
from central.command import Refused, command_parser, run_command
from central.greencard.accounts import Card, Plan, Programme, masked
from central.greencard.blanks import WAITING
from central.greencard.lineage import REPLACED
from central.greencard.promotions import Promotion
from central.greencard.trail import Note
from central.greencard.trial import trial_of
from central.greencard.wording import kept
from central.provisioning import PlanEntry, ProgrammeEntry, PromotionEntry
from central.storage.store import Store

_LISTS = ("days", "sites", "plans")
_EPILOG = """\
examples:
  python -m central.manage --db central.sqlite promotion list
  python -m central.manage --db central.sqlite --by maria promotion add "Summer nights" --percent 15 \\
      --days Friday Saturday --start-time 22:00 --end-time 06:00 --from-date 2027-06-01
  python -m central.manage --db central.sqlite --by maria promotion end "Summer nights"
  python -m central.manage --db central.sqlite --by maria plan 6034440000000005 --kind flatRate \\
      --monthly-fee-minor 2900 --monthly-wh 100000
  python -m central.manage --db central.sqlite --by maria loyalty --loyalty-every 5
  python -m central.manage --db central.sqlite --by maria block 6034440000000005 --reason lost
  python -m central.manage --db central.sqlite trail 6034440000000005
  python -m central.manage --db central.sqlite trial-balance
"""


class Unbalanced(Exception):
    """The books do not sum to zero; somebody wrote into the database by hand."""


def main(words: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Exit code 0: done; 1: the file cannot be used; 2: refused, nothing changed; 3: not balanced."""
    asked = _parser().parse_args(words)

    def job(store: Store) -> str:
        return _DO[asked.command](store, asked, clock or SystemClock())

    try:
        return run_command(asked.db, job)
    except Unbalanced as error:
        sys.stdout.write(f"{error}\n")
        return 3


# --- words ----------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("central.manage", __doc__, _EPILOG)
    parser.add_argument(
        "--by", default="", metavar="NAME", help="who changes it; kept in the trail"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    _promotion_words(commands.add_parser("promotion", help="list, add, edit, end"))
    loyalty = commands.add_parser(
        "loyalty", help="discount after N charges, and points; shows them"
    )
    for name in ("loyalty-every", "loyalty-percent", "points-per-euro", "points-valid-days"):
        loyalty.add_argument(f"--{name}", type=int, metavar="N")
    for name in ("exchange-from", "exchange-until"):
        loyalty.add_argument(f"--{name}", type=int, metavar="MMDD", help="as 1201: 1 December")
    _plan_words(commands.add_parser("plan", help="prepaid or a flat rate, for one card"))
    for name, what in (("block", "a card pays nothing more"), ("unblock", "a card pays again")):
        card = commands.add_parser(name, help=what)
        card.add_argument("number")
        card.add_argument("--reason", required=True, help="as lost, stolen, found")
    commands.add_parser("trial-balance", help="all accounts; exit code 3 when they do not agree")
    trail = commands.add_parser("trail", help="who changed what, and where a card was used")
    trail.add_argument("number", nargs="?", help="of one card; else everything")
    return parser


def _promotion_words(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="those that have not ended")
    actions.add_parser("end", help="from the next answer on").add_argument("name")
    for action, what in (("add", "a new one"), ("edit", "what is given; the rest stays")):
        words = actions.add_parser(action, help=what)
        words.add_argument("name")
        words.add_argument("--percent", type=int, help="off the charge")
        words.add_argument("--milli-off-per-kwh", type=int, help="1/1000 cent off each kWh")
        for name in ("from-date", "until-date", "start-time", "end-time"):
            words.add_argument(
                f"--{name}", help="included" if "date" in name else "local, as 22:00"
            )
        words.add_argument("--about", help="what customers read below its name")
        for name in _LISTS:
            words.add_argument(f"--{name}", nargs="*", help="none: no restriction")


def _plan_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number")
    parser.add_argument("--kind", choices=("prepaid", "flatRate"), required=True)
    for name in ("wh-left", "energy-milli-per-kwh", "monthly-fee-minor", "monthly-wh"):
        parser.add_argument(f"--{name}", type=int, metavar="N")
    for name in ("from-date", "until-date"):
        parser.add_argument(f"--{name}", help="included, as 2027-01-31")


# --- what is done ---------------------------------------------------------------------------------


def _promotion(store: Store, asked: argparse.Namespace, clock: Clock) -> str:
    known = {each.name: each for each in store.programme.promotions()}
    if asked.action == "list":
        return "".join(f"{_shown(each)}\n" for each in known.values()) or "no promotions\n"
    if asked.action == "add" and asked.name in known:
        raise Refused(f"there is a promotion {asked.name}; edit or end it")
    if asked.action != "add" and asked.name not in known:
        raise Refused(f"there is no promotion {asked.name}")
    with _noted(store, asked, clock, f"promotion.{asked.action}") as note:
        if asked.action == "end":
            store.programme.end(asked.name)
            note(asked.name)
        else:
            promotion = _checked_promotion(asked, known.get(asked.name))
            store.programme.save(promotion)
            note(_shown(promotion))
    return f"{asked.action}: {asked.name}\n"


def _checked_promotion(asked: argparse.Namespace, known: Promotion | None) -> Promotion:
    fields = asdict(known or Promotion(asked.name)) | _given(asked, PromotionEntry.model_fields)
    if known is not None and asked.percent is not None and asked.milli_off_per_kwh is None:
        fields["milli_off_per_kwh"] = 0
    if known is not None and asked.milli_off_per_kwh is not None and asked.percent is None:
        fields["percent"] = 0
    fields |= {name: list(fields[name]) for name in _LISTS}
    fields["words"] = {} if known is None else kept(known.words)
    entry: PromotionEntry = _validated(PromotionEntry, fields)
    return entry.value()


def _loyalty(store: Store, asked: argparse.Namespace, clock: Clock) -> str:
    given = _given(asked, ProgrammeEntry.model_fields)
    if given:
        _validated(ProgrammeEntry, given)
        with _noted(store, asked, clock, "loyalty.set") as note:
            for name, value in given.items():
                store.programme.set_number(name, value)
            note(", ".join(f"{name} {value}" for name, value in given.items()))
    return "".join(f"{name} {value}\n" for name, value in store.programme.numbers().items()) or (
        f"nothing was changed: as in the provisioning file, else {Programme().loyalty_every}"
        f" charges, {Programme().loyalty_percent} %\n"
    )


def _plan(store: Store, asked: argparse.Namespace, clock: Clock) -> str:
    entry = _validated(PlanEntry, _given(asked, PlanEntry.model_fields))
    fields = entry.model_dump()
    milli = fields.pop("energy_milli_per_kwh")
    if entry.until_date and entry.from_date > entry.until_date:
        raise Refused(f"the plan ends on {entry.until_date}, before it begins")
    with _noted(store, asked, clock, "plan.set", asked.number) as note:
        card = _card(store, asked.number)
        plan = Plan(**fields).going_on(card.plan)
        store.save_card(replace(card, plan=plan, energy_milli_per_kwh=milli))
        note(", ".join(f"{name} {value}" for name, value in entry.model_dump().items() if value))
    return f"plan of {masked(card.number)}: {entry.kind}\n"


def _block(store: Store, asked: argparse.Namespace, clock: Clock) -> str:
    return _set_state(store, asked, clock, "blocked")


def _unblock(store: Store, asked: argparse.Namespace, clock: Clock) -> str:
    return _set_state(store, asked, clock, "active")


def _set_state(store: Store, asked: argparse.Namespace, clock: Clock, state: str) -> str:
    with _noted(store, asked, clock, f"card.{asked.command}", asked.number) as note:
        card = _card(store, asked.number)
        if state == "active" and store.balance(f"card:{card.number}") < 0:
            raise Refused("the card has debt; a top-up lifts that block")
        reason = asked.reason if state == "blocked" else ""
        store.save_card(replace(card, state=state, state_reason=reason))
        note(asked.reason)
    return f"{masked(card.number)}: {state}\n"


def _trail(store: Store, asked: argparse.Namespace, _clock: Clock) -> str:
    notes = store.trail.notes(asked.number)
    if asked.number is not None:
        if store.card(asked.number) is None:
            raise Refused(f"there is no card {masked(asked.number)}")
        notes += store.trail.uses(asked.number)
    notes.sort(key=lambda note: note.at, reverse=True)
    return "".join(
        f"{note.at}  {masked(note.number) if note.number else '-':9}  {note.actor}  "
        f"{note.event}  {note.detail}\n"
        for note in notes
    )


def _trial_balance(store: Store, _asked: argparse.Namespace, _clock: Clock) -> str:
    trial = trial_of(store)
    lines = [f"{'money':12} {'accounts':>8} {'minor':>14}"]
    lines += [f"{each.kind:12} {each.count:8} {each.total:14}" for each in trial.money]
    lines.append(f"{'sum':12} {'':8} {sum(each.total for each in trial.money):14}")
    lines.append("points")
    lines += [f"{each.kind:12} {each.count:8} {each.total:14}" for each in trial.points]
    lines.append(f"{'sum':12} {'':8} {sum(each.total for each in trial.points):14}")
    text = "".join(f"{line}\n" for line in lines)
    if not trial.is_right:
        raise Unbalanced(f"{text}not balanced: {', '.join(trial.unbalanced[:10])}")
    return text


_DO: Mapping[str, Callable[[Store, argparse.Namespace, Clock], str]] = {
    "promotion": _promotion,
    "loyalty": _loyalty,
    "plan": _plan,
    "block": _block,
    "unblock": _unblock,
    "trail": _trail,
    "trial-balance": _trial_balance,
}


# --- around ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def _noted(
    store: Store, asked: argparse.Namespace, clock: Clock, event: str, number: str = ""
) -> Any:
    """A commit that somebody answers for."""
    if not asked.by.strip():
        raise Refused("say who changes it: --by NAME before the command")
    with store.change(f"card:{number}" if number else "programme"):
        at = utc_text(clock.utc())
        yield lambda detail: store.trail.add(Note(at, number, asked.by.strip(), event, detail))


def _given(asked: argparse.Namespace, known: Mapping[str, Any]) -> dict[str, Any]:
    words = vars(asked)
    return {name: words[name] for name in known if words.get(name) is not None}


def _validated(entry: Any, fields: Mapping[str, Any]) -> Any:
    """By the rules of the provisioning file."""
    try:
        return entry.model_validate({to_camel(name): value for name, value in fields.items()})
    except ValidationError as error:
        told = [
            f"{'.'.join(str(part) for part in each['loc'])} {each['msg']}".strip()
            for each in error.errors()
        ]
        raise Refused("; ".join(told)) from None


def _card(store: Store, number: str) -> Card:
    card = store.card(number)
    if card is None:
        raise Refused(f"there is no card {masked(number)}")
    if card.state_reason in (REPLACED, *WAITING):
        raise Refused(
            f"{masked(number)} is {card.state_reason}: only its letter or its heir opens it"
        )
    return card


def _shown(promotion: Promotion) -> str:
    fields = asdict(promotion) | {"words": tuple(each.name for each in promotion.words)}
    rest = {name: value for name, value in fields.items() if value and name != "name"}
    told = (f"{n} {' '.join(v) if isinstance(v, tuple) else v}" for n, v in rest.items())
    return f"{promotion.name}: {', '.join(told)}"


if __name__ == "__main__":
    sys.exit(main())
