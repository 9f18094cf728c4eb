"""Whole journeys of money for the walk: what single random steps hardly ever string together."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from chargepoint.domain.devices import DeviceKind, DeviceOnline, DeviceRef, Pilot
from chargepoint.domain.dialogue.events import DiskStalled, KioskChanged, LinkChanged, SharedDevice
from chargepoint.domain.effects import SetOperative
from chargepoint.domain.payments import BankOutcome
from chargepoint.domain.units import ConnectorId
from tests.support.stations import answer
from tests.support.walk import CARDS, RESULTS, Walk, connectors, flags


class PayingWalk(Walk):
    """Each journey may be broken off at any point by what happened before, and by its own flags."""

    def make_ready(self, connector: ConnectorId) -> None:
        """Everything answers, and whoever was here has gone."""
        for kind in ("coin_acceptor", "card_reader"):
            self.act("tell", SharedDevice(kind, online=True))
        self.act("tell", KioskChanged(alive=True))
        self.act("tell", LinkChanged(online=True))
        self.act("tell", DiskStalled(stalled=False))
        lease = DeviceRef(DeviceKind.LEASE_TIMER, connector)
        self.act("hear", connector, DeviceOnline(lease))
        self.act("hear", connector, SetOperative(operative=True))
        self.act("board_back", connector)
        self.act("meter_back", connector)
        self.act("bank_line", True)
        self.act("settle")
        if self.station.bank_order:
            self.act("bank", BankOutcome.CANCELLED)
        self.act("pilot", connector, Pilot.A)
        self.act("wait", 300)
        if self.station.payout:
            self.act("pay_out", 10_000)
        self.act("wait", 300)
        self.act("press", f"connector_{connector}")

    def press_all(self, *buttons: str) -> None:
        for button in buttons:
            self.act("press", button)

    def charge_and_leave(self, connector: ConnectorId, energy: int, *, by_code: bool) -> None:
        self.act("asks", connector)
        self.press_all("key_ok")
        session = self.station.points[connector].data.session
        if session is not None and self.station.sockets[connector].contactor_closed:
            self.act("charge", connector, energy)
        if session is not None and by_code:
            self.press_all("stop")
            self.act("enter", session.order.code)
        self.act("pilot", connector, Pilot.A)

    @rule(
        connector=connectors,
        outcome=st.sampled_from(RESULTS),
        given_up=st.sampled_from(["", "", "back", "time", "dies"]),
        energy=st.sampled_from([0, 700]),
    )
    def bank_journey(
        self, connector: ConnectorId, outcome: BankOutcome, given_up: str, energy: int
    ) -> None:
        self.make_ready(connector)
        self.act("plugged", connector)
        self.press_all("pay_card")
        match given_up:
            case "back":
                self.press_all("back")
            case "time":
                self.act("wait", 46)
            case "dies":
                self.act("restarted", 5)
        if self.station.bank_order:
            self.act("bank", outcome)
        self.act("wait", 3)
        if energy:
            self.charge_and_leave(connector, energy, by_code=True)
        self.act("settle")

    @rule(connector=connectors, energy=st.sampled_from([0, 700]), by_code=flags, falls=flags)
    def change_journey(
        self, connector: ConnectorId, energy: int, by_code: bool, falls: bool
    ) -> None:
        self.make_ready(connector)
        self.act("plugged", connector)
        self.act("coin", 200)
        self.act("note", 500)
        self.press_all("start")
        self.charge_and_leave(connector, energy, by_code=by_code)
        self.press_all("key_ok", "return_money")
        self.act("wait", 1)
        if self.station.payout and falls:
            self.act("pay_out", 10_000)

    @rule(
        connector=connectors,
        means=st.sampled_from(["topup_cash", "topup_card"]),
        then=st.sampled_from(["key_ok", "return_money", "help"]),
        outcome=st.sampled_from(RESULTS),
    )
    def topup_journey(
        self, connector: ConnectorId, means: str, then: str, outcome: BankOutcome
    ) -> None:
        self.make_ready(connector)
        self.act("tell", CARDS[0])
        if self.station.questions:
            self.act("answered", answer(2000))
        self.press_all("topup", "topup_10", means)
        self.act("coin", 200)
        self.press_all(then)
        self.act("coin", 100)
        self.act("wait", 1)
        if self.station.bank_order:
            self.act("bank", outcome)

    @rule(connector=connectors, number=st.integers(0, 9), amount=st.sampled_from([0, 70, 360]))
    def voucher_journey(self, connector: ConnectorId, number: int, amount: int) -> None:
        self.make_ready(connector)
        self.act("plugged", connector)
        self.press_all("voucher")
        self.act("enter", f"1234567{number}")
        self.act("voucher", amount)

    @rule(connector=connectors, means=st.sampled_from(["voucher", "to_greencard", "both"]))
    def owed_journey(self, connector: ConnectorId, means: str) -> None:
        """No coins fall: a voucher, the card, or the card after the voucher."""
        self.make_ready(connector)
        self.act("coin", 200)
        self.press_all("return_money")
        self.act("wait", 1)
        if self.station.payout:
            self.act("pay_out", 100)
        self.press_all("voucher" if means == "both" else means)
        if means != "voucher":
            self.act("tell", CARDS[0])
