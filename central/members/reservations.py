"""A member's reservations: what is to come, the code, the calendar file; cancel, accept, leave the line."""

from urllib.parse import urlsplit

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central.fleet.availability import place_of
from central.members.pages import Handler, Pages, Refusal, Visit
from central.members.reservation_news import words_of
from central.members.services import Services
from central.reservations import hours
from central.reservations.calendar_file import Words, calendar_file
from central.reservations.records import HOLDING, Reservation
from central.reservations.rules import Why

_PAST_SHOWN = 20


class ReservationPages:
    def __init__(self, pages: Pages, services: Services, public_url: str) -> None:
        self._pages = pages
        self._services = services
        self._url = public_url
        self._service = services.system.reservations
        self._register = self._service.register

    def routes(self) -> list[BaseRoute]:
        def door(path: str, handler: Handler, method: str) -> Route:
            return Route(path, self._pages.door(handler, members_only=True), methods=[method])

        one = "/me/reservations/{number:int}"
        return [
            door("/me/reservations", self._list, "GET"),
            door(one, self._one, "GET"),
            door(f"{one}.ics", self._calendar, "GET"),
            door(f"{one}/cancel", self._cancel, "POST"),
            door(f"{one}/accept", self._accept, "POST"),
            door("/me/waiting/{number:int}/leave", self._leave, "POST"),
        ]

    async def _list(self, visit: Visit) -> Response:
        run, who = self._services.run, visit.who.id
        mine = await run(self._service.desk.mine, who)
        notices = await run(self._register.rows.notices, who)
        return visit.page(
            "reservations.html",
            coming=[each for each in reversed(mine) if each.state in HOLDING],
            past=[each for each in mine if each.state not in HOLDING][:_PAST_SHOWN],
            waiting=[
                w for w in await run(self._register.waits.of_member, who) if w.state == "waiting"
            ],
            news=[(each, words_of(each, visit.language)[1].replace("¶", " ")) for each in notices],
            site_of=self._register.bays.site_of,
            told=visit.asked("told"),
        )

    async def _one(self, visit: Visit) -> Response:
        found = await self._found(visit)
        known = self._services.system.registry.known(found.point)
        begins = found.begins
        zone = self._register.zone
        twice = ""
        if hours.is_shown_twice(begins, zone):
            twice = "first" if hours.is_before_change(begins, zone) else "second"
        return visit.page(
            "reservation.html",
            one=found,
            place=None if known is None else place_of(known),
            letter=self._register.bays.letter(found.bay),
            site=self._register.bays.site_of(found.point),
            rules=self._register.rules,
            twice=twice,
            told=visit.asked("told"),
            may_change=self._service.changing.may_change(found),
            wait=await self._services.run(self._register.waits.of_reservation, found.id),
        )

    async def _found(self, visit: Visit) -> Reservation:
        number = visit.request.path_params["number"]
        desk = self._service.desk
        found = await self._services.run(desk.one_of, visit.who.id, min(number, 2**62))
        if found is None:
            raise Refusal(404, "missing")
        return found

    async def _calendar(self, visit: Visit) -> Response:
        found, t = await self._found(visit), visit.language.t
        known = self._services.system.registry.known(found.point)
        site = self._register.bays.site_of(found.point)
        address = known.site.address if known is not None else ""
        where = None
        if (
            known is not None
            and known.site.latitude is not None
            and known.site.longitude is not None
        ):
            where = (known.site.latitude, known.site.longitude)
        arrive_by = visit.language.clock(found.arrive_by)
        words = Words(
            t("res.ics.summary", place=site),
            t("res.ics.text", code=found.code, arrive_by=arrive_by, connector=found.connector),
            t("res.ics.reminder", place=site),
        )
        text = calendar_file(
            found,
            words,
            place=", ".join(part for part in (site, address) if part),
            where=where,
            host=urlsplit(self._url).hostname or "localhost",
            now=self._services.clock.utc(),
        )
        name = f'attachment; filename="reservation-{found.id}.ics"'
        return Response(
            text,
            media_type="text/calendar; charset=utf-8",
            headers={"Content-Disposition": name, "Cache-Control": "no-store"},
        )

    async def _cancel(self, visit: Visit) -> Response:
        found = await self._found(visit)
        ended = await self._services.run(self._service.desk.cancel, visit.who.id, found.id)
        told = "over" if isinstance(ended, Why) else "cancelled"
        return visit.go(f"/me/reservations/{found.id}?told={told}")

    async def _accept(self, visit: Visit) -> Response:
        found = await self._found(visit)
        booked = await self._services.run(self._service.offers.accept, visit.who.id, found.id)
        told = "late" if isinstance(booked, Why) else "booked"
        return visit.go(f"/me/reservations/{found.id}?told={told}")

    async def _leave(self, visit: Visit) -> Response:
        number = min(visit.request.path_params["number"], 2**62)
        await self._services.run(self._service.offers.leave, visit.who.id, number)
        return visit.go("/me/reservations?told=left")
