"""What the processor of a simulated coin acceptor remembers, and its answer to each command."""

from collections import deque
from collections.abc import Callable, Mapping

from drivers.cctalk.codec import Frame, Header
from simulator.devices.cctalk_processor import ACK, COMMON, three_bytes
from simulator.devices.kept import WRAP, Kept

Coins = Mapping[int, str]
"""Position to coin id."""

POSITIONS = range(1, 17)
EVENTS_KEPT = 5
WATCHDOG_S = 1.0  # without a poll for this long it takes no more coins (Azkoyen X6 manual)
NO_COIN = b"......"

_NAMES = {
    Header.MANUFACTURER: b"SIM",
    Header.EQUIPMENT_CATEGORY: b"Coin Acceptor",
    Header.PRODUCT_CODE: b"CA-1",
    Header.SOFTWARE_REVISION: b"1.0",
    Header.BUILD_CODE: b"standard",
    Header.COMMS_REVISION: bytes([1, 4, 7]),
    Header.STATUS: b"\x00",
    Header.POLLING_PRIORITY: bytes([2, 20]),  # 20 x 10 ms
}


class CoinRegisters:
    """Everything above `forget` survives a power cut."""

    def __init__(self, serial: int, coins: Coins) -> None:
        self.serial = serial
        self.coins = dict(coins)
        self.fault_code = 0
        self.totals = dict.fromkeys(
            (
                Header.INSERTION_COUNTER,
                Header.ACCEPT_COUNTER,
                Header.REJECT_COUNTER,
                Header.FRAUD_COUNTER,
            ),
            0,
        )
        self.power_ups = 0
        self.forget()

    def exchange(self, serial: int, coins: Coins) -> None:
        self.serial, self.coins, self.fault_code = serial, dict(coins), 0

    def forget(self) -> None:
        """Power-up and reset: nothing is let in until the host says so and polls."""
        self.power_ups += 1
        self.counter = 0
        self.kept = Kept()
        self.results: deque[tuple[int, int]] = deque([(0, 0)] * EVENTS_KEPT, maxlen=EVENTS_KEPT)
        self.masks = bytes(2)
        self.is_master_normal = True
        self.is_polled = False
        self.polled_at_s = 0.0
        self.has_slept = False
        self.has_unread = False  # events that no poll has asked for yet
        self.receive_timeouts = 0
        self.bad_checksums = 0
        self.wants_reset = False

    def event(self, kind: int, code: int) -> None:
        self.counter = self.counter % WRAP + 1
        self.kept.event()
        self.results.appendleft((kind, code))
        self.has_unread = True
        if kind == 0:
            self.totals[Header.REJECT_COUNTER] += 1

    def credit(self, value_minor: int) -> None:
        self.totals[Header.ACCEPT_COUNTER] += 1
        self.event(self._position(value_minor), 0)
        self.kept.piece(value_minor)

    def inserted(self) -> None:
        self.totals[Header.INSERTION_COUNTER] += 1

    def knows(self, value_minor: int) -> bool:
        return self._position(value_minor) > 0

    def lets_in(self, value_minor: int, now_s: float) -> bool:
        mask = int.from_bytes(self.masks, "little")
        return self.is_open(now_s) and bool(mask >> (self._position(value_minor) - 1) & 1)

    def is_open(self, now_s: float) -> bool:
        """Both inhibits off and the watchdog fed since it was told so."""
        self.watch(now_s)
        return any(self.masks) and self.is_master_normal and self.is_polled and not self.has_slept

    def watch(self, now_s: float) -> None:
        """Once asleep it stays so until header 228 wakes it."""
        if self.is_polled and now_s - self.polled_at_s > WATCHDOG_S:
            self.has_slept = True

    def _position(self, value_minor: int) -> int:
        """0 for a coin that the validator does not know."""
        wanted = f"{value_minor:03d}"
        return next((at for at, coin_id in self.coins.items() if coin_id[2:5] == wanted), 0)


def answer(registers: CoinRegisters, request: Frame, now_s: float) -> bytes | None:
    """The reply's data; None where a real device is silent: unknown header or wrong length."""
    if request.header in _NAMES:
        return None if request.payload else _NAMES[Header(request.header)]
    if request.header in registers.totals:
        return None if request.payload else three_bytes(registers.totals[Header(request.header)])
    handler = _HANDLERS.get(request.header)
    if handler is None:
        return None
    length, answer_to = handler
    return answer_to(registers, request.payload, now_s) if len(request.payload) == length else None


def _coin_id(registers: CoinRegisters, payload: bytes, _now_s: float) -> bytes | None:
    position = payload[0]
    if position not in POSITIONS:
        return None
    coin_id = registers.coins.get(position)
    return NO_COIN if coin_id is None else coin_id.encode("ascii")


def _read_credit(registers: CoinRegisters, _payload: bytes, now_s: float) -> bytes:
    registers.watch(now_s)
    registers.is_polled = True
    registers.polled_at_s = now_s
    registers.has_unread = False
    pairs = [octet for result in registers.results for octet in result]
    return bytes([registers.counter, *pairs])


def _modify_master_inhibit(registers: CoinRegisters, payload: bytes, now_s: float) -> bytes:
    registers.is_master_normal = bool(payload[0] & 1)
    if registers.is_master_normal:
        registers.has_slept = False
        registers.polled_at_s = now_s
    return ACK


Handler = Callable[[CoinRegisters, bytes, float], bytes | None]

# Header: length of the request's data, answer.
_HANDLERS: Mapping[int, tuple[int, Handler]] = {
    **COMMON,
    Header.COIN_ID: (1, _coin_id),
    Header.READ_CREDIT: (0, _read_credit),
    Header.MODIFY_MASTER_INHIBIT: (1, _modify_master_inhibit),
}
