"""What drivers share above a port: trace, question and answer, echo, back-off."""

import asyncio
import itertools
from collections.abc import Callable

import pytest

from drivers.exchange import Backoff, Collision, EchoRemover, Exchange, GaveWay, NoAnswer, Pace
from drivers.port import BytePort
from drivers.trace import Direction, Trace, TracedFrame
from simulator.entropy import SeededEntropy
from simulator.pipes import Line, MemoryLine
from simulator.vtime import run_virtual

# --- trace ----------------------------------------------------------------------------------------


def test_trace_keeps_the_newest_frames_and_tells_subscribers_each() -> None:
    ticks = itertools.count()
    trace = Trace("coins", lambda: float(next(ticks)), capacity=2)
    seen: list[TracedFrame] = []
    unsubscribe = trace.subscribe(seen.append)
    trace.sent(b"\x02\x00\x01\xfe\xff", "simple poll")
    trace.received(b"\x01\x00\x02\x00\xfd", "ack")
    unsubscribe()
    trace.sent(b"\x00")
    assert [frame.octets for frame in trace.frames()] == ["01 00 02 00 FD", "00"]
    assert [frame.direction for frame in seen] == [Direction.SENT, Direction.RECEIVED]
    assert trace.tail() == ("1.000 coins < 01 00 02 00 FD  ack", "2.000 coins > 00")
    assert trace.tail(1) == ("2.000 coins > 00",)


def test_trace_with_a_mask_never_holds_the_secret() -> None:
    seen: list[TracedFrame] = []
    trace = Trace(
        "cards",
        lambda: 0.0,
        mask=lambda _direction, octets: f"{octets[0]:02X} +{len(octets) - 1} masked",
        on_frame=seen.append,
    )
    trace.received(b"\x01secret")
    assert [frame.octets for frame in seen] == ["01 +6 masked"]
    assert b"secret".hex(" ").upper() not in "".join(trace.tail())


# --- exchange -------------------------------------------------------------------------------------


PACE = Pace(timeout_s=0.1, attempts=3, gap_s=0.02, recovery_s=0.05)


def four_bytes() -> Callable[[bytes], bytes | None]:
    received = bytearray()

    def collect(chunk: bytes) -> bytes | None:
        received.extend(chunk)
        return bytes(received) if len(received) >= 4 else None

    return collect


def an_exchange(port: BytePort) -> Exchange:
    return Exchange(port, Trace("test", asyncio.get_running_loop().time), PACE)


def test_exchange_repeats_until_the_answer_is_whole() -> None:
    async def device(line: Line) -> None:
        await line.read()
        line.write(b"12")  # half an answer, then silence
        await line.read()
        line.write(b"1234")

    async def story() -> tuple[bytes, float]:
        line = MemoryLine("test", SeededEntropy(1), baudrate=0)
        exchange = an_exchange(await line.open_port())
        async with asyncio.TaskGroup() as group:
            group.create_task(device(line))
            answer = await exchange.request(b"?", four_bytes)
        return answer, asyncio.get_running_loop().time()

    answer, took_s = run_virtual(story())
    assert answer == b"1234"
    assert took_s == pytest.approx(0.02 + 0.1 + 0.05 + 0.05, abs=0.06)


def test_exchange_without_an_answer_gives_up_after_its_attempts() -> None:
    async def story() -> bytes:
        line = MemoryLine("test", SeededEntropy(1), baudrate=0)
        exchange = an_exchange(await line.open_port())
        with pytest.raises(NoAnswer, match="no answer to hello in 3 attempts"):
            await exchange.request(b"?", four_bytes, meaning="hello")
        with pytest.raises(NoAnswer, match="1 attempts"):
            await exchange.request(b"!", four_bytes, pace=PACE.once())
        return await line.read()

    assert run_virtual(story()) == b"???!"


def test_exchange_never_takes_a_late_answer_for_that_of_the_next_request() -> None:
    async def device(line: Line) -> None:
        while True:
            asked = await line.read()
            line.write(asked * 4, after_s=0.15)

    async def story() -> list[bytes]:
        line = MemoryLine("test", SeededEntropy(1), baudrate=0)
        pace = Pace(timeout_s=0.1, late_s=0.2)
        exchange = Exchange(
            await line.open_port(), Trace("test", asyncio.get_running_loop().time), pace
        )
        async with asyncio.TaskGroup() as group:
            running = group.create_task(device(line))
            answers = [await exchange.request(bytes([ask]), four_bytes) for ask in b"abc"]
            running.cancel()
        return answers

    assert run_virtual(story()) == [b"aaaa", b"bbbb", b"cccc"]


