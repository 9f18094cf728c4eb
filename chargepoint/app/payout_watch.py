"""The sensor between hoppers and tray against what the hoppers say: a difference is told, nothing is booked by it.

A hopper's own count is what the books follow (reference §1.8). The sensor is a second witness: a chute
that is blocked, a hopper that leaks or is robbed, a sensor that is dirty.
"""

import asyncio
from collections.abc import Callable

from chargepoint.domain.devices import (
    CoinsFell,
    DeviceEvent,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
)
from chargepoint.domain.payments import UNCERTAIN, PayoutDone

_QUIET_S = 4.0  # the last coin has rolled by, and the module was read since


class PayoutWatch:
    def __init__(
        self, incident: Callable[[str, str, str], None], is_paying: Callable[[], bool]
    ) -> None:
        self._incident = incident
        self._is_paying = is_paying
        self._is_watching = False  # from the module's first answer on
        self._paid = 0
        self._fell = 0
        self._is_sure = True
        self._timer: asyncio.TimerHandle | None = None

    def note(self, event: DeviceEvent) -> None:
        """What was missed while the module was away cannot be compared."""
        match event:
            case CoinsFell(count=count):
                self._fell += count
                self._look_again()
            case DeviceOnline(device=device) | DeviceOffline(device=device):
                if device.kind is DeviceKind.CABINET:
                    self._is_watching = isinstance(event, DeviceOnline)
                    self._begin_anew()
            case _:
                return

    def paid(self, done: PayoutDone) -> None:
        """A payout of this life has ended."""
        self._paid += done.paid
        self._is_sure = self._is_sure and done.reason != UNCERTAIN
        self._look_again()

    def _look_again(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_QUIET_S, self._compare)

    def _compare(self) -> None:
        if self._is_paying():
            self._look_again()
            return
        if self._is_watching and self._paid != self._fell:
            self._tell()
        self._begin_anew()

    def _tell(self) -> None:
        if not self._paid and self._is_sure:
            detail = f"{self._fell} coins fell, and nobody had ordered any"
            self._incident("cabinet.coins_stray", detail, DeviceKind.CABINET)
            return
        sure = "" if self._is_sure else " and are not sure"
        detail = f"the hoppers say {self._paid} coins{sure}; {self._fell} were seen falling"
        self._incident("cabinet.payout_differs", detail, DeviceKind.CABINET)

    def _begin_anew(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._paid, self._fell, self._is_sure, self._timer = 0, 0, True, None
