"""Whether a device may take the place of the one that was taken out. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from chargepoint.domain.service.passport import Passport
from chargepoint.domain.service.values import Fact


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the site asks of the new one. `counts`: its events are money, so it needs a baseline."""

    values: Collection[int] = ()
    has_serial: bool = True
    counts: bool = False


def examined(old: str, new: Passport, wanted: Wanted) -> tuple[Fact, ...]:
    """Line, serial number, table, keys, baseline: each as a line with its mark."""
    if not new.is_online:
        return (Fact("replace.line", new.why or "replace.silent", _kind(new.why), "bad"),)
    return (
        Fact("replace.line", "device.online", "key", "ok"),
        *((Fact("replace.address", str(new.address)),) if new.address else ()),
        *(_serial(old, new) if wanted.has_serial else ()),
        *((Fact("device.firmware", new.firmware),) if new.firmware else ()),
        *(_table(new, wanted.values) if wanted.values else ()),
        *(Fact(f"replace.lock_{lock}", "replace.locked", "key", "bad") for lock in new.locks),
        *(_baseline(new) if wanted.counts else ()),
    )


def is_fit(found: Collection[Fact]) -> bool:
    return bool(found) and all(fact.mark in ("", "ok") for fact in found)


def _kind(why: str) -> str:
    return "text" if why else "key"


def _serial(old: str, new: Passport) -> tuple[Fact, ...]:
    if not new.serial:
        return (Fact("replace.new", "replace.no_serial", "key", "bad"),)
    if new.serial == old:
        return (
            Fact("replace.new", new.serial, mark="bad"),
            Fact("replace.same", "replace.same_why", "key", "bad"),
        )
    return (Fact("replace.new", new.serial, mark="ok"),)


def _table(new: Passport, wanted: Collection[int]) -> tuple[Fact, ...]:
    """A coin it does not know falls through; one it takes for another is given away."""
    missing = sorted(set(wanted) - set(new.values))
    known = Fact("replace.table", _listed(new.values), "amounts", "bad" if missing else "ok")
    if not missing:
        return (known,)
    return (known, Fact("replace.missing", _listed(missing), "amounts", "bad"))


def _baseline(new: Passport) -> tuple[Fact, ...]:
    return (Fact("replace.baseline", new.booked or "-", mark="ok" if new.booked else "warn"),)


def _listed(values: Collection[int]) -> str:
    return " ".join(str(value) for value in sorted(values)) or "-"
