"""How the programs beside a running system begin and end: its store opened, one thing done, and told."""

import argparse
import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from central.errors import CentralError
from central.storage.store import Store

DONE, UNUSABLE, REFUSED = 0, 1, 2


class Refused(CentralError):
    """What was asked makes no sense, or is about something that does not exist; nothing was changed."""


def command_parser(program: str, about: str | None, examples: str) -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog=f"python -m {program}",
        description=about,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument(
        "--db", required=True, metavar="FILE", help="the system's file, or its database URL"
    )
    return words


def run_command(
    place: str,
    job: Callable[[Store], str],
    *,
    name: str = "central",
    refusals: tuple[type[Exception], ...] = (),
) -> int:
    """Exit code DONE, and what `job` says; UNUSABLE: the database or a file; REFUSED.

    `refusals`: what `job` raises besides Refused when nothing was changed.
    """
    refused_by: tuple[type[Exception], ...] = (Refused, *refusals)
    if "://" not in place and not Path(place).exists():
        sys.stderr.write(f"{name}: {place}: no such file\n")
        return UNUSABLE
    try:
        with contextlib.closing(Store(place)) as store:
            sys.stdout.write(job(store))
    except refused_by as refused:
        sys.stderr.write(f"refused: {refused}\n")
        return REFUSED
    except (CentralError, SQLAlchemyError, OSError) as error:
        sys.stderr.write(f"{name}: {error}\n")
        return UNUSABLE
    return DONE
