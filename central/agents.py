"""`python -m central.agents`: who sits at the support desk of a system that may be running.

The password is read from the keyboard, or from standard input where that is no keyboard.
"""

import argparse
import getpass
import sys
from collections.abc import Sequence

from central.clock import Clock, SystemClock
from central.command import Refused, command_parser, run_command
from central.entropy import SystemEntropy
from central.forms import Wrong, a_name, login, new_password
from central.passwords import Passwords
from central.storage.store import Store
from central.support.agents import AGENT, OPERATOR, Agents
from central.support.audit import Audit, Look

_EPILOG = """\
examples:
  python -m central.agents --db central.sqlite add maite --name "Maite Etxeberria"
  python -m central.agents --db central.sqlite add jon --name Jon --role operator
  python -m central.agents --db central.sqlite password maite
  python -m central.agents --db central.sqlite leave maite
  python -m central.agents --db central.sqlite list
"""


def main(words: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Exit code 0: done; 1: the database cannot be used; 2: refused, and nothing was changed."""
    asked = _parser().parse_args(words)

    def job(store: Store) -> str:
        return _done(store, asked, clock or SystemClock())

    return run_command(asked.db, job, refusals=(Wrong,))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("central.agents", __doc__, _EPILOG)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="who sits at the desk")
    added = commands.add_parser("add", help="a new agent")
    added.add_argument("login")
    added.add_argument("--name", required=True, help="as members and colleagues read it")
    added.add_argument("--role", choices=(AGENT, OPERATOR), default=AGENT)
    for command, what in (("password", "a new one; ends their sessions"), ("leave", "at once")):
        commands.add_parser(command, help=what).add_argument("login")
    return parser


def _done(store: Store, asked: argparse.Namespace, clock: Clock) -> str:
    agents = Agents(store, clock, SystemEntropy())
    if asked.command == "list":
        return "".join(f"{each.login}\t{each.role}\t{each.name}\n" for each in agents.all())
    name = login(asked.login)
    if not _is_done(agents, asked, name):
        raise Refused(f"{name}: there is one already" if asked.command == "add" else f"no {name}")
    Audit(store, clock).add(Look("operator", f"agent.{asked.command}", name, "done"))
    return f"{asked.command} {name}: done\n"


def _is_done(agents: Agents, asked: argparse.Namespace, name: str) -> bool:
    if asked.command == "leave":
        return agents.leave(name)
    hashed = Passwords().hashed_now(new_password(_read_password()))
    if asked.command == "password":
        return agents.set_password(name, hashed)
    return agents.join(name, a_name(asked.name), asked.role, hashed)


def _read_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("password: ")
    return sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
