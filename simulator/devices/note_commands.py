"""What the processor of a simulated note validator remembers, and its answer to each command."""

from collections import deque
from collections.abc import Callable, Mapping

from drivers.cctalk.codec import Frame, Header
from drivers.cctalk.note_codes import IN_ESCROW, MASTER_INHIBIT
from simulator.devices.cctalk_processor import ACK, COMMON
from simulator.devices.kept import WRAP, Kept

Notes = Mapping[int, str]
"""Note type to bill id."""

TYPES = range(1, 17)
MASK_BYTES = 2
EVENTS_KEPT = 5
WATCHDOG_S = 5.0  # without a poll for this long it takes no more notes
ESCROW_S = 30.0  # then the note goes back by itself
NO_NOTE = b"......."

RETURN, STACK, EXTEND = 0, 1, 0xFF
ESCROW_EMPTY = b"\xfe"
ROUTE_FAILED = b"\xff"
ESCROW_USED = 0b10  # of the operating mode
SCALING = {b"EU": bytes([100, 0, 2]), b"GB": bytes([100, 0, 2])}

_NAMES = {
    Header.MANUFACTURER: b"SIM",
    Header.EQUIPMENT_CATEGORY: b"Bill Validator",
    Header.PRODUCT_CODE: b"NV-1",
    Header.SOFTWARE_REVISION: b"1.0",
    Header.BUILD_CODE: b"standard",
    Header.COMMS_REVISION: bytes([1, 4, 7]),
    Header.POLLING_PRIORITY: bytes([2, 20]),  # 20 x 10 ms
}


class NoteRegisters:
    """Everything above `forget` survives a power cut."""

    def __init__(self, serial: int, notes: Notes, moved: Callable[[], None]) -> None:
        self.serial = serial
        self.notes = dict(notes)
        self.fault_code = 0
        self.power_ups = 0
        self._moved = moved
        self.forget()

    def exchange(self, serial: int, notes: Notes) -> None:
        self.serial, self.notes, self.fault_code = serial, dict(notes), 0

    def forget(self) -> None:
        """Power-up and reset: nothing is let in until the host says so."""
        self.power_ups += 1
        self.counter = 0
        self.kept = Kept()
        self.results: deque[tuple[int, int]] = deque([(0, 0)] * EVENTS_KEPT, maxlen=EVENTS_KEPT)
        self.masks = bytes(MASK_BYTES)
        self.is_master_normal = False
        self.mode = 0b01
        self.polled_at_s = 0.0
        self.escrow_kind = 0
        self.escrow_until_s = 0.0
        self.route: int | None = None
        self.receive_timeouts = 0
        self.bad_checksums = 0
        self.wants_reset = False
        self.has_unread = False  # events that no poll has asked for yet
        self._moved()

    def event(self, kind: int, code: int) -> None:
        self.counter = self.counter % WRAP + 1
        self.kept.event()
        self.results.appendleft((kind, code))
        self.has_unread = True

    def stop(self) -> None:
        """The validator closes itself until header 228 opens it again."""
        if self.is_master_normal:
            self.is_master_normal = False
            self.event(0, MASTER_INHIBIT)

    def hold(self, kind: int, now_s: float) -> None:
        self.escrow_kind = kind
        self.escrow_until_s = now_s + ESCROW_S
        self.route = None
        self.event(kind, IN_ESCROW)

    def release(self) -> None:
        self.escrow_kind = 0

    @property
    def uses_escrow(self) -> bool:
        return bool(self.mode & ESCROW_USED)

    def kind_of(self, bill: str) -> int:
        """0 for a note that the validator does not know; `bill` is its id without the issue."""
        return next((at for at, bill_id in self.notes.items() if bill_id[:6] == bill), 0)

    def lets_in(self, kind: int) -> bool:
        return bool(int.from_bytes(self.masks, "little") >> (kind - 1) & 1)

    def is_open(self, now_s: float) -> bool:
        self.watch(now_s)
        return any(self.masks) and self.is_master_normal and not self.fault_code

    def watch(self, now_s: float) -> None:
        if now_s - self.polled_at_s > WATCHDOG_S:
            self.stop()

    def decide(self, payload: bytes, now_s: float) -> bytes | None:
        """Header 154."""
        if payload[0] not in {RETURN, STACK, EXTEND}:
            return None
        if not self.escrow_kind:
            return ESCROW_EMPTY
        if self.route is not None:
            return ROUTE_FAILED  # it moves already
        if payload[0] == EXTEND:
            self.escrow_until_s = now_s + ESCROW_S
        else:
            self.route = payload[0]
        self._moved()
        return ACK


def answer(registers: NoteRegisters, request: Frame, now_s: float) -> bytes | None:
    """The reply's data; None where a real device is silent: unknown header or wrong length."""
    if request.header in _NAMES:
        return None if request.payload else _NAMES[Header(request.header)]
    handler = _HANDLERS.get(request.header)
    if handler is None:
        return None
    length, answer_to = handler
    return answer_to(registers, request.payload, now_s) if len(request.payload) == length else None


def _bill_id(registers: NoteRegisters, payload: bytes, _now_s: float) -> bytes | None:
    if payload[0] not in TYPES:
        return None
    bill_id = registers.notes.get(payload[0])
    return NO_NOTE if bill_id is None else bill_id.encode("ascii")


def _scaling(_registers: NoteRegisters, payload: bytes, _now_s: float) -> bytes:
    return SCALING.get(payload, bytes(3))


def _read_events(registers: NoteRegisters, _payload: bytes, now_s: float) -> bytes:
    registers.watch(now_s)
    registers.polled_at_s = now_s
    registers.has_unread = False
    return bytes([registers.counter, *(octet for result in registers.results for octet in result)])


def _modify_mode(registers: NoteRegisters, payload: bytes, _now_s: float) -> bytes:
    registers.mode = payload[0]
    return ACK


def _request_mode(registers: NoteRegisters, _payload: bytes, _now_s: float) -> bytes:
    return bytes([registers.mode])


def _route(registers: NoteRegisters, payload: bytes, now_s: float) -> bytes | None:
    return registers.decide(payload, now_s)


def _modify_master_inhibit(registers: NoteRegisters, payload: bytes, now_s: float) -> bytes:
    registers.is_master_normal = bool(payload[0] & 1)
    registers.polled_at_s = now_s
    return ACK


Handler = Callable[[NoteRegisters, bytes, float], bytes | None]

# Header: length of the request's data, answer.
_HANDLERS: Mapping[int, tuple[int, Handler]] = {
    **COMMON,
    Header.BILL_ID: (1, _bill_id),
    Header.COUNTRY_SCALING: (2, _scaling),
    Header.READ_BILL_EVENTS: (0, _read_events),
    Header.MODIFY_OPERATING_MODE: (1, _modify_mode),
    Header.REQUEST_OPERATING_MODE: (0, _request_mode),
    Header.ROUTE_BILL: (1, _route),
    Header.MODIFY_MASTER_INHIBIT: (1, _modify_master_inhibit),
}
