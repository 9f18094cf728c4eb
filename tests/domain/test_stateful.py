"""No order of events may lose a cent, close a contactor outside a charge, or surprise a machine."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from typing_extensions import override

from chargepoint.domain.delivery import (
    MeterValuesTaken,
    TransactionEnded,
    TransactionStarted,
    VendorMessage,
)
from chargepoint.domain.faults import standing as faults
from chargepoint.domain.point import states
from chargepoint.domain.record import HoldState
from chargepoint.domain.session import Means
from chargepoint.domain.supply.believable import DOUBTS
from chargepoint.domain.supply.derating import Slope
from tests.support.counted import Count, counted
from tests.support.walk import WITH_IDLE_FEE
from tests.support.walk_money import PayingWalk

pytestmark = pytest.mark.timeout(180)  # seconds; a busy machine is no failure

UNBELIEVED = DOUBTS | {faults.METER_LOST}
_WAITING = ("credit:", "held:", "topup:")

TRUSTED = settings(
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


class Promises(PayingWalk):
    @invariant()
    def contactor_is_wanted_closed_in_a_charge_only(self) -> None:
        for connector, socket in self.station.sockets.items():
            state = self.station.points[connector].state
            assert not socket.is_wanted_closed or state.startswith(states.MAY_BE_CLOSED), state

    @invariant()
    def power_is_wanted_only_while_a_session_pays_for_it(self) -> None:
        for connector, socket in self.station.sockets.items():
            session = self.station.points[connector].data.session
            if socket.is_wanted_closed:
                assert session is not None
                assert not session.ended
                assert session.limit is None or session.exact_cost <= session.limit

    @invariant()
    def power_is_wanted_only_while_a_meter_is_believed(self) -> None:
        for connector, socket in self.station.sockets.items():
            doubted = self.station.points[connector].data.faults & UNBELIEVED
            assert not (socket.is_wanted_closed and doubted), doubted

    @invariant()
    def offer_is_within_rating_profile_and_warmth(self) -> None:
        for connector, socket in self.station.sockets.items():
            settings = self.station.points[connector].settings
            slope = Slope(settings.derate_from_milli, settings.rating)
            most = min(settings.rating, socket.allowed)
            if socket.board_online:  # else it could not tell how warm it is
                most = min(most, slope.at(socket.temperature_milli))
            assert not socket.contactor_closed or socket.offer <= most, (socket, most)

    @invariant()
    def lock_lets_go_of_open_contacts_only(self) -> None:
        for socket in self.station.sockets.values():
            assert not socket.live_release, socket.live_release

    @invariant()
    def nothing_was_unexpected(self) -> None:
        surprises = [i.detail for i in self.station.incidents if i.code == "machine.unexpected"]
        assert not surprises

    @invariant()
    def every_cent_is_somewhere(self) -> None:
        """In, by coins, notes, vouchers and cards; out by change, sales and onto cards."""
        balances = self.station.balances()
        waiting = sum(
            amount
            for account, amount in balances.items()
            if account in ("unassigned", "owed") or account.startswith(_WAITING)
        )
        assert not [a for a in balances if a.startswith(_WAITING) and balances[a] < 0]
        assert balances.get("owed", 0) >= 0
        assert balances.get("unassigned", 0) >= 0
        inserted = self.moved("cash_box", "coin:", "note:")
        by_card, onto_cards = self.moved("card_clearing", "banksale:"), self.loaded()
        issued = -self.moved("voucher", "voucher:")
        assert balances.get("cash_box", 0) == inserted
        redeemed = self.used_up()
        assert self.station.vouchers_in <= redeemed
        assert balances.get("voucher", 0) == issued - redeemed
        assert balances.get("hopper", 0) == -self.station.paid_out
        came = inserted + by_card + redeemed
        went = self.billed(Means.CASH) + self.station.paid_out + onto_cards + issued
        assert came == waiting + went
        assert balances.get("card_clearing", 0) == by_card + self.billed(Means.BANK)
        others = self.billed(Means.GREENCARD) + self.billed(Means.TOKEN)
        assert balances.get("gc_clearing", 0) == others - onto_cards

    def moved(self, account: str, *prefixes: str) -> int:
        """What postings with such keys did to an account; debit is positive."""
        return sum(
            entry.signed_minor
            for key, posting in self.station.postings.items()
            if key.startswith(prefixes)
            for entry in posting.entries
            if entry.account == account
        )

    def loaded(self) -> int:
        return -self.moved("gc_clearing", "topupdone:")

    def used_up(self) -> int:
        """Vouchers that became credit, or went onto a card instead."""
        return self.moved("voucher", "voucherin:")

    @invariant()
    def holds_end_once_and_never_above_their_amount(self) -> None:
        """`PayingStation` refuses what ends twice; here: what is captured is what was sold."""
        station = self.station
        wanted = sum(
            record.wanted
            for record in station.holds.values()
            if record.state in (HoldState.CAPTURE, HoldState.DONE)
        )
        assert wanted == station.balances().get("card_clearing", 0)
        for point in station.points.values():
            session = point.data.session
            if session is not None and session.order.hold is not None and point.data.bill is None:
                assert station.holds[session.order.hold.reference].state is HoldState.USED
        spoken_for = station.dialogue.data.pay.hold
        for reference, record in station.holds.items():
            if record.state is HoldState.OPEN:
                assert spoken_for is not None, f"{reference} is forgotten"
                assert spoken_for.reference == reference

    def billed(self, means: Means) -> int:
        return sum(
            delivery.payload["total"]["amount"]
            for delivery in self.station.deliveries.values()
            if isinstance(delivery, VendorMessage)
            and delivery.payload.get("means") == means.value
            and delivery.message_id == "Session.Receipt"
        )

    @invariant()
    def credit_on_screen_is_what_the_books_say(self) -> None:
        balances = self.station.balances()
        for connector, amount in self.station.dialogue.data.credit.items():
            account = f"credit:{connector}" if connector else "unassigned"
            assert amount == balances.get(account, 0), account

    @invariant()
    def screen_that_invites_is_ready(self) -> None:
        """Who sees the first screen can do what it says: insert coins, reserve."""
        if self.station.screen == "home":
            assert self.station.dialogue.state == "home", self.station.dialogue.data.focus

    @invariant()
    def money_is_held_by_running_cash_sessions_only(self) -> None:
        balances = self.station.balances()
        for connector, point in self.station.points.items():
            session = point.data.session
            is_open = session is not None and point.data.bill is None
            limit = session.limit if session and session.order.means is Means.CASH else 0
            assert balances.get(f"held:{connector}", 0) == (limit if is_open else 0)

    @invariant()
    def transactions_start_then_stop_then_are_billed(self) -> None:
        order = list(self.station.deliveries)
        for key, delivery in self.station.deliveries.items():
            match delivery:
                case TransactionEnded(session=session):
                    assert order.index(f"tx:{session}:start") < order.index(key)
                case VendorMessage(session=None):
                    pass
                case VendorMessage(session=session):
                    assert order.index(f"tx:{session}:stop") < order.index(key)
                case TransactionStarted() | MeterValuesTaken():
                    pass

    @invariant()
    def nobody_pays_more_than_the_limit(self) -> None:
        for point in self.station.points.values():
            session = point.data.session
            assert session is None or session.limit is None or session.cost <= session.limit
        for delivery in self.station.deliveries.values():
            if isinstance(delivery, VendorMessage) and "cashIn" in delivery.payload:
                payload = delivery.payload
                assert payload["total"]["amount"] <= payload["cashIn"]["amount"]

    @override
    def teardown(self) -> None:
        if len(self.script) % 4 == 0:
            assert self.walked_again().log == self.station.log


class PromisesWithIdleFee(Promises):
    tariff = WITH_IDLE_FEE


@pytest.mark.parametrize(("kind", "stories"), [(Promises, 40), (PromisesWithIdleFee, 20)])
def test_machines_keep_every_promise_after_every_step(
    kind: type[Promises], stories: int, record_property: Callable[[str, object], None]
) -> None:
    count = Count()
    run_state_machine_as_test(
        counted(kind, count), settings=settings(TRUSTED, max_examples=stories)
    )
    record_property("steps of machines", count.steps)
