"""`python -m simulator` as a newcomer runs it: real processes, terminals, sockets."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import pytest

from tests.bench.bench_process import running_bench

pytestmark = [pytest.mark.system, pytest.mark.timeout(90)]


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def _alive(pids: list[int]) -> list[int]:
    return [pid for pid in pids if not _is_dead(pid)]


def _is_dead(pid: int) -> bool:
    """One that nobody has asked about yet, as in a container without an init, is dead, too."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_charge_runs_in_real_processes_and_goes_on_when_time_is_sped_up() -> None:
    async def visit() -> None:
        async with running_bench("--set", "tariff.energy=4.50") as bench:
            children = _children(bench.process.pid)
            assert len(children) >= 2
            await bench.do(expect={"device": {"coin_acceptor": "online"}, "within": "20s"})
            await bench.do(plug={"connector": 1, "ev": {"soc": 20, "max_a": 16}})
            await bench.do(coin="2.00")
            await bench.do(touch="start")
            charging = await bench.do(expect={"contactor": {"1": "closed"}, "within": "20s"})
            assert charging["held"], charging
            await bench.do(speed=60)
            assert not _alive(children)
            # 2.00 EUR at 4.50 EUR/kWh: 444 Wh, seven minutes at 16 A.
            ended = await bench.do(expect={"screen": "finished", "within": "20m"})
            assert ended["held"], ended
            state = await bench.state()
            assert state["ledger"]["balanced"]
            assert 430 <= state["connectors"]["1"]["energy_wh"] <= 446
            bench.process.send_signal(signal.SIGTERM)
            assert await bench.process.wait() == 0

    asyncio.run(visit())


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="children are looked up in /proc")
def test_end_of_the_bench_is_the_end_of_its_processes() -> None:
    async def visit() -> None:
        async with running_bench() as bench:
            children = _children(bench.process.pid)
            bench.process.send_signal(signal.SIGINT)
            assert await bench.process.wait() == 0
        assert not _alive(children)

    asyncio.run(visit())


@pytest.mark.skipif(sys.platform != "linux", reason="the promise is one of Linux's kernel")
def test_killed_bench_leaves_neither_core_nor_kiosk_behind() -> None:
    async def visit() -> None:
        async with running_bench() as bench:
            children = _children(bench.process.pid)
            assert len(children) >= 2
            bench.process.kill()
            assert await bench.process.wait() == -signal.SIGKILL
            async with asyncio.timeout(10):
                while _alive(children):  # noqa: ASYNC110 - a stranger's end is told to nobody
                    await asyncio.sleep(0.005)

    asyncio.run(visit())


def _refused(*arguments: str) -> tuple[int | None, str]:
    async def start() -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulator", *arguments, stderr=asyncio.subprocess.PIPE
        )
        _, words = await process.communicate()
        return process.returncode, words.decode()

    return asyncio.run(start())


def test_busy_port_is_refused_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, words = _refused("--port", str(taken.getsockname()[1]))
    assert code == 2
    assert "--port" in words


@pytest.mark.parametrize("kind", ["--inside", "--headless"])
def test_wrong_setting_is_refused_by_its_name(kind: str) -> None:
    code, words = _refused("--port", "0", "--set", "tariff.enrgy=1", kind)
    assert code == 2
    assert "tariff.enrgy" in words
    assert "Traceback" not in words


def test_device_that_is_not_there_is_refused_with_the_remedy() -> None:
    code, words = _refused("--port", "0", "--device", "coin_acceptor=/dev/ttyNONE")
    assert code == 2
    assert "/dev/ttyNONE does not exist" in words
    assert "->" in words
