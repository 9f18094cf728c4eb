"""Lines and links that can be sealed: their user neither reaches the other side nor learns of it.

A killed process sees no error on its open files; it just does not run any more. What is still
cancelled of it afterwards must find everything as quiet.
"""

import asyncio
from typing import NoReturn

from drivers.port import BytePort, PortLost
from simulator.relay_links import MemoryLink


async def _for_ever() -> NoReturn:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("nobody ends this wait")


class SealablePort:
    """A `BytePort` around another."""

    def __init__(self, inner: BytePort) -> None:
        self._inner = inner
        self._is_sealed = False

    def write(self, chunk: bytes) -> None:
        if not self._is_sealed:
            self._inner.write(chunk)

    async def read(self) -> bytes:
        try:
            chunk = await self._inner.read()
        except PortLost:
            if not self._is_sealed:
                raise
            await _for_ever()
        return chunk

    def discard_input(self) -> None:
        if not self._is_sealed:
            self._inner.discard_input()

    def close(self) -> None:
        self._inner.close()

    def seal(self) -> None:
        self._is_sealed = True
        self._inner.close()


class SealableLink:
    """A link to the central system around another."""

    def __init__(self, inner: MemoryLink) -> None:
        self._inner = inner
        self._is_sealed = False

    async def send(self, text: str) -> None:
        if not self._is_sealed:
            await self._inner.send(text)

    async def recv(self) -> str:
        try:
            text = await self._inner.recv()
        except ConnectionError:
            if not self._is_sealed:
                raise
            await _for_ever()
        return text

    async def close(self) -> None:
        await self._inner.close()

    def seal(self) -> None:
        self._is_sealed = True
        self._inner.cut()
