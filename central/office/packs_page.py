"""Experience packs: what there is, how many are left, who ordered what; and the days of the exchange."""

from dataclasses import replace

from starlette.responses import Response
from starlette.routing import BaseRoute

from central import forms
from central.clock import utc_text
from central.forms import Form
from central.greencard.exchange import CANCELLED, SENT, Pack
from central.greencard.trail import Note
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor, by
from central.office.wording_form import about_line, fields_of, read_words
from central.provisioning import day_of_year

_POINTS_MAX, _STOCK_MAX = 1_000_000, 100_000


class PacksPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._exchange = services.system.exchange

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/packs", self._packs)]

    async def _packs(self, visit: Visit) -> Response:
        if not visit.is_post:
            return await self._shown(visit)
        act = visit.form.read("do", forms.one_of("save", "end", "window", SENT, CANCELLED))
        if act is None:
            return await self._page(visit, 422)
        acts = {"save": self._save, "end": self._end, "window": self._window}
        refused = await acts.get(act, self._close)(visit, by(visit))
        if refused:
            visit.form.refuse("form", refused)
        if visit.form.errors:
            return await self._page(visit, 409 if refused else 422)
        return visit.go(f"/operator/packs?told={act}")

    async def _shown(self, visit: Visit) -> Response:
        asked = visit.asked("pack")
        pack = None
        if asked.isascii() and asked.isdigit() and len(asked) < 10:
            pack = await self._services.run(self._exchange.pack, int(asked))
        if pack is not None:
            fields = {"name": pack.name, "about": pack.about, "id": str(pack.id)}
            fields |= fields_of(pack.words)
            visit.form = Form(fields | {"points": str(pack.points), "stock": str(pack.stock)})
        return await self._page(visit, told=visit.asked("told"))

    # --- acts: a key that says why not, or nothing ---------------------------------------------------

    async def _save(self, visit: Visit, person: str) -> str:
        read = visit.form.read
        name, about = read("name", forms.line(1, 80, "wrong.line")), read("about", about_line)
        words = read_words(visit.form)
        points = read("points", forms.whole(1, _POINTS_MAX))
        stock = read("stock", forms.whole(0, _STOCK_MAX))
        number = read("id", forms.whole(0, 2**31)) if visit.form.text("id") else 0
        if name is None or about is None or points is None or stock is None or number is None:
            return ""
        if visit.form.errors:
            return ""
        if number and await self._services.run(self._exchange.pack, number) is None:
            return "packs.none_such"
        pack = Pack(name, about, points, stock, number, words=words)
        is_saved = await self._services.run(self._exchange.save, pack, by=person)
        return "" if is_saved else "packs.too_few"

    async def _end(self, visit: Visit, person: str) -> str:
        number = visit.form.read("id", forms.whole(1, 2**31)) or 0
        pack = await self._services.run(self._exchange.pack, number)
        if pack is None:
            return "packs.none_such"
        ended = replace(pack, is_ended=True)
        await self._services.run(self._exchange.save, ended, by=person)
        return ""

    async def _close(self, visit: Visit, person: str) -> str:
        reference, state = visit.form.text("order"), visit.form.text("do")
        close = self._exchange.close
        is_closed = await self._services.run(close, reference, state, by=person)
        return "" if is_closed else "packs.closed_before"

    async def _window(self, visit: Visit, person: str) -> str:
        first = visit.form.read("first", _day_of_year)
        last = visit.form.read("last", _day_of_year)
        if first is not None and last is not None:
            await self._services.run(self._set_window, first, last, person)
        return ""

    def _set_window(self, first: int, last: int, person: str) -> None:
        store = self._services.system.store
        with store.change("programme"):
            store.programme.set_number("exchange_from", first)
            store.programme.set_number("exchange_until", last)
            now = utc_text(self._services.clock.utc())
            store.trail.add(Note(now, "", person, "exchange.window", f"{first:04} to {last:04}"))

    async def _page(self, visit: Visit, status: int = 200, *, told: str = "") -> Response:
        run = self._services.run
        programme = self._services.system.accounts.programme
        opens, closes = await run(self._exchange.window)
        return visit.page(
            "office/packs.html",
            status,
            packs=await run(self._exchange.packs),
            orders=await run(self._exchange.orders),
            first=f"{programme.exchange_from:04}",
            last=f"{programme.exchange_until:04}",
            opens=opens.isoformat(),
            closes=closes.isoformat(),
            told=told,
        )


def _day_of_year(text: str) -> int:
    """MM-DD, in every year: no 29 February."""
    digits = text.strip().replace("-", "")
    try:
        return day_of_year(int(digits)) if digits.isascii() and len(digits) == 4 else day_of_year(0)
    except ValueError:
        raise forms.Wrong("wrong.exchange_day") from None
