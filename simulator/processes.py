"""Real child processes under the bench, with the rule that systemd would have: died, so start again.

A process that dies of itself too often is not started again; its last words are kept for the
report. None outlives the bench, however that ends: one left behind would keep the station's lines
locked, and no later station could open them (tethered.py).
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LAST_LINES = 40
STOP_LIMIT_S = 3.0
TOO_SHORT_S = 1.0  # a life shorter than this is no life
TOO_OFTEN = 5
TETHERED = Path(__file__).with_name("tethered.py")

Told = Callable[[str, str], None]
"""Name of the process, and `starting` `running` `killed` `stopped`."""


class ChildProcess:
    """One program of the product. `power(on=…)` is the mains switch; `kill` is SIGKILL."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        restart_s: float,
        told: Told,
        environment: Mapping[str, str] | None = None,
        heard: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.name = name
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._arguments = [sys.executable, *arguments]
        self._restart_s = restart_s
        self._told = told
        self._heard = heard
        self._environment = {**os.environ, **(environment or {})}
        self._process: Process | None = None
        self._is_on = asyncio.Event()
        self._is_on.set()
        self._short_lives = 0

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self.is_running else None

    @property
    def is_hopeless(self) -> bool:
        """It died right after its start, again and again."""
        return self._short_lives >= TOO_OFTEN

    async def run(self) -> None:
        """Keep it alive until cancelled; then end it."""
        try:
            while not self.is_hopeless:
                await self._is_on.wait()
                await self._live()
                if self._is_on.is_set():
                    await asyncio.sleep(self._restart_s)
        finally:
            await self._end()

    def kill(self) -> None:
        if self.is_running and self._process is not None:
            self._process.kill()

    def power(self, *, on: bool) -> None:
        if on:
            self._is_on.set()
        else:
            self._is_on.clear()
            self.kill()

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        self._told(self.name, "starting")
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", TETHERED, str(os.getpid())),
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
        )
        self._told(self.name, "running")
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            words = line.decode(errors="replace").rstrip()
            self.last_lines.append(words)
            self._heard(words)
        status = await self._process.wait()
        was_short = loop.time() - began_s < TOO_SHORT_S and status != -signal.SIGKILL
        self._short_lives = self._short_lives + 1 if was_short else 0
        self._told(self.name, "killed" if status == -signal.SIGKILL else "stopped")

    async def _end(self) -> None:
        if not self.is_running or self._process is None:
            return
        self._process.terminate()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_LIMIT_S):
                await self._process.wait()
                return
        self.kill()
        await self._process.wait()


def module(name: str, *arguments: str | Path) -> list[str]:
    """`python -m name arguments…`."""
    return ["-m", name, *(str(each) for each in arguments)]
