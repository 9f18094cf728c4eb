"""`python -m chargepoint.store.service_pins`: who may open the service menu of this station."""

import argparse
import getpass
import os
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from chargepoint.app import pins
from chargepoint.app.pins import StoredPin
from chargepoint.domain.service.orders import ServiceNote
from chargepoint.domain.service.people import Person, Role
from chargepoint.domain.service.values import PIN_LONGEST, PIN_SHORTEST
from chargepoint.errors import ChargepointError
from chargepoint.store import postings, schema, service_log
from chargepoint.store.audit import open_read_only

_EPILOG = f"""\
examples:
  python -m chargepoint.store.service_pins state/journal.sqlite list
  python -m chargepoint.store.service_pins state/journal.sqlite add anna --role technician
      asks for the PIN ({PIN_SHORTEST} to {PIN_LONGEST} digits) twice; from a pipe it reads one line
  python -m chargepoint.store.service_pins state/journal.sqlite reset anna
  python -m chargepoint.store.service_pins state/journal.sqlite remove anna

A PIN is never given on the command line, where every user of the machine can read it. Works beside
a running station, which knows it at the next login. Each change is in the service log.
Exit code: 0 done, 1 refused, 2 wrong use or journal.
"""
_EASY = ("0123456789", "9876543210")


class PinRefused(ChargepointError):
    """Nothing was changed; the text says why."""


def read(connection: sqlite3.Connection) -> list[StoredPin]:
    found = connection.execute("SELECT name, role, salt, hash, cost FROM service_pin ORDER BY name")
    return [
        StoredPin(Person(name, Role(role)), salt, hash_, cost)
        for name, role, salt, hash_, cost in found
    ]


def put(connection: sqlite3.Connection, stored: StoredPin, at: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO service_pin VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(stored.person.name, str(stored.person.role)),
            *(stored.salt, stored.hash, stored.cost, at),
        ),
    )


def why_not(pin: str, others: Iterable[StoredPin]) -> str:
    """Why this PIN may not be taken; empty when it may."""
    if not (pin.isascii() and pin.isdigit() and PIN_SHORTEST <= len(pin) <= PIN_LONGEST):
        return f"a PIN has {PIN_SHORTEST} to {PIN_LONGEST} digits"
    if len(set(pin)) == 1 or any(pin in row for row in _EASY):
        return "that PIN is the first that anybody tries"
    if pins.person_of(pin, list(others)) is not None:
        return "choose another PIN"  # a PIN says who somebody is
    return ""


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chargepoint.store.service_pins",
        description="PINs and roles of the service menu.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="journal.sqlite of a station")
    doing = parser.add_subparsers(dest="do", required=True, metavar="list|add|reset|remove")
    doing.add_parser("list", help="names and roles")
    add = doing.add_parser("add", help="a new person")
    add.add_argument("name")
    add.add_argument("--role", choices=[str(role) for role in Role], required=True)
    for name, about in (("reset", "a new PIN"), ("remove", "may not come in any more")):
        doing.add_parser(name, help=about).add_argument("name")
    return parser.parse_args(words)


def _asked_pin() -> str:
    """From a person's keyboard twice, unseen; from a pipe one line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    first = getpass.getpass("PIN: ")
    if getpass.getpass("again: ") != first:
        raise PinRefused("the two are not the same")
    return first


def _change(connection: sqlite3.Connection, chosen: argparse.Namespace, at: str) -> None:
    """One transaction with its line in the service log."""
    known = {each.person.name: each for each in read(connection)}
    if chosen.do == "add" and chosen.name in known:
        raise PinRefused(f"{chosen.name} is there already: reset")
    if chosen.do != "add" and chosen.name not in known:
        raise PinRefused(f"nobody called {chosen.name}")
    role = chosen.role if chosen.do == "add" else str(known[chosen.name].person.role)
    stored = None
    if chosen.do != "remove":
        stored = _new_pin(Person(chosen.name, Role(role)), known)
    connection.execute("BEGIN IMMEDIATE")
    if stored is None:
        connection.execute("DELETE FROM service_pin WHERE name = ?", (chosen.name,))
    else:
        put(connection, stored, at)
    note = ServiceNote("command", "", f"pin {chosen.do} {chosen.name} {role}", "done")
    service_log.write(connection, (note,), at)
    connection.execute("COMMIT")


def _new_pin(person: Person, known: dict[str, StoredPin]) -> StoredPin:
    pin = _asked_pin()
    others = [each for name, each in known.items() if name != person.name]
    if why := why_not(pin, others):
        raise PinRefused(why)
    salt = os.urandom(pins.SALT_BYTES)
    return StoredPin(person, salt, pins.hashed(pin, salt))


def main(words: list[str] | None = None) -> int:
    chosen = _parse(words)
    at = postings.stamp(datetime.now(UTC))  # noqa: TID251 - a person's command; no clock is injected
    try:
        with closing(open_read_only(chosen.journal)) as connection:
            lines = [f"{each.person.name:<20} {each.person.role}" for each in read(connection)]
        if chosen.do != "list":
            with closing(schema.connect(str(chosen.journal))) as connection:
                _change(connection, chosen, at)
            lines = ["done"]
    except PinRefused as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    except (ChargepointError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
