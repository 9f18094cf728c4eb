"""Find buses, from the service menu: the ports that no driver of this station holds, one after the other.

What drivers hold they have identified themselves, and go on holding; such a port is told as in use. A
port takes about half a minute, so the page shows how far it is. Nobody is searched for while anybody
is served, and the search ends before the next port when somebody comes.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from chargepoint.app.ports import Spawn
from chargepoint.commission.finding import Finding, Mark, Step, good
from chargepoint.commission.proposal import propose
from chargepoint.domain.service.values import Fact
from drivers.probe.found import PortFound, PortState


class LiveSearch:
    def __init__(
        self,
        ports: Callable[[], Awaitable[Sequence[str]]],
        look: Callable[[str], Awaitable[PortFound]],
        *,
        own: frozenset[str],
        spawn: Spawn,
        is_used: Callable[[], bool],
    ) -> None:
        """`own`: ports of the configuration."""
        self._ports = ports
        self._look = look
        self._own = own
        self._spawn = spawn
        self._is_used = is_used
        self._paths: Sequence[str] | None = None  # nobody has searched yet
        self._found: list[PortFound] = []
        self._at = ""  # the port that is asked just now
        self._is_running = False

    async def begin(self) -> tuple[bool, str]:
        """An outcome for the menu; the search goes on behind it."""
        if self._is_running:
            return True, "search_begun"
        if self._is_used():
            return False, "not_while_used"
        self._is_running = True
        self._paths, self._found = await self._ports(), []
        self._spawn(self._search(), "commission:search")
        return True, "search_begun"

    def facts(self) -> tuple[Fact, ...]:
        """How far it is, what each port came to, and which is asked just now."""
        if self._paths is None:
            return ()
        done, count = len(self._found), len(self._paths)
        mark = Mark.OK if done == count else Mark.WARN
        asked = (Fact(f"raw|{_short(self._at)} …"),) if self._at else ()
        return (
            Fact("commission.ports", f"{done}/{count}", mark=str(mark)),
            *(
                Fact(f"raw|{each.text}: {_short(each.subject)}", mark=str(each.mark))
                for port in self._found
                for each in self._findings(port)
            ),
            *asked,
        )

    async def _search(self) -> None:
        try:
            for path in self._paths or ():
                if self._is_used():
                    return
                self._at = path
                self._found.append(await self._look(path))
        finally:
            self._at, self._is_running = "", False

    def _findings(self, port: PortFound) -> list[Finding]:
        if port.state is PortState.IN_USE and port.path in self._own:
            return [good(Step.PORTS, port.path, "in use by this station")]
        found = propose([port], {}).findings
        return [each for each in found if each.subject == port.path]


def _short(port: str) -> str:
    """A line of the page is short; who is there comes before where."""
    return Path(port).name
