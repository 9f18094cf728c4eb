"""Composition of what the central system may ask besides charging: firmware and logs. No logic."""

from collections.abc import Awaitable, Callable, Mapping

from chargepoint.app.diagnostics import JournalLogs
from chargepoint.app.firmware import FirmwareUpdates
from chargepoint.app.log_upload import LogUploads
from chargepoint.app.point_actor import PointActor
from chargepoint.app.station_actor import StationActor
from chargepoint.app.timekeeping import Timekeeper
from chargepoint.domain.effects import ClockMoved, SetUpdating
from chargepoint.domain.progress import Step
from chargepoint.domain.units import ConnectorId
from chargepoint.security_ports import Ordered, SecurityLog, UpdateOrder, UploadOrder
from chargepoint.world import World
from config.schema import Config


class ChargingSide:
    """firmware.Station."""

    def __init__(self, station: StationActor, restart: Callable[[], None]) -> None:
        self._station = station
        self._restart = restart

    def is_charging(self) -> bool:
        """A person in the middle of something counts: a receipt, a top-up, a technician."""
        sessions = any(point.seen.session for point in self._station.points.values())
        return sessions or self._station.dialogue.state != "home"

    def set_updating(self, *, updating: bool) -> None:
        for point in self._station.points.values():
            if point.seen.data.updating != updating:
                point.post(SetUpdating(updating))

    def restart(self) -> None:
        self._restart()


def timekeeper_of(
    config: Config,
    world: World,
    points: Mapping[ConnectorId, PointActor],
    wake: Callable[[], None],
    log: SecurityLog,
) -> Timekeeper:
    """Journal and points are told together what this life has stamped wrongly."""

    def shift(moved: ClockMoved) -> None:
        world.journal.shift_clock(moved, config.station.timezone, wake)
        for point in points.values():
            point.post(moved)

    return Timekeeper(world.clock, world.correct_clock, shift, log, system_time=world.system_time)


class MaintenanceDesk:
    """security_ports.Maintenance."""

    def __init__(
        self,
        config: Config,
        world: World,
        station: StationActor,
        security: SecurityLog,
        *,
        queued: Callable[[], None],
        restart: Callable[[], None],
    ) -> None:
        self._transfer = world.transfer
        self._updates = FirmwareUpdates(
            world.journal,
            world.journal,
            world.clock,
            world.entropy,
            transfer=world.transfer,
            installer=world.installer,
            verify=world.verify,
            station=ChargingSide(station, restart),
            security=security,
            queued=queued,
        )
        self._uploads = LogUploads(
            world.journal,
            world.clock,
            world.entropy,
            transfer=world.transfer,
            source=JournalLogs(world.journal, config.station.id, config.station.firmware),
            queued=queued,
        )

    def start(self, keep: Callable[[Callable[[], Awaitable[None]], str], None]) -> None:
        keep(self._updates.run, "firmware")
        keep(self._uploads.run, "log_upload")

    async def update(self, order: UpdateOrder) -> Ordered:
        return await self._updates.update(order)

    async def upload(self, order: UploadOrder) -> Ordered:
        return await self._uploads.upload(order)

    def transfers(self, url: str) -> bool:
        return self._transfer.knows(url)

    def firmware_step(self, *, signed: bool) -> tuple[Step | None, int | None]:
        return self._updates.step(signed=signed)

    def upload_step(self) -> tuple[Step | None, int | None]:
        return self._uploads.step()
