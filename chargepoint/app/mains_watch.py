"""Has the cabinet's inputs looked at closely while anybody charges.

A supply that fails says so a moment before it is dark (300 ms); by then every contactor shall be open.
While nobody charges there is nothing to open, and the module is left in peace.
"""

from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Cabinet


class MainsWatch:
    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet
        self._live: set[ConnectorId] = set()

    def heard(self, connector: ConnectorId, seen: PointSeen) -> None:
        is_live = seen.state.startswith("session/") or seen.data.contactor_closed
        (self._live.add if is_live else self._live.discard)(connector)
        self._cabinet.watch(closely=bool(self._live))
