"""`python -m central`: the reference central system as a program."""

import argparse
import asyncio
import contextlib
import logging
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from central.clock import SystemClock
from central.errors import CentralError
from central.ocpp import wsserver
from central.ocpp.list_rows import Listed, ListRows
from central.ocpp.local_lists import LocalLists
from central.provisioning import Provisioning, read_provisioning
from central.storage.engine import MEMORY
from central.storage.store import Store
from central.system import CentralSystem
from central.web import arguments as members
from central.web.app import Options
from central.web.serving import serve_page

_EPILOG = """\
examples:
  python -m central
      accounts in memory, page on http://127.0.0.1:8081, charge points on ws://127.0.0.1:9000/ocpp/<id>
  python -m central --db central.sqlite --cards cards.json
      accounts kept in a file; cards, tariff and points from cards.json (see central/provisioning.py)

Promotions, plans, loyalty and cards are changed while it runs by python -m central.manage --help.

The members' web is at /, the support desk at /desk, the operator's pages at /operator: agents and
operators are made by python -m central.agents --help. Without --mail both mails and payments are
simulated: /bench/post shows what was sent, and the cards' letters. Where nothing is kept either, an
operator is made for this run, and told when it begins.

Charge points connect with the subprotocol ocpp1.6. A point provisioned with a password must give it
by HTTP Basic authentication, its id as the user.
"""


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m central",
        description="Reference central system: OCPP 1.6J server, Green Card accounts, pages for members "
        "and operators.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8081,
        metavar="N",
        help="port of the page (default 8081; 0: any free one)",
    )
    parser.add_argument(
        "--ocpp-port",
        type=int,
        default=9000,
        metavar="N",
        help="port for charge points (default 9000; 0: any free one)",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on (default 127.0.0.1: this machine only)",
    )
    parser.add_argument(
        "--db",
        metavar="FILE",
        help="SQLite file, or postgresql://… migrated by python -m central.migrate (default: in"
        " memory)",
    )
    parser.add_argument(
        "--cards", type=Path, metavar="FILE", help="JSON file with tariff, cards, tokens and points"
    )
    parser.add_argument(
        "--tls",
        type=Path,
        metavar="FILE",
        help="charge points connect by TLS; PEM with key and certificates (security profiles 2, 3)",
    )
    parser.add_argument(
        "--tls-clients",
        type=Path,
        metavar="FILE",
        help="with --tls: points must show a certificate of this PEM root (security profile 3)",
    )
    members.add_to(parser)
    parser.add_argument(
        "--local-list",
        choices=[each.value for each in Listed],
        default=Listed.ALL.value,
        help="cards that points with a local list know by heart for when they are offline (default"
        " all)",
    )
    parser.add_argument(
        "--only-with-password",
        action=argparse.BooleanOptionalAction,
        help="charge points without a password in --cards are refused (default: where nothing is"
        " simulated, and no certificate is asked for; a point takes money for cards)",
    )
    parser.add_argument("--verbose", action="store_true", help="log more")
    return parser.parse_args(words)


@asynccontextmanager
async def _among_others(system: CentralSystem, clock: SystemClock) -> AsyncIterator[None]:
    """With PostgreSQL there may be other processes, each with some of the points."""
    if not system.store.database.is_postgres:
        yield
        return
    from central.network.network import Network  # noqa: PLC0415 -- the driver is slow to import

    name = uuid.uuid4().hex
    network = Network(system, clock, name=name, call_timeout_s=system.call_timeout_s)
    system.network = network
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(network.run())
        await network.joined.wait()
        try:
            yield
        finally:
            running.cancel()


@asynccontextmanager
async def _local_lists(system: CentralSystem, listed: Listed) -> AsyncIterator[None]:
    if listed is Listed.NONE:
        yield
        return
    rows = ListRows(system.store.database, listed)
    lists = LocalLists(
        system.store,
        system.feed,
        system.registry,
        rows,
        held=system.held,
        call=system.call_here,
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(lists.run())
        try:
            yield
        finally:
            running.cancel()


def _is_strict(arguments: argparse.Namespace, options: Options) -> bool:
    """Whoever connects as a point can load cards with money that nobody took."""
    if arguments.only_with_password is not None:
        return bool(arguments.only_with_password)
    return options.mail is not None and arguments.tls_clients is None


async def _run(arguments: argparse.Namespace, provisioning: Provisioning, store: Store) -> None:
    clock = SystemClock()
    system = CentralSystem(
        store,
        clock,
        tariff=provisioning.tariff_value(),
        programme=provisioning.programme_value(),
        rules=provisioning.reservations.value(),
        id_generator=lambda: str(uuid.uuid4()),
    )
    provisioning.apply(system)
    secure = None
    if arguments.tls is not None:
        secure = wsserver.tls_context(arguments.tls, arguments.tls_clients)
    options = members.options(arguments, provisioning)
    system.door.is_strict = _is_strict(arguments, options)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stopped.set)
    async with (
        _among_others(system, clock),
        system.serve_websocket(arguments.host, arguments.ocpp_port, secure) as ocpp_port,
        serve_page(system, clock, arguments.host, arguments.port, options) as page_port,
        # After what may fail: a task group would wrap its error.
        _local_lists(system, Listed(arguments.local_list)),
        system.reservations.teller.telling(),
    ):
        scheme = "ws" if secure is None else "wss"
        sys.stdout.write(
            f"page           http://{arguments.host}:{page_port}/\n"
            f"operator       http://{arguments.host}:{page_port}/operator{members.told(options)}\n"
            f"charge points  {scheme}://{arguments.host}:{ocpp_port}/ocpp/<id>\n"
        )
        sys.stdout.flush()
        await stopped.wait()


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0: stopped by signal; 1: a port or the file cannot be used; 2: wrong input."""
    arguments = _arguments(words)
    level = logging.DEBUG if arguments.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        provisioning = read_provisioning(arguments.cards) if arguments.cards else Provisioning()
    except CentralError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        with contextlib.closing(Store(arguments.db or MEMORY)) as store:
            asyncio.run(_run(arguments, provisioning, store))
    except (CentralError, OSError) as error:
        sys.stderr.write(f"central: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
