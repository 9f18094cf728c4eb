"""What journeys of the conversation begin with: a charge by coins, a charge by card."""

from chargepoint.domain.devices import (
    GreenCardRead,
)
from chargepoint.domain.money.account import (
    TokenAnswer,
    TokenStatus,
)
from tests.support.stations import StationUnderTest, a_station, answer

CARD = GreenCardRead("7123450000000018", "04AABBCC")
OTHER = GreenCardRead("7123450000000026", "04DDEEFF")
UNKNOWN = TokenAnswer(TokenStatus.INVALID)


def a_cash_charge(coins: int = 1) -> StationUnderTest:
    station = a_station().plugged()
    for _ in range(coins):
        station.coin(200)
    return station.press("start").asks().press("key_ok")


def a_card_charge(connectors: int = 1) -> StationUnderTest:
    station = a_station(connectors).plugged().tell(CARD).answered(answer())
    return station.press("start").asks()
