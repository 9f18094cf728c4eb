"""What may happen next to a station: one line of a scenario file, drawn from what there is just now.

A customer follows a little script of lines; between any two of them something else may happen. What
cannot be done at the moment is not drawn, or fails harmlessly: a walk only ever does what people,
cars, devices, networks and mains do.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from simulator.entropy import SeededEntropy
from simulator.station import Station
from simulator.virtual_station import VirtualStation
from simulator.vtime import START_OF_TIME

CARDS = ("GC-1", "GC-2", "GC-3")
COINS = ("0.10", "0.20", "0.50", "1.00", "2.00", "2.00")
MOODS = ("up", "up", "up", "down", "slow", "rejecting")
BANK = ("approve", "approve", "approve", "decline", "remove_early", "silent", "insufficient")
KINDS = ("normal", "normal", "normal", "sleepy", "refusing", "pausing", "full", "stubborn")
LINE_FAULTS = ("silent", "garbled", "slow", "unplugged", "loss", "noise", "byte_by_byte")

# What can be wrong with each, and be mended by hand. Latching ones end a connector's day.
FAULTS: tuple[tuple[str, tuple[str, ...], bool], ...] = (
    ("evse", ("silent", "garbled", "slow", "unplugged", "leakage_ac", "overheat"), True),
    ("evse", ("ground_lost", "lock_jam", "close_failed", "over_voltage", "lock_open"), True),
    ("evse", ("leakage_dc", "diode", "warm", "under_voltage", "pole_open", "wrong"), True),
    ("meter", ("silent", "garbled", "slow", "unplugged", "stuck", "wrong"), True),
    ("lease_timer", ("silent", "garbled", "slow", "unplugged"), False),
    ("coin_acceptor", ("silent", "garbled", "slow", "unplugged", "stuck"), False),
    ("note_validator", ("silent", "garbled", "unplugged", "wrong"), False),
    ("bank_terminal", ("silent", "garbled", "slow", "unplugged"), False),
    ("card_reader", ("silent", "garbled", "unplugged"), False),
    ("printer", ("silent", "garbled", "unplugged", "paper_out"), False),
    ("cabinet", ("silent", "garbled", "unplugged", "stuck", "dirty"), False),
    ("cabinet", ("door_open", "mains_lost"), False),
    ("network", ("unplugged", "silent", "slow"), False),
    ("clock", ("wrong",), False),
    ("disk", ("silent",), False),
)
RESTORE = "power: restore"
LATCHING = (
    ("evse", "weld", True),
    ("evse", "weld_pole", True),
    ("lease_timer", "stuck", False),
    ("cabinet", "emergency_stop", False),
    ("cabinet", "flood", False),
)
ONE_IN_LATCHING = 40  # faults


class Ideas:
    def __init__(self, seed: int, virtual: VirtualStation, station: Station) -> None:
        self._entropy = SeededEntropy(seed, "walk")
        self._virtual = virtual
        self._station = station
        self._script: list[str] = []
        self.is_dark = False
        self._kinds: tuple[tuple[int, Callable[[], Iterable[str]]], ...] = (
            (9, self._customer),
            (5, self._touch),
            (5, self._wait),
            (4, self._vehicle),
            (4, self._cash),
            (3, self._card),
            (3, self._fault),
            (3, self._mend),
            (2, self._central),
            (2, self._order),
            (1, self._cut),
            (1, self._kill),
        )
        self._weights = sum(weight for weight, _ in self._kinds)

    def next(self) -> str:
        """The line to do now."""
        if self._script and (self.is_dark or self._below(4)):
            line = self._script.pop(0)
            self.is_dark = self.is_dark and line != RESTORE
            return line if self._may_work(line) else "wait: 500ms"
        drawn = self._below(self._weights)
        for weight, idea in self._kinds:
            drawn -= weight
            if drawn < 0:
                first, *rest = [*idea(), self._pause()]
                self._script[:0] = rest
                return first
        raise AssertionError("the weights add up")

    def _may_work(self, line: str) -> bool:
        """A finger does not wait ten seconds for a button that is not there."""
        word, _, button = line.partition(": ")
        if word == "enter_code":
            button = "key_1"
        elif word != "touch":
            return True
        screen = self._station.kiosk.screen()
        return screen is not None and any(b.id == button and b.enabled for b in screen.buttons)

    def _below(self, limit: int) -> int:
        return self._entropy.below(limit)

    def _among(self, choices: Iterable[str]) -> str:
        every = tuple(choices)
        return every[self._below(len(every))]

    def _connector(self) -> int:
        return 1 + self._below(len(self._station.world.connectors))

    # --- people ---

    def _pause(self) -> str:
        return f"wait: {self._below(3_000)}ms"

    def _wait(self) -> Iterable[str]:
        yield f"wait: {self._among(('1', '5', '20', '20', '60', '200'))}s"

    def _customer(self) -> Iterable[str]:
        """A whole visit, as it should be; what comes in between makes it another one."""
        connector = self._connector()
        is_free = self._station.world.vehicle(connector) is None
        if is_free:
            yield self._plug(connector)
        yield f"touch: connector_{connector}"
        pay = self._below(3)
        if pay == 0:
            yield f"tap: {self._among(CARDS)}"
        elif pay == 1:
            yield from ("touch: pay_cash", f"coin: {self._among(('1.00', '2.00'))}", "coin: 2.00")
        else:
            yield from ("touch: pay_card", f"bank: {self._among(BANK)}", "wait: 4s")
        yield from ("touch: start", "wait: 2s", "touch: key_ok", "wait: 8s")
        yield f"wait: {self._among(('3', '10', '30', '90'))}s"
        yield f"touch: connector_{connector}"
        if pay == 0:
            yield f"tap: {self._among(CARDS[:2])}"
        else:
            yield from ("touch: stop", "enter_code: own")
        yield from ("wait: 4s", f"unplug: {{connector: {connector}}}")

    def _touch(self) -> Iterable[str]:
        screen = self._station.kiosk.screen()
        buttons = [b.id for b in screen.buttons if b.enabled] if screen is not None else []
        yield f"touch: {self._among(buttons)}" if buttons else "wait: 1s"

    def _plug(self, connector: int) -> str:
        current, phases = self._among(("6", "16", "32")), 1 + self._below(3)
        ev = f"{{soc: {self._below(100)}, battery_kwh: 40, max_a: {current}, phases: {phases}"
        return f"plug: {{connector: {connector}, ev: {ev}, kind: {self._among(KINDS)}}}}}"

    def _vehicle(self) -> Iterable[str]:
        connector = self._connector()
        if self._station.world.vehicle(connector) is None:
            yield self._plug(connector)
        elif self._below(2) and not self._station.world.is_locked(connector):
            yield f"unplug: {{connector: {connector}}}"
        else:
            change = self._among(
                (
                    "ready: true",
                    "ready: false",
                    "soc: 99",
                    "draw_a: 40",
                    "diode: short",
                    "diode: ok",
                )
            )
            yield f"ev: {{connector: {connector}, {change}}}"

    def _cash(self) -> Iterable[str]:
        yield self._among((*(f"coin: {coin}" for coin in COINS), "note: 5.00", "note: 10.00"))
        if not self._below(3):
            yield "touch: return_money"

    def _card(self) -> Iterable[str]:
        yield self._among(
            (
                *(f"tap: {card}" for card in CARDS),
                *("tap: {card: GC-1, clone: true}", "tap: {token: DEADBEEF}"),
                *(f"bank: {self._among(BANK)}", "take_change: true"),
            )
        )

    # --- what breaks, and is mended ---

    def _fault(self) -> Iterable[str]:
        fitted = self._fitted()
        if not self._below(ONE_IN_LATCHING):
            possible = [each for each in LATCHING if each[0] in fitted]
            device, kind, is_of_connector = possible[self._below(len(possible))]
            yield f"fault: {{device: {device}, kind: {kind}{self._place(is_of_connector)}}}"
            return
        faults = [each for each in FAULTS if each[0] in fitted]
        device, kinds, is_of_connector = faults[self._below(len(faults))]
        place = self._place(is_of_connector)
        yield f"fault: {{device: {device}, kind: {self._among(kinds)}{place}}}"
        if self._below(2):
            yield f"wait: {self._among(('2', '8', '30'))}s"
            yield f"clear: {{device: {device}{place}}}"

    def _fitted(self) -> set[str]:
        return {name for name, _ in self._virtual.hardware.fitted} | {*self._station.troubles}

    def _place(self, is_of_connector: bool) -> str:
        return f", connector: {self._connector()}" if is_of_connector else ""

    def _mend(self) -> Iterable[str]:
        broken = sorted(self._virtual.hardware.faults)
        if not broken:
            yield "clear: {device: network}"
            return
        device, _, connector = self._among(broken).partition(":")
        place = f", connector: {connector}" if connector and device in ("evse", "meter") else ""
        yield f"clear: {{device: {device}{place}}}"

    def _cut(self) -> Iterable[str]:
        """A coin that the acceptor has not reported yet is lost with its power: a known gap."""
        if not self._station.devices.is_cash_read() or self._virtual.power.core is None:
            yield "wait: 2s"
            return
        self.is_dark = True
        yield from ("power: cut", f"wait: {self._among(('1', '4', '20', '700'))}s", RESTORE)

    def _kill(self) -> Iterable[str]:
        yield f"kill: {'ui' if self._below(3) == 0 or self._virtual.power.core is None else 'core'}"

    # --- the central system ---

    def _central(self) -> Iterable[str]:
        yield f"central: {self._among(MOODS)}"
        if self._below(2):
            yield f"wait: {self._among(('3', '15', '40'))}s"
            yield "central: up"

    def _order(self) -> Iterable[str]:
        connector = self._connector()
        limit = self._among(("0", "5", "6", "10", "16", "32"))
        profile = (
            "chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: TxDefaultProfile,"
            " chargingProfileKind: Absolute, chargingSchedule: {chargingRateUnit: A,"
            f" chargingSchedulePeriod: [{{startPeriod: 0, limit: {limit}}}]}}"
        )
        orders = (
            ("SetChargingProfile", f"{{connectorId: 0, csChargingProfiles: {{{profile}}}}}"),
            ("ClearChargingProfile", "{}"),
            ("RemoteStartTransaction", f"{{connectorId: {connector}, idTag: DEADBEEF}}"),
            ("UnlockConnector", f"{{connectorId: {connector}}}"),
            ("ChangeAvailability", f"{{connectorId: {connector}, type: Inoperative}}"),
            ("ChangeAvailability", f"{{connectorId: {connector}, type: Operative}}"),
            ("Reset", "{type: Soft}"),
            ("Reset", "{type: Hard}"),
            ("TriggerMessage", "{requestedMessage: MeterValues}"),
            ("GetCompositeSchedule", f"{{connectorId: {connector}, duration: 600}}"),
            ("CancelReservation", "{reservationId: 7}"),
            *self._about_a_charge(connector),
        )
        action, payload = orders[self._below(len(orders))]
        yield f"central: {{send: {action}, payload: {payload}}}"

    def _about_a_charge(self, connector: int) -> Iterable[tuple[str, str]]:
        for charge in self._virtual.central.store.charges.running():
            yield "RemoteStopTransaction", f"{{transactionId: {charge.id}}}"
        until = (START_OF_TIME + timedelta(seconds=self._station.now_s + 300)).isoformat()
        yield (
            "ReserveNow",
            f"{{connectorId: {connector}, expiryDate: '{until}', idTag: DEADBEEF, reservationId: 7}}",
        )
