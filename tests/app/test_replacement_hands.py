"""Hands of a technician who replaces a device, and what each of them refuses."""

import asyncio
from typing import Any

import pytest

from chargepoint.app.replacing import ReplacementHands
from chargepoint.domain.service.orders import Deed
from chargepoint.domain.service.passport import Passport
from chargepoint.domain.units import ConnectorId, Minor
from chargepoint.ports import DeviceUnavailable, Hardware


class Acceptor:
    def __init__(self) -> None:
        self.is_drained = False

    def passport(self) -> Passport:
        return Passport("C1")

    async def drain(self) -> None:
        self.is_drained = True


class Till:
    def __init__(self, *, is_proved: bool = True) -> None:
        self.is_proved = is_proved
        self.done: list[tuple[str, int]] = []

    async def hold(self, value: Minor) -> bool:
        self.done.append(("hold", value))
        return self.is_proved

    async def release(self, value: Minor) -> None:
        self.done.append(("release", value))

    async def write_off(self, value: Minor) -> None:
        self.done.append(("write_off", value))


class Meter:
    def __init__(self) -> None:
        self.samples = 0

    async def sample(self) -> None:
        self.samples += 1


class Connector:
    def __init__(self, meter: Meter) -> None:
        self.meter = meter


class Terminal:
    def __init__(self, *numbers: str) -> None:
        self.numbers = numbers

    async def list_open(self) -> tuple[str, ...]:
        return self.numbers


def done(
    deed: Deed, subject: str, *, till: Any = None, acceptor: Any = None, bank: Any = None
) -> tuple[bool, str]:
    meter = Meter()
    hardware = Hardware({ConnectorId(1): Connector(meter)})  # type: ignore[dict-item]
    serviced = {} if acceptor is None else {"coin_acceptor": acceptor, "hopper:100": acceptor}
    hands = ReplacementHands(serviced, hardware, till or Till(), bank)
    return asyncio.run(hands.carry_out(deed, subject))


def test_coin_acceptor_when_drained_then_read_to_its_end() -> None:
    acceptor = Acceptor()
    assert done(Deed.DRAIN, "coin_acceptor", acceptor=acceptor) == (True, "replace_is_drained")
    assert acceptor.is_drained


def test_hopper_when_drained_then_it_pays_nobody() -> None:
    till = Till()
    assert done(Deed.DRAIN, "hopper:100", till=till, acceptor=Acceptor())[0]
    assert till.done == [("hold", 100)]


def test_hopper_when_a_payout_is_unproved_then_it_is_not_drained() -> None:
    with pytest.raises(DeviceUnavailable, match="not proved"):
        done(Deed.DRAIN, "hopper:100", till=Till(is_proved=False))


@pytest.mark.parametrize(
    ("deed", "name"), [(Deed.RELEASE, "release"), (Deed.WRITE_OFF, "write_off")]
)
def test_hopper_when_ended_or_written_off_then_the_cashier_knows(deed: Deed, name: str) -> None:
    till = Till()
    assert done(deed, "hopper:100", till=till)[0]
    assert till.done == [(name, 100)]


def test_meter_when_drained_or_tried_then_read() -> None:
    assert done(Deed.DRAIN, "meter:1")[0]
    assert done(Deed.SAMPLE, "1") == (True, "replace_sampled")


def test_terminal_when_it_knows_of_reservations_then_not_good() -> None:
    assert done(Deed.ASK_BANK, "", bank=Terminal()) == (True, "replace_bank_good")
    assert done(Deed.ASK_BANK, "", bank=Terminal("12")) == (False, "replace_bank_open|1")
    with pytest.raises(DeviceUnavailable):
        done(Deed.ASK_BANK, "")
