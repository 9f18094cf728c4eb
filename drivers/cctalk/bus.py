"""One ccTalk device as its host sees it: a command goes out, its reply comes back checked.

Repeats what gets no valid reply; every command but 167 and 154 may be repeated (part 1 §11).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, partial
from typing import Protocol

from drivers.cctalk.codec import HOST, Decoder, Frame, Garbage, Header, describe, encode
from drivers.exchange import Collect, Collision, EchoRemover, Exchange, Pace, never
from drivers.port import BytePort
from drivers.trace import Direction, Trace

# A reply starts within 50 ms; the longest that is polled needs 22 ms for itself and its request.
# A slow adapter adds its own, hence the growth. Five attempts take 1.8 s together.
# Replies do not name their command, so late ones are dropped.
PACE = Pace(timeout_s=0.12, attempts=5, recovery_s=0.05, timeout_growth=1.5, late_s=0.3)
# Reading events may not wait: the device keeps five, and any reading is a good answer to any.
POLL_PACE = Pace(timeout_s=0.12, attempts=9, recovery_s=0.05)
URGENT_PACE = Pace(timeout_s=0.12, attempts=9, recovery_s=0.05)
SELF_CHECK_PACE = Pace(timeout_s=2.0, attempts=3, recovery_s=0.05, late_s=0.3)  # it fires its coils


_LENGTHS_KEPT = 64  # of replies: the same few commands are asked all day


class EchoMode(StrEnum):
    """Does the host hear itself? USB devices do not, adapters on the one data wire do."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class Ask(Protocol):
    """A command that is answered with data, or by an ACK when `exactly` is 0.

    Without `exactly` any data of at least one byte will do; a reply of another length is none.
    """

    def __call__(
        self,
        header: Header,
        payload: bytes = b"",
        *,
        exactly: int | None = None,
        pace: Pace = PACE,
    ) -> Awaitable[bytes]: ...


class Bus:
    """The device at `address`. Two requests never overlap."""

    def __init__(
        self, port: BytePort, trace: Trace, *, address: int, echo: EchoMode, crc: bool
    ) -> None:
        self._trace = trace
        self._address = address
        self._echo = echo
        self._is_crc = crc
        source = None if crc else address
        self._decoder = Decoder(crc=crc, destination=HOST, source=source)
        self._exchange = Exchange(port, trace, PACE)
        self._requests: dict[tuple[Header, bytes], tuple[bytes, str]] = {}

    @property
    def expects_late(self) -> bool:
        """The last reply may be that to an earlier command."""
        return self._exchange.expects_late

    async def ask(
        self,
        header: Header,
        payload: bytes = b"",
        *,
        exactly: int | None = None,
        may_be_empty: bool = False,
        pace: Pace = PACE,
        give_way: Callable[[], bool] = never,
    ) -> bytes:
        """See `Ask`. Raises NoAnswer, GaveWay instead of a transmission, PortLost.

        `may_be_empty`, without `exactly`: an ACK will do as well.
        """
        octets, meaning = self._request(header, payload)
        return await self._exchange.request(
            octets,
            partial(self._collector, octets, _fits(exactly, may_be_empty)),
            meaning=meaning,
            pace=pace,
            give_way=give_way,
        )

    def _request(self, header: Header, payload: bytes) -> tuple[bytes, str]:
        """Bytes and their meaning; kept, for the same few are asked all day."""
        known = self._requests.get((header, payload))
        if known is None:
            source = None if self._is_crc else HOST
            frame = Frame(self._address, source, header, payload)
            known = self._requests[header, payload] = (encode(frame), describe(frame))
        return known

    def _collector(self, sent: bytes, fits: "_Fits") -> Collect[bytes]:
        without_echo = self._without_echo(sent)
        decoder = self._decoder
        decoder.reset()

        def collect(chunk: bytes) -> bytes | None:
            for found in decoder.feed(without_echo(chunk)):
                reply = self._reply(found, fits)
                if reply is not None:
                    return reply
            return None

        return collect

    def _without_echo(self, sent: bytes) -> Callable[[bytes], bytes]:
        if self._echo is EchoMode.OFF:
            return bytes
        remover = EchoRemover(sent, required=self._echo is EchoMode.ON)

        def feed(chunk: bytes) -> bytes:
            try:
                return remover.feed(chunk)
            except Collision:
                self._trace.received(chunk, "collision")
                raise

        return feed

    def _reply(self, found: Frame | Garbage, fits: "_Fits") -> bytes | None:
        if isinstance(found, Garbage):
            self._trace.received(found.octets, "garbage")
            return None
        self._trace.record(Direction.RECEIVED, found, _spelled)
        if found.header != Header.REPLY:
            return None  # NAK and BUSY: not now; the repetition comes after the time-out
        return found.payload if fits(found.payload) else None


@dataclass(frozen=True, slots=True)
class _Fits:
    """Can this be the reply? Its length is all that tells."""

    exactly: int | None
    may_be_empty: bool

    def __call__(self, payload: bytes) -> bool:
        if self.exactly is not None:
            return len(payload) == self.exactly
        return self.may_be_empty or bool(payload)


_fits = lru_cache(_LENGTHS_KEPT)(_Fits)


def _spelled(frame: Frame) -> tuple[bytes, str]:
    return encode(frame), describe(frame)
