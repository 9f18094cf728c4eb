"""`python -m simulator`: the bench, the scenario player, and the doctor."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

EXIT_OK, EXIT_FAILED, EXIT_WRONG = 0, 1, 2

_DESCRIPTION = """\
A whole charge point on the desk: the real software with simulated hardware, a car to plug in, coins,
Green Cards and a central system. Without a command the bench starts and prints its address.
"""
_PLAY = """\
Play scenario files on a fresh station each. In virtual time nothing sleeps and the same file and
seed give the same report; with --real-time the same file runs over pseudo-terminals and a websocket.
Exit code: 0 all passed, 1 one failed, 2 a file is wrong (file, line and reason are printed).
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m simulator", description=_DESCRIPTION)
    _station_options(top)
    top.add_argument("--headless", action="store_true", help="no kiosk window")
    top.add_argument(
        "--inside",
        action="store_true",
        help="everything in one process: no terminals, no sockets, up to 120 times as fast",
    )
    top.add_argument("--port", type=int, default=8080, help="port of the bench (default 8080)")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")

    play = commands.add_parser("play", help="play scenario files", description=_PLAY)
    play.add_argument("files", nargs="+", type=Path, metavar="FILE", help="scenario (YAML)")
    play.add_argument("--report", type=Path, metavar="OUT.json", help="write what happened here")
    play.add_argument("--real-time", action="store_true", help="real terminals, sockets, processes")
    play.add_argument("--seed", type=int, help="instead of the seed in the file")
    play.add_argument("--quiet", action="store_true", help="no progress lines")
    _station_options(play, is_again=True)

    sick = commands.add_parser("doctor", help="explain what is missing to run here")
    sick.add_argument("--port", type=int, default=argparse.SUPPRESS, help="port of the bench")
    _device_option(sick, is_again=True)
    return top


def _station_options(options: argparse.ArgumentParser, *, is_again: bool = False) -> None:
    """`is_again`: a subcommand repeats them, and must not reset what stood before it."""
    default = argparse.SUPPRESS if is_again else None
    options.add_argument(
        "--config", type=Path, default=default, metavar="FILE", help="configuration (TOML)"
    )
    options.add_argument(
        "--set",
        action="append",
        default=argparse.SUPPRESS if is_again else [],
        metavar="KEY=VALUE",
        help="one dotted configuration key, such as tariff.energy=0.45; repeatable",
    )
    options.add_argument(
        "--state", type=Path, default=default, metavar="DIR", help="where the journal lives"
    )
    options.add_argument(
        "--central", default=default, metavar="URL", help="connect to this central system"
    )
    options.add_argument(
        "--central-tls",
        type=int,
        choices=(2, 3),
        default=default,
        metavar="PROFILE",
        help="the link by TLS: security profile 2 (password) or 3 (station's own certificate)",
    )
    _device_option(options, is_again=is_again)


def _device_option(options: argparse.ArgumentParser, *, is_again: bool) -> None:
    options.add_argument(
        "--device",
        action="append",
        default=argparse.SUPPRESS if is_again else [],
        metavar="NAME=PATH",
        help="a real device instead of a simulated one: coin_acceptor=/dev/ttyUSB0; repeatable",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # Each command brings its own libraries; nobody waits for those of the others.
    match options.command:
        case "play":
            from simulator import play_command  # noqa: PLC0415

            return play_command.main(options)
        case "doctor":
            from simulator import doctor  # noqa: PLC0415

            return doctor.main(options.device, port=options.port)
        case _:
            from simulator.bench import command  # noqa: PLC0415

            return command.main(options)


if __name__ == "__main__":
    sys.exit(main())
