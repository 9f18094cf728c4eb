"""One direction of a simulated serial line: how long bytes take and what the line does to them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chargepoint.ports import Entropy

BITS_PER_BYTE = 10  # start, eight data bits, stop


class LineFault(StrEnum):
    """What can be wrong with the wire, whatever device is at its end."""

    SILENT = "silent"  # nothing passes, either way
    GARBLED = "garbled"  # every answer arrives damaged
    SLOW = "slow"  # answers come late
    UNPLUGGED = "unplugged"  # the host's port disappears
    BYTE_BY_BYTE = "byte_by_byte"  # each byte arrives alone
    RANDOM_CHUNKS = "random_chunks"  # answers arrive in pieces of any size
    LOSS = "loss"  # single bytes vanish, either way
    NOISE = "noise"  # bytes that nobody sent, around the answers


@dataclass(slots=True)
class LineTrouble:
    """The faults now present on both directions of one line, and how bad they are."""

    entropy: Entropy
    present: set[LineFault] = field(default_factory=set)
    slow_by_s: float = 0.4
    lose_one_in: int = 80  # bytes
    longest_noise: int = 6  # bytes
    largest_chunk: int = 7  # bytes


class Wire:
    """Delivers what is sent in order, after its time on the wire, as damaged as told.

    `baudrate` 0 means no time on the wire. Damage that has an origin (noise, delay, garbled bytes)
    happens only `towards_host`: it is the device that is broken.
    """

    def __init__(
        self,
        deliver: Callable[[bytes], None],
        trouble: LineTrouble,
        *,
        baudrate: int,
        towards_host: bool,
    ) -> None:
        self._deliver = deliver
        self._trouble = trouble
        self._byte_s = BITS_PER_BYTE / baudrate if baudrate else 0.0
        self._towards_host = towards_host
        self._free_at_s = 0.0
        self._in_flight: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def send(self, chunk: bytes, *, after_s: float = 0.0) -> None:
        """Queue bytes behind those already on the wire; the sender thinks for `after_s` first."""
        loop = asyncio.get_running_loop()
        at_s = max(loop.time() + after_s, self._free_at_s)
        if chunk and not self._trouble.present:
            # A line in order, as nearly all are: whole and in time.
            self._free_at_s = at_s = at_s + len(chunk) * self._byte_s
            if self._in_flight:
                self._in_flight.append((self._not_overtaking(at_s), chunk))
            else:
                self._in_flight.append((at_s, chunk))
                self._timer = loop.call_at(at_s, self._arrived)
            return
        is_slow = self._towards_host and LineFault.SLOW in self._trouble.present
        late_s = self._trouble.slow_by_s if is_slow else 0.0
        for piece in self._pieces(self._damage(chunk)):
            at_s += len(piece) * self._byte_s
            self._in_flight.append((self._not_overtaking(at_s + late_s), piece))
        self._free_at_s = at_s
        self._arm(loop)

    def cut(self) -> None:
        """What is on the wire is gone."""
        self._in_flight.clear()
        self._free_at_s = 0.0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _not_overtaking(self, at_s: float) -> float:
        return max(at_s, self._in_flight[-1][0]) if self._in_flight else at_s

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is None and self._in_flight:
            self._timer = loop.call_at(self._in_flight[0][0], self._arrived)

    def _arrived(self) -> None:
        self._timer = None
        due_s, piece = self._in_flight.popleft()
        self._deliver(piece)
        # Pieces stay pieces: those due at the same instant are still delivered one by one.
        while self._in_flight and self._in_flight[0][0] <= due_s:
            self._deliver(self._in_flight.popleft()[1])
        if self._in_flight:
            self._arm(asyncio.get_running_loop())

    def _damage(self, chunk: bytes) -> bytes:
        present = self._trouble.present
        if LineFault.SILENT in present:
            return b""
        if LineFault.LOSS in present:
            below, one_in = self._trouble.entropy.below, self._trouble.lose_one_in
            chunk = bytes(octet for octet in chunk if below(one_in))
        if self._towards_host and LineFault.GARBLED in present:
            chunk = self._garble(chunk)
        if self._towards_host and LineFault.NOISE in present:
            chunk = self._noise() + chunk + self._noise()
        return chunk

    def _garble(self, chunk: bytes) -> bytes:
        if not chunk:
            return chunk
        below = self._trouble.entropy.below
        place = below(len(chunk))
        wrong = chunk[place] ^ (1 + below(255))
        return chunk[:place] + bytes([wrong]) + chunk[place + 1 :]

    def _noise(self) -> bytes:
        return self._trouble.entropy.token(
            self._trouble.entropy.below(self._trouble.longest_noise + 1)
        )

    def _pieces(self, chunk: bytes) -> Iterator[bytes]:
        """`chunk` cut as it will arrive; nothing for an empty one."""
        while chunk:
            size = self._piece_size(len(chunk))
            yield chunk[:size]
            chunk = chunk[size:]

    def _piece_size(self, whole: int) -> int:
        present = self._trouble.present
        if LineFault.BYTE_BY_BYTE in present:
            return 1
        if LineFault.RANDOM_CHUNKS in present:
            return 1 + self._trouble.entropy.below(self._trouble.largest_chunk)
        return whole
