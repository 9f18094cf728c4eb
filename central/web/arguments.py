"""The command line of the members' web: where its mails go, and what links begin with."""

import argparse
import ipaddress
import os
from dataclasses import replace
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from central.clock import SystemClock
from central.entropy import SystemEntropy
from central.members.mail import MailFolder, MailPort
from central.members.payments import NoProvider
from central.members.smtp import SmtpMail, mail_server
from central.phone.push import PushPort
from central.provisioning import Provisioning
from central.support.agents import OPERATOR
from central.support.messaging import NoMessaging
from central.support.options import SupportOptions, bench_agents
from central.web.app import Options

SMTP_VARIABLE = "CENTRAL_SMTP_PASSWORD"  # not a word of the command line: ps shows those


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--public-url",
        default="",
        metavar="URL",
        help="what links in mails to members begin with (default: where the page listens)",
    )
    parser.add_argument(
        "--mail",
        type=Path,
        metavar="FOLDER",
        help="mails to members as files for a mail server (default, on this machine only: "
        "mails and payments are simulated, see /bench/post)",
    )
    parser.add_argument(
        "--smtp",
        metavar="URL",
        help="mails by this server instead: smtp://user@host:587 (STARTTLS) or smtps://user@host,"
        " its password in the environment, " + SMTP_VARIABLE,
    )
    parser.add_argument(
        "--push",
        type=Path,
        metavar="FILE",
        help="messages to browsers that ask for them, with the key of this file"
        " (python -m central.webpush makes it)",
    )
    parser.add_argument(
        "--push-contact",
        default="",
        metavar="ADDRESS",
        help="with --push: whom browsers' push services may write to, mailto:… or https://…"
        " (default mailto: and --mail-from)",
    )
    parser.add_argument(
        "--mail-from",
        default="green-card@localhost",
        metavar="ADDRESS",
        help="their sender (default green-card@localhost)",
    )


def options(arguments: argparse.Namespace, provisioning: Provisioning) -> Options:
    """Nothing is simulated where strangers come: no page shows a mail, no button makes money."""
    known_as = urlsplit(arguments.public_url).hostname or arguments.host
    is_open = not (_is_loopback(arguments.host) and _is_loopback(known_as))
    mail: MailPort | None = None
    if arguments.smtp is not None:
        password = os.environ.get(SMTP_VARIABLE, "")
        mail = SmtpMail(mail_server(arguments.smtp, password), arguments.mail_from)
    elif arguments.mail is not None or is_open:
        mail = MailFolder(arguments.mail or Path("mails"), arguments.mail_from)
    return Options(
        public_url=arguments.public_url,
        mail=mail,
        push=_push(arguments),
        provider=NoProvider() if is_open or mail is not None else None,
        letters=provisioning.letters(),
        flat_rate=provisioning.flat_rate_value(),
        support=_support(provisioning, is_simulated=mail is None, is_kept=bool(arguments.db)),
    )


def told(options: Options) -> str:
    """How whoever began this run signs in, where nothing is kept; otherwise nothing."""
    if not options.support.are_for_this_run:
        return ""
    made = next(each for each in options.support.agents if each.role == OPERATOR)
    return f"   name {made.login}, password {made.password}"


def _push(arguments: argparse.Namespace) -> PushPort | None:
    """Raises KeyUnusable."""
    if arguments.push is None:
        return None
    from central.webpush.service import PushServices  # noqa: PLC0415 -- an HTTP client, if wanted
    from central.webpush.vapid import read_key  # noqa: PLC0415

    contact = arguments.push_contact or f"mailto:{parseaddr(arguments.mail_from)[1]}"
    return PushServices(read_key(arguments.push, contact), SystemClock(), SystemEntropy())


def _support(provisioning: Provisioning, *, is_simulated: bool, is_kept: bool) -> SupportOptions:
    """Agents whose password is shown exist in memory only."""
    found = provisioning.support.options(None if is_simulated else NoMessaging())
    if is_simulated and not is_kept and not found.agents:
        return replace(found, agents=bench_agents(SystemEntropy()), are_for_this_run=True)
    return found


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
