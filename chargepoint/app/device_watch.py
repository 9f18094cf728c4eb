"""What every fitted device last said of itself: for the service menu, never for a decision."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from chargepoint.domain.devices import (
    DeviceEvent,
    DeviceIncident,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
)
from chargepoint.ports import Clock


@dataclass(frozen=True, slots=True)
class DeviceSeen:
    """`is_online` None: it has not answered in this life. `seen_at`: its last sign of life."""

    is_online: bool | None = None
    seen_at: datetime | None = None
    serial: str = ""
    firmware: str = ""
    error: str = ""
    error_at: datetime | None = None


def name_of(device: DeviceRef) -> str:
    place = device.name if device.connector is None else str(device.connector)
    return f"{device.kind}:{place}" if place else str(device.kind)


class DeviceWatch:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, DeviceSeen] = {}

    def expect(self, names: Iterable[str]) -> None:
        """These are fitted; what never answers is shown as such."""
        self._seen = {name: self._seen.get(name, DeviceSeen()) for name in names}

    @property
    def devices(self) -> dict[str, DeviceSeen]:
        return dict(self._seen)

    def note(self, event: DeviceEvent) -> None:
        now = self._clock.utc()
        match event:
            case DeviceOnline(device=device, serial=serial, firmware=firmware):
                self._change(
                    device,
                    is_online=True,
                    seen_at=now,
                    **({"serial": serial} if serial else {}),
                    **({"firmware": firmware} if firmware else {}),
                )
            case DeviceOffline(device=device, reason=reason):
                self._change(device, is_online=False, error=reason, error_at=now)
            case DeviceIncident(device=device, code=code, detail=detail):
                self._change(device, seen_at=now, error=f"{code}: {detail}", error_at=now)
            case _:
                pass

    def _change(self, device: DeviceRef, **changes: object) -> None:
        name = name_of(device)
        before = self._seen.get(name, DeviceSeen())
        self._seen[name] = replace(before, **changes)  # type: ignore[arg-type]  # named above
