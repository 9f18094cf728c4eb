"""What the bench's members find: sealed letters of their cards, a place on the map, a flat rate to want."""

import hashlib
from collections.abc import Mapping

from central.entropy import SystemEntropy
from central.fleet.registry import Site, Socket
from central.members.advice import FlatRate
from central.members.letters import LetterText
from central.support.agents import OPERATOR
from central.support.options import SupportOptions, bench_agents
from central.system import CentralSystem
from central.web.app import Options
from config.schema import Config
from simulator.cards import CardSpec

_LATITUDE, _LONGITUDE = 43.3183, -1.9812
_FEE_MINOR, _INCLUDED_WH = 2900, 100_000


def members(system: CentralSystem, cards: Mapping[str, CardSpec], config: Config) -> Options:
    """For the pages of the central system; also tells it where the point stands."""
    station = config.station
    powers = station.connector_power_w or (station.max_power_w,) * station.connectors
    sockets = tuple(
        Socket(number, station.socket_letter, power_w)
        for number, power_w in enumerate(powers, start=1)
    )
    point = system.registry.point(station.id)
    name = f"{station.vendor} {station.name}"
    point.site = Site(name, _LATITUDE, _LONGITUDE, station.model, sockets)
    system.registry.changed(point)
    price = system.accounts.tariff.energy_milli_per_kwh
    return Options(
        letters=[letter(name, spec.number) for name, spec in cards.items()],
        flat_rate=FlatRate(_FEE_MINOR, _INCLUDED_WH, price),
        support=SupportOptions(agents=bench_agents(SystemEntropy()), are_for_this_run=True),
    )


def sign_in(options: Options) -> str:
    """Who runs the bench may act as the operator; the same password opens the support desk."""
    made = next(each for each in options.support.agents if each.role == OPERATOR)
    return f"name {made.login}, password {made.password}"


def letter(name: str, number: str) -> LetterText:
    """The same at every run: whoever plays a member can have it by heart."""
    digest = hashlib.sha256(f"letter of {number}".encode()).hexdigest()
    support_number = int(digest[8:16], 16) % 10**8
    return LetterText(number, digest[:8].upper(), f"{support_number:08}", name)
