"""The HTTP interface of the bench as an ASGI application; the calls are in docs/bench.md."""

import io
import json
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

import ui
from simulator.bench.guard import LoopbackGuard
from simulator.bench.hub import EventHub
from simulator.bench.port import Bench, Step, StepRefused, Verdict
from simulator.bench.recording import Recording

MAX_BODY_BYTES = 65_536
MAX_QR_TEXT = 600
PAGE = Path(__file__).parent / "page"
KIOSK_ASSETS = Path(ui.__file__).parent / "assets"


class TooLong(ValueError):
    """A request body over the limit."""


class BenchApi:
    """Translates HTTP into steps and back; decides nothing about the station."""

    def __init__(self, bench: Bench, hub: EventHub, given: Mapping[str, Any]) -> None:
        self._bench = bench
        self._hub = hub
        self._given = given
        self._recording = Recording(given)

    async def do(self, request: Request) -> Response:
        try:
            step = _step(await _body(request))
            verdict = await self._carry_out(step)
        except TooLong as error:
            return JSONResponse({"error": str(error)}, status_code=413)
        except StepRefused as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(_answer(verdict))

    async def _carry_out(self, step: Step) -> Verdict | None:
        before = self._bench.state()
        try:
            verdict = await self._bench.do(step)
        except StepRefused as error:
            self._announce(step, str(error))
            raise
        self._recording.add(step, before=before, after=self._bench.state())
        self._announce(step, "")
        return verdict

    def _announce(self, step: Step, error: str) -> None:
        event = {"kind": "done", "t": self._bench.state()["t"], "step": step}
        self._hub.publish({**event, "ok": not error, "error": error or None})

    async def state(self, _: Request) -> Response:
        return JSONResponse(self._bench.state())

    async def screen(self, _: Request) -> Response:
        picture = await self._bench.screen_png()
        if picture is None:
            return JSONResponse({"error": "no kiosk has drawn anything"}, status_code=503)
        return Response(picture, media_type="image/png")

    async def qr(self, request: Request) -> Response:
        """A phone that has no camera: the QR code of a text, as the kiosk or paper shows it."""
        text = request.query_params.get("text", "")
        if not 0 < len(text) <= MAX_QR_TEXT:
            return JSONResponse({"error": f"text: 1 to {MAX_QR_TEXT} characters"}, status_code=400)
        import segno  # noqa: PLC0415 - the bench is ready without it

        drawn = io.BytesIO()
        segno.make(text, error="m", micro=False).save(drawn, "svg", scale=4, border=2, light="#fff")
        return Response(drawn.getvalue(), media_type="image/svg+xml")

    async def ready(self, _: Request) -> Response:
        ready = self._bench.ready()
        return JSONResponse({"ready": ready}, status_code=200 if ready else 503)

    async def scenario(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._recording = Recording(self._given)
            return JSONResponse({"ok": True})
        return PlainTextResponse(
            self._recording.to_yaml(self._bench.state()),
            media_type="application/yaml",
            headers={"content-disposition": 'attachment; filename="scenario.yaml"'},
        )

    async def events(self, socket: WebSocket) -> None:
        await socket.accept()
        state = self._bench.state()
        try:
            await socket.send_json({"kind": "state", "t": state["t"], "state": state})
            async with aclosing(self._hub.listen()) as events:
                async for event in events:
                    await socket.send_text(_compact(event))
        except WebSocketDisconnect:
            return

    async def page(self, _: Request) -> Response:
        return FileResponse(PAGE / "index.html")


def create_app(bench: Bench, hub: EventHub, given: Mapping[str, Any] | None = None) -> Starlette:
    """The application; somebody else keeps `hub.follow(bench)` running.

    `given`: what a recorded scenario says of the station before its first step.
    """
    api = BenchApi(bench, hub, given or {})
    return Starlette(
        routes=[
            Route("/", api.page),
            Route("/api/do", api.do, methods=["POST"]),
            Route("/api/state", api.state),
            Route("/api/screen.png", api.screen),
            Route("/api/qr.svg", api.qr),
            Route("/api/ready", api.ready),
            Route("/api/scenario.yaml", api.scenario, methods=["GET", "DELETE"]),
            WebSocketRoute("/api/events", api.events),
            Mount("/page", StaticFiles(directory=PAGE)),
            Mount("/assets", StaticFiles(directory=KIOSK_ASSETS)),
        ],
        middleware=[Middleware(LoopbackGuard)],
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise TooLong(f"a step has at most {MAX_BODY_BYTES} bytes")
    except ClientDisconnect as error:
        raise StepRefused("the request was not finished") from error
    return bytes(body)


def _step(body: bytes) -> Step:
    try:
        step = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise StepRefused(f"not JSON: {error}") from error
    if not isinstance(step, dict) or len(step) != 1:
        raise StepRefused('a step is one object with one key, such as {"plug": {"connector": 1}}')
    return step


def _answer(verdict: Verdict | None) -> dict[str, Any]:
    if verdict is None:
        return {"ok": True}
    answer: dict[str, Any] = {"ok": verdict.held, "held": verdict.held}
    if not verdict.held:
        answer |= {"expected": verdict.expected, "was": verdict.was}
    return answer


def _compact(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
