"""Composition of what the cabinet shows and sees by itself: lamps, beeper, falling coins, its door. No logic."""

from dataclasses import dataclass

from chargepoint.app.mains_watch import MainsWatch
from chargepoint.app.payout_watch import PayoutWatch
from chargepoint.app.signals import Signals
from chargepoint.app.station_actor import StationActor
from chargepoint.app.tamper_watch import Kept, TamperWatch
from chargepoint.domain.devices import DeviceEvent
from chargepoint.money_parts import MoneyParts
from chargepoint.ports import Hardware


@dataclass(frozen=True, slots=True)
class CabinetParts:
    signals: Signals
    payouts: PayoutWatch | None
    tamper: TamperWatch

    def note(self, event: DeviceEvent) -> None:
        self.tamper.note(event)
        if self.payouts is not None:
            self.payouts.note(event)


def serve_cabinet(
    station: StationActor,
    hardware: Hardware,
    money: MoneyParts,
    journal: Kept,
    *,
    sign_in_limit_s: int,
) -> CabinetParts:
    """Connect the cabinet's own signals to the station."""
    tamper = TamperWatch(
        sign_in_limit_s,
        lambda: station.dialogue.data.service.person is not None,
        station.emit,
        journal,
    )
    signals = Signals(hardware.cabinet)
    if hardware.cabinet is not None:
        station.noticed = (*station.noticed, MainsWatch(hardware.cabinet).heard)
    station.shown = signals.follow
    station.sounded = signals.sound
    if not (signals.is_fitted and money.hardware.hoppers):
        return CabinetParts(signals, None, tamper)
    payouts = PayoutWatch(station.incident, lambda: money.cashier.is_paying)
    money.cashier.paid_out = payouts.paid
    return CabinetParts(signals, payouts, tamper)
