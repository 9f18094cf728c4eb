"""A headless browser driven over its debugging protocol, for looking at the bench page as a person.

Only what these tests need: open a page, run a line of JavaScript, click, take a picture.
"""

# ruff: noqa: ASYNC110, ASYNC240 - another process can only be polled; its files are tiny
import asyncio
import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

START_LIMIT_S = 20
CALL_LIMIT_S = 10
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)


def find_chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return None


async def eventually(holds: Callable[[], bool], limit_s: float = 3) -> None:
    async with asyncio.timeout(limit_s):
        while not holds():
            await asyncio.sleep(0.01)


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._calls = 0
        self.complaints: list[str] = []

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        self._calls += 1
        await self._socket.send(json.dumps({"id": self._calls, "method": method, "params": params}))
        async with asyncio.timeout(CALL_LIMIT_S):
            while True:
                message = json.loads(await self._socket.recv())
                self._note(message)
                if message.get("id") == self._calls:
                    assert "error" not in message, message["error"]
                    return dict(message["result"])

    def _note(self, message: dict[str, Any]) -> None:
        """Keep what the browser complains about: errors of scripts, refused or missing files."""
        params = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:600])
        elif message.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    async def open(self, url: str, *, width: int = 1440, height: int = 900) -> None:
        await self.call("Runtime.enable")
        await self.call("Log.enable")
        await self.resize(width, height)
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def resize(self, width: int, height: int) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    async def prefer(self, scheme: str) -> None:
        """`light` or `dark`."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        await self.call("Emulation.setEmulatedMedia", features=features)

    async def js(self, expression: str) -> Any:
        result = await self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    async def until(self, expression: str, limit_s: float = 5) -> None:
        async with asyncio.timeout(limit_s):
            while not await self.js(expression):
                await asyncio.sleep(0.03)

    async def click(self, selector: str) -> None:
        """Press the mouse in the middle of the first match, as a hand would."""
        where = await self.js(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        await self.click_at(*where)

    async def click_at(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )

    async def key(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            extra = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            code = {"Enter": 13, "Tab": 9}[key]
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind, key=key, code=key, windowsVirtualKeyCode=code, **extra,
            )  # fmt: skip

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(shot["data"]))


async def _first_tab(profile: Path) -> str:
    """The websocket address of the only tab; the browser writes its port when it listens."""
    announced = profile / "DevToolsActivePort"
    async with asyncio.timeout(START_LIMIT_S):
        while not (announced.exists() and announced.read_text().count("\n")):
            await asyncio.sleep(0.05)
    port, path = announced.read_text().split("\n")[:2]
    async with connect(f"ws://127.0.0.1:{port}{path}") as browser:
        await browser.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
        while (answer := json.loads(await browser.recv())).get("id") != 1:
            continue
    tab = next(t for t in answer["result"]["targetInfos"] if t["type"] == "page")
    return f"ws://127.0.0.1:{port}/devtools/page/{tab['targetId']}"


@asynccontextmanager
async def browsing(chromium: str) -> AsyncIterator[Page]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            chromium, *FLAGS, f"--user-data-dir={folder}", "about:blank",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            address = await _first_tab(Path(folder))
            async with connect(address, max_size=None) as socket:
                yield Page(socket)
        finally:
            process.terminate()
            await process.wait()
