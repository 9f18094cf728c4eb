"""Is the central system there, does its certificate hold, and is the clock one that can be used?"""

import asyncio
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from chargepoint.commission.finding import Finding, Step, bad, good
from config.schema import Config

_LIMIT_S = 8.0
_PORTS = {"ws": 80, "wss": 443}
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)  # no station ran this software before
LATEST = datetime(2060, 1, 1, tzinfo=UTC)


def clock_finding(now: datetime) -> Finding:
    text = f"{now:%Y-%m-%d %H:%M} UTC"
    if EARLIEST <= now < LATEST:
        return good(Step.CENTRAL, "clock", text)
    remedy = "chronyc tracking; battery of the clock; certificates and receipts need the time"
    return bad(Step.CENTRAL, "clock", text, remedy)


async def link_finding(config: Config) -> Finding:
    """A connection is made and, where it is sealed, the certificate looked at; nothing is said."""
    url = urlsplit(config.central.url)
    port = url.port or _PORTS[url.scheme]
    where = f"{url.hostname}:{port}"
    try:
        context = _context(config) if url.scheme == "wss" else None
        async with asyncio.timeout(_LIMIT_S):
            _reader, writer = await asyncio.open_connection(url.hostname, port, ssl=context)
    except ssl.SSLError as error:
        remedy = "central.root_file, and the name in central.url; is the clock right?"
        return bad(Step.CENTRAL, "link", f"{where}: {error}", remedy)
    except (OSError, TimeoutError) as error:
        why = str(error) or "no answer"
        return bad(Step.CENTRAL, "link", f"{where}: {why}", "network, firewall, central.url")
    writer.close()
    return good(Step.CENTRAL, "link", where)


def _context(config: Config) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=config.central.root_file or None)
