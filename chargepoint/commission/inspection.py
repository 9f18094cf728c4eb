"""The whole look at a station on site: configuration, devices, panel, papers, central system."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from chargepoint.app.pins import StoredPin
from chargepoint.commission import central, panel, papers
from chargepoint.commission.finding import Finding, Step, bad, doubtful, good
from chargepoint.commission.report import Head, body_of, signed, signer_of
from chargepoint.commission.trial import LIMIT_S, Heard, Trial
from chargepoint.domain.devices import CoinCursor
from chargepoint.domain.payments import BankResult, NoteCursor
from chargepoint.errors import ChargepointError
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.ports import Clock, Entropy
from config.doubts import warnings
from config.schema import Config, Station
from config.site_check import fitted, flaws
from drivers.factory import Surroundings, build_hardware, build_payment_hardware
from drivers.lines import OpenLine, sharing


@dataclass(frozen=True, slots=True)
class Place:
    """Where a station is looked at. `pins`: who may open its service menu."""

    config: Config
    file: Path
    vault: FolderVault
    clock: Clock
    entropy: Entropy
    open_line: OpenLine
    pins: Callable[[], list[StoredPin]]
    sys: Path = panel.SYS


@dataclass(frozen=True, slots=True)
class Scope:
    """How long devices are heard, whether they may move, whether there is a network to try."""

    limit_s: float = LIMIT_S
    moves: bool = False
    with_central: bool = True


async def inspect(place: Place, scope: Scope) -> list[Finding]:
    config, now = place.config, place.clock.utc()
    told = [*_site(place), *await _devices(place, scope)]
    told += panel.panel_findings(place.sys, config.kiosk.size)
    told += papers.certificate_findings(config, place.vault, now)
    told += papers.key_findings(config, place.pins())
    told.append(central.clock_finding(now))
    if scope.with_central:
        told.append(await central.link_finding(config))
    else:
        remedy = "again without --offline, once there is a network"
        told.append(doubtful(Step.CENTRAL, "link", "not tried", remedy))
    return told


def _site(place: Place) -> list[Finding]:
    config = place.config
    station = config.station
    told = [
        good(Step.SITE, "station.id", station.id),
        good(Step.SITE, "station.name", station.name),
        good(Step.SITE, "station.serial", station.serial),
    ]
    for name in ("id", "serial"):
        if getattr(station, name) == Station.model_fields[name].default:
            text = "still that of the example: two stations would be one"
            remedy = f"python -m chargepoint.commission set {place.file} station.{name}=…"
            told.append(bad(Step.SITE, f"station.{name}", text, remedy))
    told += [doubtful(Step.SITE, *each) for each in warnings(config)]
    for flaw in flaws(config, here=True):
        make = bad if flaw.is_error else doubtful
        told.append(make(Step.SITE, flaw.key, flaw.text, flaw.remedy))
    return told


async def _devices(place: Place, scope: Scope) -> list[Finding]:
    heard = Heard()
    try:
        trial = open_trial(place, heard)
    except ChargepointError as error:  # a kind nobody knows, a key that cannot be used
        return [bad(Step.DEVICES, "devices", str(error), "correct it, then do this again")]
    return await trial.run(limit_s=scope.limit_s, moves=scope.moves)


def open_trial(place: Place, heard: Heard) -> Trial:
    """Every driver that the core would open; what acceptors remember is left as it is."""
    config = place.config

    def no_cursor(_serial: str) -> CoinCursor | None:
        return None

    def no_note_cursor(_serial: str) -> NoteCursor | None:
        return None

    async def nothing_is_sold(_result: BankResult) -> None:
        """No command that ends in money is given."""

    around = Surroundings(
        heard.emit,
        place.clock,
        place.entropy,
        no_cursor,
        sharing(config, place.open_line),
        stored_note_cursor=no_note_cursor,
    )
    devices = {key.removeprefix("devices."): each for key, each in fitted(config).items()}
    hardware = build_hardware(config, around)
    payment = build_payment_hardware(config, around, nothing_is_sold)
    return Trial(hardware, payment, heard, {n: d.port or "the board" for n, d in devices.items()})


def report_of(place: Place, findings: list[Finding], by: str) -> str:
    """The signed document."""
    station = place.config.station
    head = Head(
        station=station.id,
        serial=station.serial,
        software=metadata.version("chargepoint"),
        by=by,
        made_at=place.clock.utc(),
        configuration=hashlib.sha256(place.file.read_bytes()).hexdigest(),
    )
    signer = signer_of(place.vault, place.entropy)
    return signed(body_of(head, findings), signer.key_pem, signer.chain_pem)
