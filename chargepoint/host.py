"""What the computer says of itself, for the service menu's page about the network."""

import shutil
import socket
from collections.abc import Callable
from pathlib import Path

from chargepoint.domain.service.values import Fact

_GIB = 1 << 30


def host_facts(state: Path) -> Callable[[], tuple[Fact, ...]]:
    """Asked anew at every look; only what is there."""

    def look() -> tuple[Fact, ...]:
        free = shutil.disk_usage(state).free
        mark = "ok" if free > _GIB else "bad"
        return (
            Fact("net.host", socket.gethostname()),
            *(Fact("net.address|IP", address) for address in _addresses()),
            Fact("net.disk", f"{free / _GIB:.1f} GiB", mark=mark),
        )

    return look


def _addresses() -> list[str]:
    """The address from which this computer would reach others; connecting UDP sends nothing."""
    found = []
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            try:
                line.connect((target, 9))
            except OSError:
                continue
            found.append(str(line.getsockname()[0]))
    return found
