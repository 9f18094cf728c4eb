"""T_FIND: charges that are over, found by what a customer can still say of theirs."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service.steps import go, say, service
from chargepoint.domain.service.values import Fact

KINDS = ("card", "receipt", "amount", "time")
_LEAST = {"card": 4, "receipt": 1, "amount": 1, "time": 4}  # digits
_DAY, _HOUR = 4, 6  # digits typed: day and month, and perhaps the hour


def kind_facts(_talk: Talk) -> tuple[Fact, ...]:
    return tuple(Fact(f"find.{kind}", id=kind) for kind in KINDS)


def kind_chosen(talk: Talk, kind: str) -> None:
    go(talk, f"t_find_{kind}")


def typed(talk: Talk) -> None:
    kind, digits = service(talk).page.removeprefix("t_find_"), service(talk).typed
    if len(digits) < _LEAST[kind]:
        return
    if kind != "time":
        go(talk, "t_sessions", f"{kind}:{digits}")
        return
    found = span(digits, talk.now.utc, talk.settings.timezone)
    if found is None:
        talk.serve(typed="")
        say(talk, "no_such_day", is_good=False)
        return
    go(talk, "t_sessions", f"time:{_stamp(found[0])}/{_stamp(found[1])}")


def span(digits: str, utc: datetime, timezone: str) -> tuple[datetime, datetime] | None:
    """DDMM is the whole day, DDMMHH an hour of it; the newest that has begun. None: no such day."""
    if len(digits) not in (_DAY, _HOUR):
        return None
    here = utc.astimezone(ZoneInfo(timezone))
    day, month, hour = int(digits[:2]), int(digits[2:4]), int(digits[4:] or 0)
    for year in range(here.year, here.year - 5, -1):  # the 29th of February, too
        try:
            begin = here.replace(
                year=year, month=month, day=day, hour=hour, minute=0, second=0, microsecond=0
            )
        except ValueError:
            continue
        if begin <= here:
            # Wall clock first, so that a day of 25 hours is a day.
            end = begin + (timedelta(days=1) if len(digits) == _DAY else timedelta(hours=1))
            return begin.astimezone(utc.tzinfo), end.astimezone(utc.tzinfo)
    return None


def _stamp(moment: datetime) -> str:
    """As the journal writes times."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
