"""The link to the central system in lines for a technician: profile, trouble, certificates, frames."""

from datetime import datetime, timedelta

from chargepoint.domain.service.values import Fact
from chargepoint.ocpp.backend16 import LinkReport
from chargepoint.ocpp.wire_trace import WireTrace

# The station asks for a new certificate so long before; whoever sees this later must look.
_SOON = timedelta(days=30)
_SHOWN_FRAMES = 16
_DROWNING = ("Heartbeat", "MeterValues")


def link_facts(report: LinkReport, trace: WireTrace, now: datetime) -> tuple[Fact, ...]:
    found = [Fact("link.profile", str(report.security_profile))]
    if report.is_second_central:
        found.append(Fact("link.second", "link.yes", "key", "warn"))
    if report.trouble:
        found.append(Fact("link.trouble", report.trouble, mark="bad"))
    for label, until in (
        ("link.server_until", report.server_until),
        ("link.own_until", report.own_until),
    ):
        if until is not None:
            found.append(Fact(label, until.isoformat(), "time", _mark(until, now)))
    frames = [
        Fact(f"trace.at|{at.isoformat()}", words)
        for at, words in trace.newest_first()[:_SHOWN_FRAMES]
    ]
    return (*found, *frames)


def trace_facts(trace: WireTrace, chosen: str) -> tuple[Fact, ...]:
    """Every frame that is kept and passes: a filter of domain/service/link.py, or one action."""
    return tuple(
        Fact(f"trace.at|{at.isoformat()}", words, id=_action(words))
        for at, words in trace.newest_first()
        if _passes(words, chosen)
    )


def _passes(words: str, chosen: str) -> bool:
    match chosen:
        case "" | "all":
            return True
        case "sent" | "received":
            return words.startswith(">" if chosen == "sent" else "<")
        case "errors":
            return len(words.split()) > 2 and not words.endswith(" ok")
        case "work":
            return _action(words) not in _DROWNING
        case _:
            return _action(words) == chosen


def _action(words: str) -> str:
    return words.split()[1]


def _mark(until: datetime, now: datetime) -> str:
    if until <= now:
        return "bad"
    return "warn" if until - now < _SOON else "ok"
