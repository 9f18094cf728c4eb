"""`TcpPort` over real sockets of this machine, and the simulated terminal behind one."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from chargepoint.domain.devices import DeviceOnline
from drivers.port import BytePort, PortLost
from drivers.tcp_port import SEND_LIMIT, tcp_opener
from drivers.trace import Trace
from drivers.zvt.driver import ZvtTerminalDriver
from drivers.zvt.settings import Transport, ZvtSettings
from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.devices.bank_terminal_tcp import TcpLine
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from tests.support.bank import Journal

DEADLINE_S = 5.0
HERE = "127.0.0.1"


async def read_exactly(read: Callable[[], Awaitable[bytes]], count: int) -> bytes:
    received = b""
    async with asyncio.timeout(DEADLINE_S):
        while len(received) < count:
            received += await read()
    return received


def test_bytes_pass_both_ways_and_unread_ones_can_be_dropped() -> None:
    async def main() -> None:
        line = TcpLine(SeededEntropy(1))
        port = await tcp_opener(HERE, await line.listen())()
        port.write(b"hello")
        assert await read_exactly(line.read, 5) == b"hello"
        line.write(b"answer")
        assert await read_exactly(port.read, 6) == b"answer"
        port.discard_input()
        port.close()
        with pytest.raises(PortLost, match="closed"):
            port.write(b"x")
        with pytest.raises(PortLost, match="closed"):
            await port.read()
        await line.close()

    asyncio.run(main())


def test_a_port_where_nobody_listens_is_lost() -> None:
    async def main() -> None:
        line = TcpLine(SeededEntropy(1))
        number = await line.listen()
        await line.close()
        with pytest.raises(PortLost, match="does not answer"):
            await tcp_opener(HERE, number)()

    asyncio.run(main())


def test_a_connection_that_is_cut_is_lost_and_can_be_made_again() -> None:
    async def main() -> None:
        line = TcpLine(SeededEntropy(1))
        open_port = tcp_opener(HERE, await line.listen())
        port = await open_port()
        port.write(b"x")
        await read_exactly(line.read, 1)
        line.fault(LineFault.UNPLUGGED)
        with pytest.raises(PortLost):
            await read_exactly(port.read, 1)
        line.clear(LineFault.UNPLUGGED)
        again = await open_port()
        again.write(b"y")
        assert await read_exactly(line.read, 1) == b"y"
        again.close()
        await line.close()

    asyncio.run(main())


def write_until_lost(port: BytePort) -> None:
    for _ in range(1000):
        port.write(bytes(SEND_LIMIT))


def test_a_device_that_takes_nothing_is_lost() -> None:
    async def main(number: int) -> None:
        port = await tcp_opener(HERE, number)()
        with pytest.raises(PortLost, match="takes no more"):
            write_until_lost(port)

    with socket.create_server((HERE, 0)) as deaf:
        asyncio.run(main(deaf.getsockname()[1]))


def test_the_terminal_is_reached_over_the_network() -> None:
    async def main() -> None:
        line = TcpLine(SeededEntropy(1))
        number = await line.listen()
        terminal = SimulatedBankTerminal(line, is_serial=False)
        online = asyncio.Event()
        loop = asyncio.get_running_loop()
        driver = ZvtTerminalDriver(
            tcp_opener(HERE, number),
            lambda event: online.set() if isinstance(event, DeviceOnline) else None,
            Trace("bank_terminal", loop.time),
            clock=_LoopClock(),
            persist=Journal().persist,
            settings=ZvtSettings(transport=Transport.TCP),
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(terminal.run()), group.create_task(driver.run())]
            async with asyncio.timeout(DEADLINE_S):
                await online.wait()
                assert await driver.list_open() == ()
            for task in tasks:
                task.cancel()
        await line.close()

    asyncio.run(main())


class _LoopClock:
    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)
