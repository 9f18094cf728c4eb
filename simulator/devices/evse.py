"""The serial side of the simulated charging board: RAPI as the firmware speaks it, strictly.

Only here are bytes; what the board does with them is `evse_board.py`.
"""

from collections.abc import Callable

from chargepoint.domain.units import ConnectorId
from drivers.rapi.codec import Command, Event, Garbage, Reply, encode, host_decoder, numbered
from drivers.rapi.state import Flag, State
from simulator.devices.board_codes import Mode
from simulator.devices.board_trouble import BoardTrouble
from simulator.devices.evse_board import (
    LARGEST_A,
    SMALLEST_A,
    EvseBoard,
)
from simulator.ev import PJ_PER_MWH
from simulator.line_faults import LineFault
from simulator.pipes import Line, serve
from simulator.world import World

FIRMWARE, PROTOCOL = "8.2.3", "5.2.1"
CHECK_FLAGS = {"D": 0x0002, "V": 0x0004, "G": 0x0008, "R": 0x0010, "F": 0x0200, "T": 0x0400}
MISSED_PULSE_ACKNOWLEDGED = 165
NEWER = frozenset({"GZ", "GR", "GL", "SR"})  # since protocol 6.0
NO_SENSOR = "-2560"
# `$AT` is sent when the state, the pilot, the current or one of these changes.
ANNOUNCED_FLAGS = Flag.EV_CONNECTED | Flag.HARD_FAULT

OK = Reply(ok=True)
REFUSED = Reply(ok=False)

Arguments = tuple[str, ...]
Handler = Callable[[Arguments], Reply]