def test_exchange_on_a_babbling_line_still_asks() -> None:
    async def babble(line: Line) -> None:
        while True:
            line.write(b"?")
            await asyncio.sleep(0.01)

    async def story() -> float:
        line = MemoryLine("test", SeededEntropy(1), baudrate=0)
        pace = Pace(timeout_s=0.02, late_s=0.2)
        exchange = Exchange(
            await line.open_port(), Trace("test", asyncio.get_running_loop().time), pace
        )
        with pytest.raises(NoAnswer):
            await exchange.request(b"1", four_bytes)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(babble(line))
            await exchange.request(b"2", four_bytes, pace=Pace(timeout_s=1.0, late_s=0.2))
            running.cancel()
        return asyncio.get_running_loop().time()

    assert run_virtual(story()) < 2.0


def test_exchange_gives_way_before_it_transmits() -> None:
    async def story() -> int:
        line = MemoryLine("test", SeededEntropy(1), baudrate=0)
        exchange = an_exchange(await line.open_port())
        with pytest.raises(GaveWay):
            await exchange.request(b"1", four_bytes, give_way=lambda: True)
        await asyncio.sleep(1)
        return len(line._from_host)

    assert run_virtual(story()) == 0


def test_exchange_lets_one_request_finish_before_the_next() -> None:
    async def device(line: Line) -> None:
        for answer in (b"aaaa", b"bbbb"):
            assert len(await line.read()) == 1
            await asyncio.sleep(0.05)
            line.write(answer)

    async def story() -> list[bytes]:
        line = MemoryLine("test", SeededEntropy(1), baudrate=0)
        exchange = an_exchange(await line.open_port())
        async with asyncio.TaskGroup() as group:
            group.create_task(device(line))
            first = group.create_task(exchange.request(b"1", four_bytes))
            second = group.create_task(exchange.request(b"2", four_bytes))
        return [first.result(), second.result()]

    assert run_virtual(story()) == [b"aaaa", b"bbbb"]


def test_exchange_keeps_the_gap_between_an_answer_and_the_next_request() -> None:
    async def device(line: Line, heard_at_s: list[float]) -> None:
        for _ in range(2):
            await line.read()
            heard_at_s.append(asyncio.get_running_loop().time())
            line.write(b"abcd")

    async def story() -> list[float]:
        line = MemoryLine("test", SeededEntropy(1), baudrate=0)
        heard_at_s: list[float] = []
        exchange = an_exchange(await line.open_port())
        async with asyncio.TaskGroup() as group:
            group.create_task(device(line, heard_at_s))
            await exchange.request(b"1", four_bytes)
            await exchange.request(b"2", four_bytes)
        return heard_at_s

    first_s, second_s = run_virtual(story())
    assert second_s - first_s == pytest.approx(PACE.gap_s)


# --- echo -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_echo_in_any_chunks_is_removed(required: bool, size: int) -> None:
    echo = EchoRemover(b"ask", required=required)
    received = b"askanswer"
    chunks = [received[start : start + size] for start in range(0, len(received), size)]
    assert b"".join(echo.feed(chunk) for chunk in chunks) == b"answer"
    assert echo.was_seen
    assert not echo.is_absent


def test_echo_that_never_comes_leaves_the_answer_whole() -> None:
    echo = EchoRemover(b"ask", required=False)
    assert echo.feed(b"a") == b""  # could still be the echo
    assert echo.feed(b"nswer") == b"answer"
    assert echo.feed(b"ask") == b"ask"
    assert echo.is_absent
    assert not echo.was_seen


def test_echo_that_differs_on_an_echoing_line_is_a_collision() -> None:
    echo = EchoRemover(b"ask", required=True)
    with pytest.raises(Collision, match="sent 61 73 6b"):
        echo.feed(b"ax")


# --- back-off -------------------------------------------------------------------------------------


def test_backoff_doubles_to_its_cap_and_starts_over_after_success() -> None:
    backoff = Backoff(0.5, 30.0)
    assert [backoff.next_s() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    backoff.reset()
    assert backoff.next_s() == 0.5
