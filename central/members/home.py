"""The public home: what the service is, where it is, and what is free now. And the app around it."""

import json
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from central import server_events
from central.fleet.availability import FREE, Place, counts, places
from central.greencard.accounts import Programme
from central.members.chart import chart
from central.members.live import Live
from central.members.pages import STATIC, Pages, Visit, asset
from central.system import CentralSystem

_LIST_MAX = 30  # the page stays light, however many points there are
_PINS_MAX = 120
_ASSETS = ("members.css", "members.js", "brand.svg", "plug.svg", "no.svg")
_ICONS = (
    ("brand.svg", "any", "image/svg+xml", "any"),
    ("icon-192.png", "192x192", "image/png", "any"),
    ("icon-512.png", "512x512", "image/png", "any"),
    ("icon-maskable.png", "512x512", "image/png", "maskable"),
)
_TYPES = {
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".css": "text/css",
    ".js": "text/javascript",
    ".woff2": "font/woff2",
}
_FOR_GOOD = "public, max-age=31536000, immutable"


class Home:
    def __init__(self, pages: Pages, system: CentralSystem, live: Live) -> None:
        self._pages = pages
        self._system = system
        self._live = live

    def routes(self) -> list[BaseRoute]:
        door = self._pages.door
        return [
            Route("/", door(self._home)),
            Route("/live", self._stream),
            Route("/offline", door(self._offline)),
            Route("/goodbye", door(self._goodbye)),
            Route("/manifest.webmanifest", door(self._manifest)),
            Route("/service-worker.js", door(self._service_worker)),
            Route("/assets/{file}", self._asset),
        ]

    async def _home(self, visit: Visit) -> Response:
        moment = self._live.moment  # before the points are read: nothing falls between
        everywhere = places(self._system.registry)
        found = [place for place in everywhere if _is_wanted(place, visit.request.query_params)]
        page = max(1, _number(visit.asked("page")))
        first = (page - 1) * _LIST_MAX
        return visit.page(
            "home.html",
            places=found[first : first + _LIST_MAX],
            page=page,
            has_more=len(found) > first + _LIST_MAX,
            is_searched=bool(visit.asked("q") or visit.asked("free")),
            q=visit.asked("q")[:80],
            only_free=visit.asked("free") == "1",
            counts=counts(everywhere),
            chart=chart(found[:_PINS_MAX]),
            moment=moment,
            tariff=self._system.accounts.tariff,
            programme=await self._system.store.run(self._programme),
        )

    def _programme(self) -> Programme:
        return self._system.accounts.programme

    async def _stream(self, request: Request) -> Response:
        """Public as the page is; no cookie is read."""
        if self._live.is_full:
            return Response(status_code=503, headers={"Retry-After": "60"})
        code = request.query_params.get("in", "")
        spoken = self._pages.speak_or_default(code)
        seen = server_events.last_seen(request, "since")
        return server_events.answer(self._live.stream(spoken.code, seen))

    # --- the app ------------------------------------------------------------------------------------

    async def _offline(self, visit: Visit) -> Response:
        return visit.page("offline.html")

    async def _goodbye(self, visit: Visit) -> Response:
        return visit.page("goodbye.html")

    async def _manifest(self, visit: Visit) -> Response:
        manifest = {
            "id": "/",
            "name": f"{visit.pages.brand.name} · Green Card",
            "short_name": visit.pages.brand.name,
            "lang": visit.language.code,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#EEF3F7",
            "theme_color": "#0B7A3E",
            "icons": [
                {"src": asset(file), "sizes": sizes, "type": kind, "purpose": purpose}
                for file, sizes, kind, purpose in _ICONS
            ],
        }
        return Response(
            json.dumps(manifest, ensure_ascii=False), media_type="application/manifest+json"
        )

    async def _service_worker(self, visit: Visit) -> Response:
        """It keeps the pages' looks and one page that says that there is no network."""
        kept = json.dumps([*map(asset, _ASSETS), "/offline"])
        script = (STATIC / "service-worker.js").read_text("utf-8")
        return Response(f"const KEPT = {kept};\n{script}", media_type="text/javascript")

    async def _asset(self, request: Request) -> Response:
        file = STATIC / Path(request.path_params["file"]).name
        if file.suffix not in _TYPES or not file.is_file():
            return Response(status_code=404)
        headers = {"Cache-Control": _FOR_GOOD, "X-Content-Type-Options": "nosniff"}
        return FileResponse(file, media_type=_TYPES[file.suffix], headers=headers)


def _is_wanted(place: Place, asked: QueryParams) -> bool:
    words = asked.get("q", "")[:80].casefold().split()
    text = f"{place.name} {place.address} {place.id}".casefold()
    return all(word in text for word in words) and (asked.get("free") != "1" or place.state == FREE)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0
