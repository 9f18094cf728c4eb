"""What a member decides about themself: name, language, password, their data, leaving."""

import io
import json
import zipfile
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members import guard
from central.members.language import LANGUAGES
from central.members.leaving import Leaving, data_of
from central.members.pages import Pages, Visit
from central.members.services import Services
from central.phone import preferences
from central.phone.preferences import Preference

_PLACES_MAX = 300  # a select stays usable; beyond it the search finds them
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same content, the same file


class Settings:
    def __init__(self, pages: Pages, services: Services, *, may_push: bool) -> None:
        self._pages = pages
        self._may_push = may_push
        self._services = services

    def routes(self) -> list[BaseRoute]:
        door = self._pages.door
        both = ["GET", "POST"]
        return [
            Route("/me/settings", door(self._settings, members_only=True), methods=both),
            Route("/me/card/recalls", door(self._recalls, members_only=True), methods=both),
            Route("/me/password", door(self._password, members_only=True), methods=both),
            Route("/me/sessions", door(self._sessions, members_only=True), methods=["POST"]),
            Route("/me/data", door(self._export, members_only=True), methods=["POST"]),
            Route("/me/leave", door(self._leave, members_only=True), methods=both),
        ]

    async def _settings(self, visit: Visit) -> Response:
        if not visit.is_post:
            return await self._page(visit, told=visit.asked("told"))
        name = visit.form.read("name", forms.a_name)
        language = visit.form.read("language", forms.one_of(*LANGUAGES))
        if name is None or language is None:
            return await self._page(visit, 422)
        await self._services.run(self._services.people.rename, visit.who, name, language)
        response = visit.go(f"/me/settings?told=saved&lang={language}")
        guard.drop_cookie(response, visit.request, guard.LANGUAGE_COOKIE)
        return response

    async def _recalls(self, visit: Visit) -> Response:
        """For all cards of the member: they are one person's."""
        if not visit.is_post:
            return visit.go("/me/settings")
        language = visit.form.read("card_language", forms.one_of("", *preferences.LANGUAGES))
        places = ["", *(point.id for point in self._services.system.registry.points())]
        favourite = visit.form.read("favourite", forms.one_of(*places))
        if language is None or favourite is None:
            return visit.go("/me/settings")
        chosen = Preference(language, visit.form.text("easy") == "yes", favourite)
        kept, run = self._services.system.phone.preferences, self._services.run
        for number in await run(self._services.wallet.numbers, visit.who):
            await run(kept.choose, number, chosen)
        return visit.go("/me/settings?told=saved")

    async def _password(self, visit: Visit) -> Response:
        if not visit.is_post:  # a wrong form was reloaded, or read in another language
            return visit.go("/me/settings")
        await self._check_password(visit, "password")
        chosen = visit.form.read("password_new", forms.new_password)
        if visit.form.errors or chosen is None:
            return await self._page(visit, 422)
        hashed = await self._services.passwords.hashed(chosen)
        people = self._services.people
        await self._services.run(people.set_password, visit.who, hashed)
        secret = await self._services.run(people.open_session, visit.who)
        response = visit.go("/me/settings?told=password")
        guard.begin_session(response, visit.request, secret)
        return response

    async def _sessions(self, visit: Visit) -> Response:
        await self._services.run(self._services.people.close_sessions, visit.who)
        return visit.go("/sign-in")

    # --- data ---------------------------------------------------------------------------------------

    async def _export(self, visit: Visit) -> Response:
        """GDPR art. 15 and 20: everything, for people and for machines."""
        data = await self._services.run(data_of, self._services, visit.who)
        headers = {"Content-Disposition": 'attachment; filename="green-card-data.zip"'}
        return Response(_zipped(data), media_type="application/zip", headers=headers)

    async def _leave(self, visit: Visit) -> Response:
        leaving = Leaving(self._services)
        obstacle = await self._services.run(leaving.obstacle, visit.who)
        if not visit.is_post or obstacle:
            return visit.page("leave.html", 409 if visit.is_post else 200, obstacle=obstacle)
        await self._check_password(visit, "password")
        if visit.form.errors:
            return visit.page("leave.html", 422, obstacle="")
        await self._services.run(leaving.leave, visit.who)
        response = visit.go("/goodbye")
        guard.drop_cookie(response, visit.request, guard.SESSION_COOKIE)
        return response

    async def _check_password(self, visit: Visit, field: str) -> None:
        """Whoever found an open phone is not the member."""
        services, account = self._services, f"sign-in:{visit.who.email}"
        await services.brakes.at_the_door(visit)
        await services.brakes.of(account)
        password = visit.form.read(field, forms.given_password) or ""
        found = await services.run(services.people.password_of, visit.who.email)
        kept = None if found is None else found[1]
        if not await services.passwords.is_right(kept, password):
            visit.form.refuse(field, "wrong.password")
            return
        await services.brakes.succeeded(account)

    async def _page(self, visit: Visit, status: int = 200, *, told: str = "") -> Response:
        run, system = self._services.run, self._services.system
        numbers = await run(self._services.wallet.numbers, visit.who)
        recalled = await run(system.phone.preferences.of, numbers[0]) if numbers else None
        points = system.registry.points()[:_PLACES_MAX] if numbers else []
        names = [(point.id, point.site.name or point.id) for point in points]
        return visit.page(
            "settings.html",
            status,
            told=told,
            recalled=recalled,
            may_push=self._may_push,
            card_languages=preferences.LANGUAGES,
            places=sorted(names, key=lambda each: each[1]),
        )


def _zipped(data: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in data.items():
            text = json.dumps(part, indent=2, ensure_ascii=False, sort_keys=True)
            archive.writestr(zipfile.ZipInfo(f"{name}.json", _ZIP_DATE), text)
    return content.getvalue()
