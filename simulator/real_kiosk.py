"""The kiosk process, seen and touched through its control socket."""

import asyncio
import base64
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from simulator.station import Heard, Screen, ScreenButton, StepImpossible

LOOK_EVERY_S = 0.05
RECONNECT_S = 0.1
ANSWER_LIMIT_S = 3.0
_KEPT = 400
MAX_ANSWER_BYTES = 16 * 1024 * 1024  # a picture


class KioskGone(ConnectionError):
    """The kiosk does not answer: dead, or not born yet."""


class RealKiosk:
    """Implements station.Kiosk. `run` looks at the screen, twenty times a second unless told."""

    def __init__(self, path: Path, shown: Callable[[Screen], None]) -> None:
        self._path = path
        self._shown = shown
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self._screen: Screen | None = None
        self._png = b""
        self._heard: deque[Heard] = deque(maxlen=_KEPT)
        self._told = self._base = 0
        self.look_every_s = LOOK_EVERY_S

    async def run(self) -> None:
        try:
            while True:
                await self._watch()
        finally:
            await self._hang_up()

    async def _watch(self) -> None:
        try:
            await self._look()
            await asyncio.sleep(self.look_every_s)
        except (ConnectionError, OSError):
            self._screen = None
            await asyncio.sleep(RECONNECT_S)

    async def _look(self) -> None:
        answer = await self._ask({"do": "tree"})
        self._hear(answer.get("said", ()))
        screen = _screen_of(answer)
        if screen != self._screen:
            self._screen = screen
            self._shown(screen)

    def _hear(self, said: Sequence[tuple[int, str, str]]) -> None:
        """A kiosk that was started anew counts from the beginning: its sentences come behind."""
        if said and said[-1][0] < self._told:
            self._base += self._told
            self._told = 0
        for number, text, channel in said:
            if number > self._told:
                self._told = number
                self._heard.append(Heard(self._base + number, text, channel))

    # --- station.Kiosk ------------------------------------------------------------------------------

    def screen(self) -> Screen | None:
        return self._screen

    async def press(self, button: str, held_s: float = 0.0) -> bool:
        return await self._touch({"do": "press", "id": button, "held_s": held_s})

    async def tap_at(self, x: float, y: float) -> None:
        await self._touch({"do": "tap", "x": x, "y": y})

    def heard(self) -> Sequence[Heard]:
        return tuple(self._heard)

    def png(self) -> bytes:
        """The picture that `take_picture` took last."""
        return self._png

    async def take_picture(self) -> bytes:
        """Raises ConnectionError while there is no kiosk."""
        self._png = base64.b64decode((await self._ask({"do": "png"}))["png"])
        return self._png

    async def _touch(self, request: Mapping[str, Any]) -> bool:
        try:
            answer = await self._ask(request)
            # What comes next must not be judged by the screen of before the touch.
            await self._look()
        except (ConnectionError, OSError) as error:
            raise StepImpossible(f"the kiosk does not answer: {error}") from error
        return bool(answer.get("sent"))

    # --- socket -------------------------------------------------------------------------------------

    async def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        async with self._turn:
            try:
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    answer = await self._exchange(json.dumps(request).encode() + b"\n")
            except (TimeoutError, ConnectionError, OSError, ValueError) as error:
                await self._hang_up()
                raise KioskGone(str(error) or "no answer") from error
        if not answer.get("ok"):
            raise StepImpossible(f"the kiosk refused {request}: {answer.get('error')}")
        return answer

    async def _exchange(self, line: bytes) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(
                str(self._path), limit=MAX_ANSWER_BYTES
            )
        reader, writer = self._streams
        writer.write(line)
        await writer.drain()
        answer = await reader.readline()
        if not answer.endswith(b"\n"):
            raise KioskGone("it hung up")
        body: dict[str, Any] = json.loads(answer)
        return body

    async def _hang_up(self) -> None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
            with suppress(ConnectionError, OSError):
                await streams[1].wait_closed()


def _screen_of(answer: Mapping[str, Any]) -> Screen:
    tree = answer["screen"]
    is_alive = bool(answer["accepts_touch"])
    buttons = tuple(
        ScreenButton(
            each["id"],
            each["label"],
            each["enabled"],
            tuple(each["px"]),
            tuple(each["mm"]),
            is_alive=is_alive,
        )
        for each in tree["buttons"]
    )
    return Screen(
        tree["id"],
        tree["title"],
        tuple(tree["texts"]),
        buttons,
        answer["params"],
        tree["language"],
        answer["connector"],
        focus=tree.get("focus", ""),
    )
