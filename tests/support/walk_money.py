"""Whole journeys of money for the walk: what single random steps hardly ever string together."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from chargepoint.domain.devices import DeviceKind, DeviceOnline, DeviceRef, Pilot
from chargepoint.domain.dialogue.events import DiskStalled, KioskChanged, LinkChanged, SharedDevice
from chargepoint.domain.effects import SetOperative
from chargepoint.domain.payments import BankOutcome
from chargepoint.domain.units import ConnectorId
from tests.support.stations import answer
from tests.support.walk import CARDS, RESULTS, Walk, connectors, flags

means = st.sampled_from(["cash", "note", "bank", "greencard"])


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

    def is_charging(self, connector: ConnectorId) -> bool:
        return self.station.sockets[connector].is_wanted_closed

    @property
    def has_room(self) -> bool:
        """Not every connector charges: a journey at one would end it before it was looked at."""
        return not all(self.is_charging(each) for each in self.station.sockets)

    def free_one(self, wished: ConnectorId) -> ConnectorId:
        free = [each for each in self.station.sockets if not self.is_charging(each)]
        return wished if wished in free else free[0]

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

    @initialize(connector=connectors, means=means)
    def somebody_charges_at_first(self, connector: ConnectorId, means: str) -> None:
        self.begin_a_charge(connector, means)

    @precondition(lambda self: self.has_room)
    @rule(connector=connectors, means=means)
    def charge_begins(self, connector: ConnectorId, means: str) -> None:
        self.begin_a_charge(self.free_one(connector), means)

    def begin_a_charge(self, connector: ConnectorId, means: str) -> None:
        """It goes on, for whatever comes next."""
        self.make_ready(connector)
        self.act("plugged", connector)
        match means:
            case "cash":
                self.act("coin", 200)
                self.press_all("start")
            case "note":
                self.act("note", 500)
                self.press_all("start")
            case "bank":
                self.press_all("pay_card")
                if self.station.bank_order:
                    self.act("bank", BankOutcome.APPROVED)
                self.act("wait", 3)
            case _:
                self.act("tell", CARDS[0])
                if self.station.questions:
                    self.act("answered", answer(2000))
                self.press_all("start")
        self.act("limited", connector, 32_000)
        self.act("asks", connector)
        self.press_all("key_ok")
        if self.station.sockets[connector].contactor_closed:
            self.act("charge", connector, 10)

    @precondition(lambda self: self.has_room)
    @rule(
        connector=connectors,
        outcome=st.sampled_from(RESULTS),
        given_up=st.sampled_from(["", "", "back", "time", "dies"]),
        energy=st.sampled_from([0, 700]),
    )
    def bank_journey(
        self, connector: ConnectorId, outcome: BankOutcome, given_up: str, energy: int
    ) -> None:
        connector = self.free_one(connector)
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

    @precondition(lambda self: self.has_room)
    @rule(connector=connectors, energy=st.sampled_from([0, 700]), by_code=flags, falls=flags)
    def change_journey(
        self, connector: ConnectorId, energy: int, by_code: bool, falls: bool
    ) -> None:
        connector = self.free_one(connector)
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

    @precondition(lambda self: self.has_room)
    @rule(
        connector=connectors,
        means=st.sampled_from(["topup_cash", "topup_card"]),
        then=st.sampled_from(["key_ok", "return_money", "help"]),
        outcome=st.sampled_from(RESULTS),
    )
    def topup_journey(
        self, connector: ConnectorId, means: str, then: str, outcome: BankOutcome
    ) -> None:
        connector = self.free_one(connector)
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

    @precondition(lambda self: self.has_room)
    @rule(connector=connectors, number=st.integers(0, 9), amount=st.sampled_from([0, 70, 360]))
    def voucher_journey(self, connector: ConnectorId, number: int, amount: int) -> None:
        connector = self.free_one(connector)
        self.make_ready(connector)
        self.act("plugged", connector)
        self.press_all("voucher")
        self.act("enter", f"1234567{number}")
        self.act("voucher", amount)

    @precondition(lambda self: self.has_room)
    @rule(connector=connectors, means=st.sampled_from(["voucher", "to_greencard", "both"]))
    def owed_journey(self, connector: ConnectorId, means: str) -> None:
        """No coins fall: a voucher, the card, or the card after the voucher."""
        connector = self.free_one(connector)
        self.make_ready(connector)
        self.act("coin", 200)
        self.press_all("return_money")
        self.act("wait", 1)
        if self.station.payout:
            self.act("pay_out", 100)
        self.press_all("voucher" if means == "both" else means)
        if means != "voucher":
            self.act("tell", CARDS[0])
