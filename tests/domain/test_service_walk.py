"""Whatever a technician touches, in any order, and whatever drivers do meanwhile: nothing breaks."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chargepoint.domain.devices import DoorMoved, ForeignCardRead, GreenCardRead
from chargepoint.domain.dialogue.events import Pressed
from chargepoint.domain.service.orders import (
    CheckPin,
    Consult,
    Consulted,
    Perform,
    Performed,
    PinChecked,
)
from chargepoint.domain.service.passport import Passport
from chargepoint.domain.service.people import Person, Role
from chargepoint.domain.service.values import Fact, Sheet
from chargepoint.domain.units import Minor
from tests.support.stations import StationUnderTest, a_station

PEOPLE = (Person("anna", Role.TECHNICIAN), Person("carlos", Role.COLLECTOR), None)
EUROS = tuple(Minor(value) for value in (10, 20, 50, 100, 200))
SHEETS = (
    Sheet(),
    Sheet((Fact("a", "1"),), Minor(500)),
    Sheet(tuple(Fact(f"raw|{n}", id=str(n)) for n in (1, 2)), Minor(200)),
    Sheet(tuple(Fact(f"raw|{n}", "7", "money", id="lock:1") for n in range(15))),
    Sheet(tuple(Fact(f"raw|{name}", id=name) for name in ("coin_acceptor", "hopper:100"))),
    Sheet(passport=Passport("C1", values=EUROS, booked="1:1", is_online=True)),
    Sheet(passport=Passport("C2", values=EUROS, booked="1:0", is_online=True)),
)


class AnyTechnician(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.station: StationUnderTest = a_station(2, hoppers_fitted=True, printer_fitted=True)
        self.answered: set[int] = set()

    def newest(self, kind: type) -> Any:
        found = self.station.sent(kind)
        return found[-1] if found else None

    @rule()
    def hold_the_brand(self) -> None:
        self.station.tell(Pressed("service", 0, "", 5.0))

    @rule(number=st.integers(0, 40), times=st.integers(1, 4))
    def press(self, number: int, times: int) -> None:
        for _ in range(times):
            buttons = self.station.buttons()
            if buttons:
                self.station.press(buttons[number % len(buttons)])

    @rule(person=st.sampled_from(PEOPLE))
    def log_in(self, person: Person | None) -> None:
        self.hold_the_brand()
        if self.station.screen == "t_login" and "key_1" in self.station.buttons():
            self.station.enter("246810").press("key_ok")
            self.station.tell(PinChecked(self.newest(CheckPin).request, person))

    @rule(sheet=st.sampled_from(SHEETS), is_late=st.booleans())
    def answer(self, sheet: Sheet, is_late: bool) -> None:
        if order := self.newest(Consult):
            self.station.tell(Consulted(order.request - is_late, sheet))

    @rule(is_done=st.booleans())
    def perform(self, is_done: bool) -> None:
        if order := self.newest(Perform):
            event = Performed(order.request, order.deed, is_done, "failed|x", order.subject)
            self.station.tell(event)

    @rule(is_open=st.booleans())
    def door(self, is_open: bool) -> None:
        self.station.tell(DoorMoved(is_open))

    @rule(
        card=st.sampled_from((GreenCardRead("7123450000000018", "04AA"), ForeignCardRead("04DD")))
    )
    def tap(self, card: Any) -> None:
        self.station.tell(card)

    @rule(connector=st.sampled_from((1, 2)))
    def plug_or_unplug(self, connector: int) -> None:
        if self.station.point(connector).data.is_plugged:
            self.station.unplugged(connector)
        else:
            self.station.plugged(connector)

    @rule(value=st.sampled_from((10, 100, 200)))
    def coin(self, value: int) -> None:
        self.station.coin(value)

    @rule(seconds=st.sampled_from((1, 30, 301, 1000)))
    def wait(self, seconds: int) -> None:
        self.station.wait(seconds)

    # --- always ---

    @invariant()
    def nothing_was_unexpected(self) -> None:
        surprises = [i.detail for i in self.station.incidents if i.code == "machine.unexpected"]
        assert not surprises

    @invariant()
    def nobody_is_inside_without_a_page_and_no_page_without_the_menu(self) -> None:
        data = self.station.dialogue.data.service
        inside = self.station.dialogue.state == "service"
        assert inside is bool(data.page)
        assert inside or data.person is None
        closed = ("service_busy", "t_login", "")
        assert data.person is not None or data.page in closed

    @invariant()
    def cash_is_shut_while_somebody_is_inside_or_the_box_is_open(self) -> None:
        data = self.station.dialogue.data
        if data.service.page == "t_replace_trial":
            return  # a technician's coin is wanted
        if self.station.dialogue.state == "service" or data.service.collection is not None:
            assert not data.coins_accepted
        if data.service.replacement is not None:
            device = data.service.replacement.device
            assert not (device == "coin_acceptor" and data.coins_accepted)

    @invariant()
    def every_coin_is_in_the_books(self) -> None:
        inserted = sum(
            entry.signed_minor
            for key, posting in self.station.postings.items()
            if key.startswith("coin:")
            for entry in posting.entries
            if entry.account == "cash_box"
        )
        assert self.station.balances().get("cash_box", 0) == inserted

    @invariant()
    def the_page_can_be_shown_and_left(self) -> None:
        if self.station.dialogue.state != "service":
            return
        assert self.station.param("who") is not None
        ways = self.station.buttons(enabled=False)
        assert {"back", "t_out", "service", "key_ok"} & set(ways)
        assert len(ways) == len(set(ways))


TestAnyTechnician = AnyTechnician.TestCase
TestAnyTechnician.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
