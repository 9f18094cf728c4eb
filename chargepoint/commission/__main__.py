"""`python -m chargepoint.commission`: put a station into service on site.

Exit codes: 0 good, 1 something must be corrected, 2 it could not be done.
"""

import argparse
import asyncio
import getpass
import os
import sys
from pathlib import Path

from chargepoint.commission import doings
from chargepoint.commission.doings import Told
from chargepoint.errors import ChargepointError
from config.loader import ConfigurationWrong

_EPILOG = """\
in this order, with the core stopped (systemctl stop chargepoint):
  python -m chargepoint.commission find --write site.toml   who is on which port
  python -m chargepoint.commission set site.toml station.id=CP-7 station.name=07 kiosk.size=800x1280
  python -m chargepoint.commission key site.toml             the master key of Green Cards, from stdin
  python -m chargepoint.commission request site.toml         a signing request, for security profile 3
  python -m chargepoint.commission adopt site.toml chain.pem the certificate that came of it
  python -m chargepoint.commission report site.toml --by anna --moves --out report.json
  python -m chargepoint.commission verify report.json

Exit codes: 0 good, 1 something must be corrected, 2 it could not be done.
"""


def parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chargepoint.commission",
        description="Puts a station into service: find, set, try out, sign.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doing = parser.add_subparsers(dest="do", required=True)
    _add_find(doing.add_parser("find", help="ask every serial port who is there; moves nothing"))
    change = doing.add_parser("set", help="change settings of the site file, after checking them")
    change.add_argument("file", type=Path, help="TOML file of the site")
    change.add_argument("values", nargs="+", metavar="KEY=VALUE")
    _with_site(doing.add_parser("key", help="keep the cards' master key: 32 hex digits from stdin"))
    request = doing.add_parser("request", help="make a key and a certificate signing request")
    _with_site(request)
    request.add_argument("--out", type=Path, metavar="FILE", help="else on the screen")
    adopt = doing.add_parser("adopt", help="use the certificate that came of a request")
    _with_site(adopt)
    adopt.add_argument("chain", type=Path, metavar="CHAIN", help="PEM, the station's own first")
    _add_report(doing.add_parser("report", help="look at everything, sign and keep what was found"))
    export = doing.add_parser("export", help="the newest report that the journal keeps")
    _with_site(export)
    export.add_argument("--out", type=Path, metavar="FILE", help="else on the screen")
    verify = doing.add_parser(
        "verify", help="was this report signed by that station, and not changed?"
    )
    verify.add_argument("report", type=Path)
    verify.add_argument("--fingerprint", default="", help="of the key, as the station showed it")
    verify.add_argument(
        "--root", type=Path, metavar="PEM", help="authority of the station's certificate"
    )
    return parser.parse_args(words)


def _with_site(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="TOML file of the site")
    parser.add_argument("--state", type=Path, metavar="DIR", help="folder of the journal")


def _add_find(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", dest="ports", action="append", default=[], metavar="PORT",
        help="this port alone; repeatable. Without it: all that udev has named",
    )  # fmt: skip
    parser.add_argument("--units", type=int, default=8, help="Modbus addresses from 1, up to 247")
    parser.add_argument(
        "--hopper", dest="hoppers", action="append", default=[], metavar="ADDRESS=CENTS",
        help="what the coins of the hopper at this ccTalk address are worth; repeatable",
    )  # fmt: skip
    parser.add_argument("--write", type=Path, metavar="FILE", help="put them into this site file")


def _add_report(parser: argparse.ArgumentParser) -> None:
    _with_site(parser)
    parser.add_argument("--by", required=True, help="name of who does this; it is in the report")
    parser.add_argument(
        "--moves", action="store_true",
        help="try locks, leases and printer, too; nothing may be plugged in",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=25.0, help="given to the devices; 1 to 120"
    )
    parser.add_argument("--offline", action="store_true", help="there is no network yet")
    parser.add_argument("--out", type=Path, metavar="FILE", help="export it, too")
    parser.add_argument(
        "--sys", type=Path, default=Path("/sys"), help="where the kernel shows devices"
    )


async def _do(chosen: argparse.Namespace) -> Told:
    match chosen.do:
        case "find":
            wish = doings.Wish(chosen.ports, chosen.units, chosen.hoppers, chosen.write)
            return await doings.find(wish)
        case "request":
            return await doings.request(chosen.file, chosen.state, chosen.out)
        case "adopt":
            return await doings.adopt(chosen.file, chosen.state, chosen.chain)
        case "report":
            order = doings.Order(
                by=chosen.by,
                seconds=chosen.seconds,
                moves=chosen.moves,
                is_offline=chosen.offline,
                out=chosen.out,
                sys=chosen.sys,
            )
            return await doings.report(chosen.file, chosen.state, order)
        case _:
            return _without_loop(chosen)


def _without_loop(chosen: argparse.Namespace) -> Told:
    match chosen.do:
        case "set":
            return doings.change(chosen.file, chosen.values)
        case "key":
            return doings.keep_key(chosen.file, _asked_key())
        case "export":
            return doings.export(chosen.file, chosen.state, chosen.out)
        case _:
            return doings.verify(chosen.report, chosen.fingerprint, chosen.root)


def _asked_key() -> str:
    """Never on the command line, where every user of the machine can read it."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return getpass.getpass("master key, 32 hex digits: ").strip()


def main(words: list[str] | None = None) -> int:
    chosen = parse(words)
    os.umask(0o077)  # keys, requests and reports are nobody else's
    try:
        told = asyncio.run(_do(chosen))
    except ConfigurationWrong as wrong:
        sys.stderr.write(f"{wrong}\n{len(wrong.problems)} error(s), nothing was changed\n")
        return 2
    except (ChargepointError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{line}\n" for line in told.lines))
    return 0 if told.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
