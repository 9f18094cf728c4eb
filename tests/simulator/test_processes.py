"""Child processes: started again when they die, gone when the power is, never left behind."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from simulator.processes import ChildProcess

SLEEPER = ["-c", "import time; print('up', flush=True); time.sleep(60)"]
OWNER = f"""
import asyncio
from simulator.processes import ChildProcess

async def main():
    child = ChildProcess(
        "core", {SLEEPER!r}, restart_s=1, told=lambda *_: None,
        heard=lambda _: print(child.pid, flush=True),
    )
    await child.run()

asyncio.run(main())
"""


class Life:
    """What was told of one process, and waiting for it."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.news = asyncio.Event()

    def tell(self, _: str, state: str) -> None:
        self.told.append(state)
        self.news.set()

    async def until(self, state: str, times: int) -> None:
        async with asyncio.timeout(20):
            while self.told.count(state) < times:
                self.news.clear()
                await self.news.wait()


def is_alive(pid: int) -> bool:
    """A dead one that nobody has asked about yet, as in a container without an init, is dead."""
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:  # no such file system, or dead since the line before
        return not Path("/proc").is_dir()


@pytest.mark.system
def test_process_when_killed_then_started_again_and_ended_with_its_owner() -> None:
    async def main() -> int:
        life = Life()
        child = ChildProcess("core", SLEEPER, restart_s=0.01, told=life.tell)
        running = asyncio.get_running_loop().create_task(child.run())
        await life.until("running", 1)
        first = child.pid
        child.kill()
        await life.until("running", 2)
        assert child.pid not in {None, first}
        child.power(on=False)
        await life.until("killed", 2)
        assert child.pid is None
        child.power(on=True)
        await life.until("running", 3)
        last = child.pid
        running.cancel()
        await asyncio.wait([running])
        assert last is not None
        return last

    assert not is_alive(asyncio.run(main()))


@pytest.mark.system
def test_process_when_it_cannot_live_then_given_up_with_its_last_words() -> None:
    async def main() -> ChildProcess:
        life = Life()
        arguments = ["-c", "raise SystemExit('no configuration')"]
        child = ChildProcess("core", arguments, restart_s=0, told=life.tell)
        await child.run()
        return child

    child = asyncio.run(main())
    assert child.is_hopeless
    assert "no configuration" in child.last_lines


@pytest.mark.skipif(sys.platform != "linux", reason="the promise is one of Linux's kernel")
@pytest.mark.system
def test_process_when_its_owner_is_killed_then_ended_with_it() -> None:
    async def main() -> None:
        owner = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OWNER, stdout=asyncio.subprocess.PIPE
        )
        assert owner.stdout is not None
        async with asyncio.timeout(20):
            child = int(await owner.stdout.readline())
            assert is_alive(child)
            owner.kill()
            await owner.wait()
            while is_alive(child):  # noqa: ASYNC110 - a stranger's end is told to nobody
                await asyncio.sleep(0.005)

    asyncio.run(main())
