"""Whatever customers, vehicles, devices and the central system do, in any order: rules for hypothesis.

Every step is also written down, so that a finished walk can be walked again and compared.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from chargepoint.domain.devices import (
    BoardFault,
    BoardFaultCleared,
    BoardFaultRaised,
    CardNotAuthentic,
    CardUnreadable,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    ForeignCardRead,
    GreenCardRead,
    LockJammed,
    Pilot,
)
from chargepoint.domain.dialogue.context import DialogueSettings
from chargepoint.domain.dialogue.events import DiskStalled, KioskChanged, LinkChanged, SharedDevice
from chargepoint.domain.effects import (
    Claim,
    ForgetPending,
    Keep,
    ResetFaults,
    SetOperative,
    Start,
    Stop,
)
from chargepoint.domain.money.account import AccountState, TokenAnswer, TokenStatus
from chargepoint.domain.payments import BankOutcome, BankPrompt
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.pricing.tariff import Tariff
from chargepoint.domain.reservations.reservation import Kept, Reservation
from chargepoint.domain.session import EndCause, Means, StartOrder
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from tests.support.points import PUBLIC, at
from tests.support.stations import answer
from tests.support.tills import PayingStation

WITH_IDLE_FEE = Tariff(
    energy_milli_per_kwh=45_000,
    charging_milli_per_minute=500,
    idle_milli_per_minute=10_000,
    idle_grace_minutes=1,
    session_minor=10,
)
CARDS = (
    GreenCardRead("7123450000000018", "04AA"),
    GreenCardRead("7123450000000026", "04BB"),
    CardNotAuthentic("04CC"),
    ForeignCardRead("04DD"),
    CardUnreadable(),
)
ANSWERS = (
    answer(2000),
    answer(150),
    answer(50),
    answer(3000, tariff=WITH_IDLE_FEE),
    answer(state=AccountState.BLOCKED),
    TokenAnswer(TokenStatus.ACCEPTED, offline=True),
    TokenAnswer(TokenStatus.INVALID),
)
INSIDE = 1500  # in the hoppers at first
READ_EVERY_S, MOST_W = 10, 360_000  # what is used up in that time is looked ahead at
POINTS = PointSettings(derate_from_milli=60_000)
RESULTS = (
    *(BankOutcome.APPROVED, BankOutcome.APPROVED, BankOutcome.DECLINED),
    *(BankOutcome.CANCELLED, BankOutcome.UNKNOWN),
)
connectors = st.sampled_from([ConnectorId(1), ConnectorId(2)])
flags = st.booleans()


class Walk(RuleBasedStateMachine):
    tariff = PUBLIC

    def __init__(self) -> None:
        super().__init__()
        self.script: list[tuple[str, tuple[Any, ...]]] = []
        self.remote_starts = 0
        self.station = self.fresh()

    def fresh(self) -> PayingStation:
        chosen = DialogueSettings(
            tariff=self.tariff,
            minimum=Minor(100),
            uid_tokens=True,
            bank_fitted=True,
            hoppers_fitted=True,
            note_values=(500, 1000),
        )
        return PayingStation(2, chosen, inside=INSIDE, point_settings=POINTS).booted()

    def act(self, name: str, *arguments: Any) -> None:
        self.script.append((name, arguments))
        getattr(self.station, name)(*arguments)
        if name == "wait":
            self.act("read")

    def walked_again(self) -> PayingStation:
        station = self.fresh()
        for name, arguments in self.script:
            getattr(station, name)(*arguments)
        return station

    # --- people ---

    @rule(value=st.sampled_from([10, 50, 100, 200]))
    def insert_coin(self, value: int) -> None:
        self.act("coin", value)

    @rule(value=st.sampled_from([500, 1000]))
    def insert_note(self, value: int) -> None:
        self.act("note", value)

    @rule(
        path=st.sampled_from(
            (
                *(("pay_card",), ("return_money",), ("voucher",), ("to_greencard",), ("retry",)),
                ("topup", "topup_10", "topup_card"),
                ("topup", "topup_other", "topup_cash"),
                *(("key_ok",), ("back",), ("cancel",), ("other_method",)),
                *(("pay_cash",), ("more_time",), ("cable_stuck", "retry")),
            )
        )
    )
    def pay(self, path: tuple[str, ...]) -> None:
        for button in path:
            self.act("press", button)

    @precondition(lambda self: self.station.bank_order)
    @rule(outcome=st.sampled_from(RESULTS))
    def terminal_answers(self, outcome: BankOutcome) -> None:
        self.act("bank", outcome)

    @precondition(lambda self: self.station.bank_order)
    @rule(prompt=st.sampled_from(["enter_pin", "present_card", "remove_card", "wait"]))
    def terminal_prompts(self, prompt: str) -> None:
        self.act("tell", BankPrompt(prompt))

    @rule()
    def desk_settles(self) -> None:
        self.act("settle")

    @rule(online=flags)
    def bank_line(self, online: bool) -> None:
        self.act("bank_line", online)

    @precondition(lambda self: self.station.payout)
    @rule(at_most=st.sampled_from([0, 100, 10_000]))
    def hoppers_pay(self, at_most: int) -> None:
        self.act("pay_out", at_most)

    @precondition(lambda self: self.station.screen == "voucher_in")
    @rule(number=st.integers(0, 3), amount=st.sampled_from([0, 70, 360]))
    def redeem(self, number: int, amount: int) -> None:
        self.act("press", "key_clear")
        self.act("enter", f"1234567{number}")
        self.act("voucher", amount)

    @rule()
    def topups_arrive(self) -> None:
        self.act("delivered")

    @rule(choice=st.integers(0, 20))
    def press_something(self, choice: int) -> None:
        buttons = self.station.buttons()
        if buttons:
            self.act("press", buttons[choice % len(buttons)])

    @rule()
    def press_start(self) -> None:
        self.act("press", "start")

    @rule(connector=connectors)
    def stop_with_the_code(self, connector: ConnectorId) -> None:
        session = self.station.points[connector].data.session
        self.act("press", f"connector_{connector}")
        self.act("press", "stop")
        self.act("enter", session.order.code if session else "")

    @rule(card=st.sampled_from(CARDS))
    def tap(self, card: Any) -> None:
        self.act("tell", card)

    @precondition(lambda self: self.station.questions)
    @rule(given=st.sampled_from(ANSWERS))
    def central_answers(self, given: TokenAnswer) -> None:
        self.act("answered", given)

    # --- vehicles ---

    @rule(connector=connectors, pilot=st.sampled_from([Pilot.A, Pilot.B, Pilot.C, Pilot.E]))
    def move_pilot(self, connector: ConnectorId, pilot: Pilot) -> None:
        self.act("pilot", connector, pilot)

    @rule(connector=connectors)
    def plug_and_ask(self, connector: ConnectorId) -> None:
        self.act("plugged", connector)
        self.act("asks", connector)

    @rule(connector=connectors, energy=st.integers(0, 5000))
    def take_energy(self, connector: ConnectorId, energy: int) -> None:
        closed = self.station.sockets[connector].contactor_closed
        self.act("charge", connector, energy if closed else 0, 7000 if closed else 0)

    @precondition(lambda self: self.supplied)
    @rule(choice=flags, readings=st.sampled_from([1, 5, 60]))
    def energy_flows(self, choice: bool, readings: int) -> None:
        """As fast as nothing real, so that money is used up within a story."""
        connector = self.supplied[-1 if choice else 0]
        for _ in range(readings):
            if connector not in self.supplied:
                return
            self.act("wait", READ_EVERY_S)
            self.act("charge", connector, MOST_W * READ_EVERY_S // 3600, MOST_W)

    @property
    def supplied(self) -> list[ConnectorId]:
        return [c for c, socket in self.station.sockets.items() if socket.contactor_closed]

    # --- devices ---

    @rule(connector=connectors, online=flags)
    def board(self, connector: ConnectorId, online: bool) -> None:
        self.act("board_back" if online else "board_gone", connector)

    @rule(connector=connectors, online=flags)
    def meter(self, connector: ConnectorId, online: bool) -> None:
        self.act("meter_back" if online else "meter_gone", connector)

    @rule(connector=connectors, online=flags)
    def lease(self, connector: ConnectorId, online: bool) -> None:
        device = DeviceRef(DeviceKind.LEASE_TIMER, connector)
        event = DeviceOnline(device) if online else DeviceOffline(device, "silent")
        self.act("hear", connector, event)

    @rule(connector=connectors, fault=st.sampled_from([BoardFault.RCD_TRIP, BoardFault.OVERHEAT]))
    def fault(self, connector: ConnectorId, fault: BoardFault) -> None:
        self.act("hear", connector, BoardFaultRaised(connector, fault))
        self.act("hear", connector, BoardFaultCleared(connector, fault))

    @rule(connector=connectors, celsius=st.sampled_from([20, 58, 64, 68, 75]))
    def board_warms(self, connector: ConnectorId, celsius: int) -> None:
        self.act("warmed", connector, celsius * 1000)

    @rule(connector=connectors, mended=flags)
    def meter_lies(self, connector: ConnectorId, mended: bool) -> None:
        self.act("meter_lies", connector)
        if mended:
            self.act("hear", connector, ResetFaults())

    @rule(connector=connectors)
    def technician_resets(self, connector: ConnectorId) -> None:
        self.act("hear", connector, ResetFaults())

    @rule(connector=connectors)
    def jam(self, connector: ConnectorId) -> None:
        self.act("hear", connector, LockJammed(connector, wanted_locked=True))

    @rule(kind=st.sampled_from(["coin_acceptor", "card_reader"]), online=flags)
    def shared(self, kind: str, online: bool) -> None:
        self.act("tell", SharedDevice(kind, online))

    @rule(alive=flags)
    def kiosk(self, alive: bool) -> None:
        self.act("tell", KioskChanged(alive))

    @rule(stalled=flags)
    def disk(self, stalled: bool) -> None:
        self.act("tell", DiskStalled(stalled))

    # --- central system, time ---

    @rule(online=flags)
    def link(self, online: bool) -> None:
        self.act("tell", LinkChanged(online))

    @rule(connector=connectors, wait_s=st.sampled_from([0, 60]))
    def remote_start(self, connector: ConnectorId, wait_s: int) -> None:
        self.remote_starts += 1
        session = SessionId(f"R{self.remote_starts}")
        order = StartOrder(session, Means.TOKEN, "TAG", self.tariff, None, remote=True)
        self.act("hear", connector, Start(order, wait_s))

    @rule(connector=connectors, limit=st.sampled_from([0, 5_999, 6_000, 16_000, 32_000]))
    def current_is_limited(self, connector: ConnectorId, limit: int) -> None:
        self.act("limited", connector, limit)

    @rule(
        connector=connectors,
        tag=st.sampled_from(["TAG", "7123450000000018", "ELSE"]),
        only=flags,
        is_own=flags,
        lasts_s=st.sampled_from([30, 3600]),
    )
    def connector_is_kept(
        self, connector: ConnectorId, tag: str, only: bool, is_own: bool, lasts_s: int
    ) -> None:
        now = at(self.station.seconds).utc
        until = now + timedelta(seconds=lasts_s)
        made = Reservation(1, connector, tag, now, until)
        kept = Kept((made,), only or is_own, is_own, until if only or is_own else None)
        self.act("hear", connector, Keep(kept))

    @rule(connector=connectors)
    def nobody_is_waited_for(self, connector: ConnectorId) -> None:
        self.act("hear", connector, Keep(Kept()))

    @rule(connector=connectors, reservation=st.sampled_from([1, 1, None, 7]))
    def somebody_proves_to_be_the_one(
        self, connector: ConnectorId, reservation: int | None
    ) -> None:
        self.act("hear", connector, Claim(reservation))

    @rule(connector=connectors)
    def remote_stop(self, connector: ConnectorId) -> None:
        self.act("hear", connector, Stop(EndCause.REMOTE))

    @rule(connector=connectors)
    def forget_pending(self, connector: ConnectorId) -> None:
        self.act("hear", connector, ForgetPending())

    @rule(connector=connectors, operative=flags)
    def availability(self, connector: ConnectorId, operative: bool) -> None:
        self.act("hear", connector, SetOperative(operative))

    @rule(seconds=st.sampled_from([1, 5, 20, 65, 200, 50_000]))
    def time_passes(self, seconds: int) -> None:
        self.act("wait", seconds)

    @precondition(lambda self: len(self.script) % 5 == 0)  # building machines takes longest
    @rule(away_s=st.sampled_from([2, 30, 1000]))
    def core_restarts(self, away_s: int) -> None:
        self.act("restarted", away_s)
