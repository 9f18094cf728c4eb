"""Hands for a technician who replaces a device: drain it, know the new one, try it."""

from collections.abc import Mapping

from chargepoint.app.cashier import Cashier
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.units import ConnectorId, Minor
from chargepoint.maintenance_ports import Serviced
from chargepoint.payment_ports import BankTerminal
from chargepoint.ports import DeviceUnavailable, Hardware

Ended = tuple[bool, str]
"""Whether it was done, and a text key for the screen."""


class ReplacementHands:
    """`serviced`: the money devices by their names on the list of devices."""

    def __init__(
        self,
        serviced: Mapping[str, Serviced],
        hardware: Hardware,
        cashier: Cashier,
        bank: BankTerminal | None,
    ) -> None:
        self._serviced = serviced
        self._hardware = hardware
        self._cashier = cashier
        self._bank = bank

    async def carry_out(self, deed: Deed, subject: str) -> Ended:
        """Raises DeviceUnavailable."""
        match deed:
            case Deed.DRAIN:
                return await self._drain(subject)
            case Deed.WRITE_OFF:
                await self._cashier.write_off(_coin_of(subject))
                return True, "replace_written_off"
            case Deed.RELEASE:
                await self._cashier.release(_coin_of(subject))
                return True, "replaced"
            case Deed.SAMPLE:
                await self._hardware.connectors[ConnectorId(int(subject))].meter.sample()
                return True, "replace_sampled"
            case _:
                return await self._ask_bank()

    async def _drain(self, subject: str) -> Ended:
        kind = subject.partition(":")[0]
        if kind == "hopper" and not await self._cashier.hold(_coin_of(subject)):
            raise DeviceUnavailable("a payout is not proved yet")
        if kind == "meter":
            await self._hardware.connectors[
                ConnectorId(int(subject.partition(":")[2]))
            ].meter.sample()
        if subject in self._serviced:
            await self._serviced[subject].drain()
        return True, "replace_is_drained"

    async def _ask_bank(self) -> Ended:
        """It answers to our password, and knows of no reservation that is not ours."""
        if self._bank is None:
            raise DeviceUnavailable("not fitted")
        still_open = await self._bank.list_open()
        if still_open:
            return False, f"replace_bank_open|{len(still_open)}"
        return True, "replace_bank_good"


def _coin_of(subject: str) -> Minor:
    return Minor(int(subject.partition(":")[2]))
