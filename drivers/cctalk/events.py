"""The event counter of headers 229 and 159: which of the five buffered events are new. Pure.

The counter is 0 only after a reset, goes up by one with each event, and from 255 to 1. The buffer
holds the newest five events, newest first. Reading consumes nothing, so a lost reply is harmless;
what must never happen is to compare with a wrong past. So the past is a cursor: the counter, the
buffer as it was, and how far a sequence without wrap has come.
"""

from dataclasses import dataclass

KEPT = 5  # events in the device's buffer
WRAP = 255  # after 255 comes 1
RESULT_BYTES = 2
READING_BYTES = 1 + KEPT * RESULT_BYTES


@dataclass(frozen=True, slots=True)
class Result:
    """One buffered event. `kind`: coin position or bill type, 0 for a status; `code`: the rest."""

    kind: int
    code: int


_BLANK = Result(0, 0)


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer to header 229 or 159."""

    counter: int
    results: tuple[Result, ...]

    def __post_init__(self) -> None:
        if len(self.results) != KEPT:
            raise ValueError(f"{len(self.results)} results where the device keeps {KEPT}")


@dataclass(frozen=True, slots=True)
class Past:
    """What was known before a reading. `results` is shorter than five where events were lost.

    `accepted`: how many coins the device has kept in its life, if all that it kept was seen; None
    while nobody has asked it for that count.
    """

    epoch: int
    sequence: int
    counter: int
    results: tuple[Result, ...]
    accepted: int | None = None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event and the past as it is once this event is dealt with."""

    result: Result
    after: Past


@dataclass(frozen=True, slots=True)
class News:
    """What a reading adds, oldest event first. `past` is what to compare the next one with.

    `lost`: events that happened and are no longer in the buffer. `was_reset`: an epoch ended; what
    the device took between the reading before and its reset is unknown. `start`: the past just
    before the first of `events`, that is after the reset and after what was lost.
    """

    start: Past
    events: tuple[NewEvent, ...]
    past: Past
    lost: int = 0
    was_reset: bool = False


def parse_reading(payload: bytes) -> Reading:
    """The eleven bytes of an answer; ValueError for any other number."""
    if len(payload) != READING_BYTES:
        raise ValueError(f"{len(payload)} bytes where {READING_BYTES} make a reading")
    return Reading(payload[0], parse_results(payload[1:]))


def parse_results(octets: bytes) -> tuple[Result, ...]:
    return tuple(
        Result(octets[at], octets[at + 1]) for at in range(0, len(octets) - 1, RESULT_BYTES)
    )


def pack_results(results: tuple[Result, ...]) -> bytes:
    return bytes(octet for result in results for octet in (result.kind, result.code))


def delta(counter: int, last: int) -> int:
    """Events between two counter values, if the device was not reset between them."""
    return counter - last if counter >= last else counter + WRAP - last


def baseline(reading: Reading, *, epoch: int = 1) -> Past:
    """The past of a device never seen before: what it holds is somebody else's.

    `epoch`: the next one, of a device that was taken out and is back.
    """
    return Past(epoch, sequence=0, counter=reading.counter, results=reading.results)


def compare(past: Past, reading: Reading, *, reset_seen: bool = False) -> News:
    """`reset_seen`: other evidence of a reset, such as inhibit masks that nobody cleared.

    It decides only where the reading is ambiguous; there the buffered events are new either way,
    so wrong evidence credits nothing twice.
    """
    if _proves_reset(past, reading) or (reset_seen and is_ambiguous(past, reading)):
        return _after_reset(past, reading)
    return _news(past, reading, delta(reading.counter, past.counter), was_reset=False)


def is_ambiguous(past: Past, reading: Reading) -> bool:
    """More events than the buffer holds: lost events and a reset look alike."""
    return not _proves_reset(past, reading) and delta(reading.counter, past.counter) > KEPT


def _proves_reset(past: Past, reading: Reading) -> bool:
    if reading.counter == 0:
        return past.counter != 0
    count = delta(reading.counter, past.counter)
    if count < KEPT:
        return not _continues(past, reading, count)
    # A device that made fewer than five events since its reset has blanks behind them; one that
    # wrapped has a full buffer.
    return past.counter != 0 and _is_blank_after(reading, reading.counter)


def _continues(past: Past, reading: Reading, count: int) -> bool:
    """The older part of the buffer is the newer part of the one before."""
    older = reading.results[count:]
    return all(then == now for then, now in zip(past.results, older, strict=False))


def _is_blank_after(reading: Reading, count: int) -> bool:
    return count < KEPT and all(result == _BLANK for result in reading.results[count:])


def _after_reset(past: Past, reading: Reading) -> News:
    blanks = (_BLANK,) * KEPT
    fresh = Past(past.epoch + 1, sequence=0, counter=0, results=blanks, accepted=past.accepted)
    return _news(fresh, reading, reading.counter, was_reset=True)


def _news(past: Past, reading: Reading, count: int, *, was_reset: bool) -> News:
    lost = max(0, count - KEPT)
    fresh = reading.results[: min(count, KEPT)]
    # What lies behind the lost events is unknown; the next comparison must not assume it.
    history = fresh + (() if lost else past.results)
    start = _after_lost(past, lost) if lost else past
    sequence, counter, accepted = start.sequence, start.counter, start.accepted
    events: list[NewEvent] = []
    for age in range(len(fresh) - 1, -1, -1):
        sequence += 1
        counter = counter % WRAP + 1
        if accepted is not None:
            accepted += fresh[age].kind > 0
        after = Past(past.epoch, sequence, counter, history[age : age + KEPT], accepted)
        events.append(NewEvent(fresh[age], after))
    newest = Past(past.epoch, sequence, reading.counter, reading.results, accepted)
    return News(start, tuple(events), newest, lost=lost, was_reset=was_reset)


def _after_lost(past: Past, lost: int) -> Past:
    counter = (past.counter + lost - 1) % WRAP + 1
    return Past(past.epoch, past.sequence + lost, counter, results=(), accepted=past.accepted)