class SimulatedEvse:
    """One OpenEVSE board on one line. Powered from the start."""

    def __init__(self, line: Line, world: World, connector: int) -> None:
        self.firmware, self.protocol = FIRMWARE, PROTOCOL
        self.relays = [1, 1, 1]  # in use: DC 1, DC 2, AC
        self.relay_warning = 0
        self.frequency_centihz = 5_000
        self._line = line
        self._world = world
        self._connector = ConnectorId(connector)
        self.board = EvseBoard(
            world, self._connector, on_boot=self._booted, on_change=self._announce
        )
        self._decoder = host_decoder()
        self._announced: tuple[int, ...] = ()
        self._is_answering = False
        self.checks_off: set[str] = set()
        self._handlers = self._getters() | self._setters()
        self.board.power_on()

    def speaks(self, firmware: str, protocol: str) -> None:
        """Since protocol 6.0 the board reads the proximity contact, and says what is wrong with it."""
        self.firmware, self.protocol = firmware, protocol
        self.board.judges_proximity = int(protocol.split(".", maxsplit=1)[0]) >= 6

    async def run(self) -> None:
        self._decoder = host_decoder()
        await serve(self._line, self._hear)

    def _hear(self, chunk: bytes) -> None:
        if not self.board.is_running:
            self._decoder = host_decoder()
            return
        for frame in self._decoder.feed(chunk):
            self._received(frame)

    def fault(self, kind: str) -> None:
        """A name of `BoardTrouble` or of `LineFault`."""
        if kind in set(BoardTrouble):
            self.board.fault_on(BoardTrouble(kind))
        else:
            self._line.fault(LineFault(kind))

    def clear(self, kind: str) -> None:
        if kind in set(BoardTrouble):
            self.board.fault_off(BoardTrouble(kind))
        else:
            self._line.clear(LineFault(kind))

    def power_cut(self) -> None:
        self.board.power_cut()

    def power_on(self) -> None:
        self.board.power_on()

    # --- lines ----------------------------------------------------------------------------------------

    def _received(self, frame: object) -> None:
        if isinstance(frame, Command):
            is_known = frame.name not in NEWER or int(self.protocol.split(".")[0]) >= 6
            handler = self._handlers.get(frame.name) if is_known else None
            # An event that the command causes follows its reply.
            self._is_answering = True
            reply = REFUSED if handler is None else _carefully(handler, frame.arguments)
            self._is_answering = False
            number = frame.sequence
            self._line.write(encode(reply) if number is None else numbered(reply, number))
            self._announce()
            if frame.name == "FR":
                self.board.restart()
        elif isinstance(frame, Garbage) and frame.is_corrupt:
            self._line.write(encode(REFUSED))

    def _booted(self, post: State) -> None:
        self._announced = ()
        self._line.write(encode(Event("AB", (f"{post:02x}", self.firmware))))

    def _announce(self) -> None:
        board = self.board
        if self._is_answering or not board.is_running:
            return
        flags = board.flags
        is_connected = bool(flags & Flag.EV_CONNECTED)
        if board.state in (State.A, State.B, State.C) and is_connected != (board.state != State.A):
            return
        news = (board.state, board.pilot_code, board.given_a, flags & ANNOUNCED_FLAGS)
        if news == self._announced:
            return
        self._announced = news
        self._line.write(
            encode(
                Event(
                    "AT",
                    (
                        f"{board.state:02x}",
                        f"{board.pilot_code:02x}",
                        str(board.given_a),
                        f"{flags:04x}",
                    ),
                )
            )
        )

    # --- get ------------------------------------------------------------------------------------------

    def _getters(self) -> dict[str, Handler]:
        return {
            "GV": lambda _: _ok(self.firmware, self.protocol),
            "GS": lambda _: self._state_report(),
            "G0": lambda _: self._presence(),
            "GC": lambda _: _ok(SMALLEST_A, LARGEST_A, self.board.given_a, LARGEST_A),
            "GE": lambda _: _ok(self.board.given_a, f"{self._settings():04x}"),
            "GG": lambda _: self._load_report(),
            "GU": lambda _: self._energy_report(),
            "GP": lambda _: _ok(self._decidegrees(), NO_SENSOR, NO_SENSOR),
            "GF": lambda _: self._trip_report(),
            "GI": lambda _: _ok(f"53494D{self._connector:06X}"),
            "GY": lambda _: self._heartbeat_report(ok=True),
            "G5": lambda _: self._lock_report(),
            "GZ": lambda _: _ok(self.frequency_centihz),
            "GR": lambda _: _ok(*self.relays),
            "GL": lambda _: _ok(12, 3, 1_500, 9, 0, 100, 100, self.relay_warning, 0),
        }

    def _state_report(self) -> Reply:
        board = self.board
        flags = board.flags
        if flags & Flag.EV_CONNECTED:
            flags |= Flag.EV_CONNECTED_PREVIOUSLY
        return _ok(f"{board.state:02x}", 0, f"{board.pilot_code:02x}", f"{flags:04x}")

    def _presence(self) -> Reply:
        if self.board.mode is Mode.DISABLED:
            return _ok(2)  # the pilot stands at -12 V: nobody can tell
        return _ok(1 if self.board.flags & Flag.EV_CONNECTED else 0)

    def _load_report(self) -> Reply:
        world = self._world
        return _ok(world.current_ma(self._connector), world.voltage_mv(self._connector))

    def _energy_report(self) -> Reply:
        energy_mwh = self._world.register_pj(self._connector) // PJ_PER_MWH
        return _ok(energy_mwh * 36 // 10_000, energy_mwh // 1000)

    def _decidegrees(self) -> int:
        return self._world.temperature_milli(self._connector) // 100

    def _trip_report(self) -> Reply:
        counts = self.board.trip_counts
        shown = (State.GFCI_TRIP, State.NO_GROUND, State.STUCK_RELAY)
        return _ok(*(f"{counts[fault]:X}" for fault in shown))

    def _heartbeat_report(self, *, ok: bool) -> Reply:
        heartbeat = self.board.heartbeat
        values = (heartbeat.interval_s, heartbeat.fallback_a, heartbeat.trigger)
        return Reply(ok, tuple(str(value) for value in values))

    def _lock_report(self) -> Reply:
        position = self._world.is_locked(self._connector)
        return _ok(int(position), "M" if self.board.is_lock_manual else "A")

    # --- set and do -----------------------------------------------------------------------------------

    def _setters(self) -> dict[str, Handler]:
        return {
            "FE": lambda _: self._mode(Mode.ENABLED),
            "FS": lambda _: self._mode(Mode.SLEEPING),
            "FD": lambda _: self._mode(Mode.DISABLED),
            "FR": lambda _: OK,
            "FF": self._feature,
            "SC": self._set_current,
            "SY": self._supervision,
            "S5": self._set_lock,
            "SR": self._use_relay,
        }

    def _mode(self, mode: Mode) -> Reply:
        self.board.set_mode(mode)
        return OK

    def _feature(self, arguments: Arguments) -> Reply:
        """Of the switchable checks only ventilation matters to this world; all are remembered."""
        check, value = arguments
        if check in CHECK_FLAGS:
            self.checks_off.discard(check)
            if value == "0":
                self.checks_off.add(check)
        if check == "V":
            self.board.is_ventilated = value == "0"
        return OK

    def _settings(self) -> int:
        """Level 2, automatic service level off; and what somebody switched off."""
        return 0x0021 | sum(CHECK_FLAGS[check] for check in self.checks_off)

    def _set_current(self, arguments: Arguments) -> Reply:
        wanted_a = int(arguments[0])
        applied_a = self.board.offer(wanted_a, is_saved=len(arguments) == 1)
        return Reply(applied_a == wanted_a, (str(applied_a),))

    def _supervision(self, arguments: Arguments) -> Reply:
        heartbeat = self.board.heartbeat
        if len(arguments) == 2:
            heartbeat.supervise(int(arguments[0]), int(arguments[1]))
            return self._heartbeat_report(ok=True)
        if arguments and int(arguments[0]) == MISSED_PULSE_ACKNOWLEDGED:
            heartbeat.acknowledge()
            return self._heartbeat_report(ok=True)
        return self._heartbeat_report(ok=heartbeat.pulse())

    def _use_relay(self, arguments: Arguments) -> Reply:
        relay, is_used = (int(each) for each in arguments)
        self.relays[relay - 1] = int(bool(is_used))
        return OK

    def _set_lock(self, arguments: Arguments) -> Reply:
        (what,) = arguments
        board = self.board
        if what in {"A", "M"}:
            board.is_lock_manual = what == "M"
            return OK
        if what not in {"0", "1"} or not board.is_lock_manual:
            return REFUSED
        board.move_lock(locked=what == "1")
        return OK


def _ok(*values: object) -> Reply:
    return Reply(ok=True, arguments=tuple(str(value) for value in values))


def _carefully(handler: Handler, arguments: Arguments) -> Reply:
    """Arguments that are missing or no numbers: the firmware says no."""
    try:
        return handler(arguments)
    except (ValueError, IndexError):
        return REFUSED
