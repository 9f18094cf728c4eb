"""What journeys of the conversation with bank card, change and vouchers begin with."""

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.payments import (
    BankOutcome,
)
from chargepoint.domain.record import HoldState
from chargepoint.domain.session import Means
from tests.support.stations import answer
from tests.support.tills import CARD, PayingStation, a_till, charged_by

APPROVED, DECLINED = BankOutcome.APPROVED, BankOutcome.DECLINED
CANCELLED, UNKNOWN = BankOutcome.CANCELLED, BankOutcome.UNKNOWN


def at_terminal() -> PayingStation:
    station = a_till()
    station.plugged().press("pay_card")
    return station


def states(station: PayingStation) -> list[HoldState]:
    return [record.state for record in station.holds.values()]


def sent(station: PayingStation, message_id: str) -> list[VendorMessage]:
    return [
        d
        for d in station.deliveries.values()
        if isinstance(d, VendorMessage) and d.message_id == message_id
    ]


def left_with_change(inside: int = 10_000, *, proved: bool = True) -> PayingStation:
    station = charged_by(a_till(inside=inside), Means.CASH)
    if proved:
        station.press("stop").enter(station.code())
    station.unplugged()
    return station


def typed(station: PayingStation, code: str = "12345678") -> PayingStation:
    station.press("voucher").enter(code)
    return station


def topping_up(amount: str = "topup_10") -> PayingStation:
    station = a_till()
    station.tell(CARD).answered(answer()).press("topup").press(amount)
    assert station.screen == "top_how"
    return station
