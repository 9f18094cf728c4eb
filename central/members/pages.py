"""One visit of one page: who comes, in which language, with which form; and pages as answers.

    Route("/sign-in", pages.door(self.sign_in), methods=["GET", "POST"])
    async def sign_in(self, visit: Visit) -> Response: ...

A handler sees no form that has not proved to be ours, and no visitor where a member is asked for.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from central.clock import Clock
from central.entropy import Entropy, name
from central.forms import Form, NotAForm, read_form
from central.here import is_from_here
from central.members import guard
from central.members.language import LANGUAGES, Language, choose, language
from central.members.navigation import NAVIGATION

_HERE = Path(str(resources.files("central.members")))
STATIC = _HERE / "static"
_YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Member:
    """Who is signed in. `language` empty: the browser's."""

    id: int
    name: str
    email: str
    language: str = ""


class WhoIsThere(Protocol):
    async def member_of(self, session: str) -> Member | None:
        """The member of an open session; None of any other text."""
        ...


class Refusal(Exception):
    """Ends a visit with a page that says what is wrong (`error.KEY.*`) and what to do."""

    def __init__(self, status: int, key: str, *, retry_after_s: float = 0) -> None:
        super().__init__(status, key)
        self.status = status
        self.key = key
        self.retry_after_s = retry_after_s


@dataclass
class Visit:
    """`cookie`: the session of a member, or the name of a visitor."""

    request: Request
    pages: "Pages"
    language: Language
    member: Member | None
    cookie: str
    form: Form = field(default_factory=lambda: Form({}))
    has_form: bool = False  # only then a visitor needs a cookie
    staff: str = ""  # who of those who work with us, behind a door of theirs

    def proof(self) -> str:
        """What a form of this page carries."""
        self.has_form = True
        return guard.proof(self.cookie)

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def who(self) -> Member:
        assert self.member is not None, "this door is for members"
        return self.member

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def is_from_this_machine(self) -> bool:
        return is_from_here(self.request)

    def in_language(self, code: str) -> str:
        """This page, in another language."""
        kept = [(k, v) for k, v in self.request.query_params.multi_items() if k != "lang"]
        return f"?{urlencode([*kept, ('lang', code)])}"

    def asked(self, parameter: str) -> str:
        return self.request.query_params.get(parameter, "")

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        return self.pages.render(self, template, status, values)

    def go(self, path: str) -> Response:
        """After a form: a page of its own, so that going back sends nothing twice."""
        return RedirectResponse(path, 303)


Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Brand:
    """What the pages say of the operator. `pays_at`: the provider's origin, for the browser."""

    timezone: str
    currency: str
    phone: str = "+34 900 000 000"
    name: str = "Citere"
    pays_at: str = ""


class Pages:
    def __init__(self, clock: Clock, entropy: Entropy, door: WhoIsThere, brand: Brand) -> None:
        self._clock = clock
        self._entropy = entropy
        self._door = door
        self.brand = brand
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(("html", "svg")),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["asset"] = asset

    def speak(self, code: str) -> Language:
        return language(code, timezone=self.brand.timezone, currency=self.brand.currency)

    def speak_or_default(self, code: str) -> Language:
        return self.speak(choose(code, "", ""))

    def door(
        self,
        handler: Handler,
        *,
        members_only: bool = False,
        reads_form: bool = True,
        looks_up: bool = True,
    ) -> Endpoint:
        """`looks_up` False: nobody is known, where that may be what broke."""

        async def endpoint(request: Request) -> Response:
            visit = await self._visit(request, looks_up=looks_up)
            try:
                if members_only and visit.member is None:
                    return self._to_sign_in(visit)
                if visit.is_post and reads_form:
                    visit.form = await self._proved_form(visit)
                response = await handler(visit)
            except Refusal as refusal:
                response = self.refused(visit, refusal)
            return self._finish(visit, response)

        return endpoint

    def refused(self, visit: Visit, refusal: Refusal) -> Response:
        response = visit.page(
            "error.html", refusal.status, key=refusal.key, wait_s=int(refusal.retry_after_s) + 1
        )
        if refusal.retry_after_s:
            response.headers["Retry-After"] = str(int(refusal.retry_after_s) + 1)
        return response

    def render(self, visit: Visit, template: str, status: int, values: dict[str, Any]) -> Response:
        text = self._templates.get_template(template).render(**self._around(visit), **values)
        return HTMLResponse(text, status)

    def part(self, template: str, spoken: Language, **values: Any) -> str:
        """A piece of a page, for the live stream."""
        return self._templates.get_template(template).render(lang=spoken, t=spoken.t, **values)

    def _around(self, visit: Visit) -> dict[str, Any]:
        return {
            "lang": visit.language,
            "t": visit.language.t,
            "member": visit.member,
            "staff": visit.staff,
            "form": visit.form,
            "proof": visit.proof,
            "path": visit.request.url.path,
            "languages": LANGUAGES,
            "in_language": visit.in_language,
            "navigation": [item for item in NAVIGATION if item.is_for(visit.member is not None)],
            "brand": self.brand,
        }

    # --- around a visit -----------------------------------------------------------------------------

    async def _visit(self, request: Request, *, looks_up: bool) -> Visit:
        session = guard.cookie(request, guard.SESSION_COOKIE) if looks_up else ""
        member = await self._door.member_of(session) if session else None
        cookie = session if member else guard.cookie(request, guard.VISITOR_COOKIE)
        kept = guard.cookie(request, guard.LANGUAGE_COOKIE) or (member.language if member else "")
        code = choose(
            request.query_params.get("lang", ""), kept, request.headers.get("accept-language", "")
        )
        return Visit(request, self, self.speak(code), member, cookie or name(self._entropy))

    async def _proved_form(self, visit: Visit) -> Form:
        try:
            fields = await read_form(visit.request)
        except NotAForm as error:
            raise Refusal(error.status, "form") from error
        is_proved = guard.is_proved(visit.cookie, fields.pop(guard.PROOF_FIELD, ""))
        if not is_proved or not guard.is_own_page(visit.request):
            raise Refusal(403, "stale")
        return Form(fields)

    def _to_sign_in(self, visit: Visit) -> Response:
        back = visit.request.url.path if not visit.is_post else "/me"
        return self._finish(visit, visit.go(f"/sign-in?next={quote(back)}"))

    def _finish(self, visit: Visit, response: Response) -> Response:
        request = visit.request
        guard.protect(response, request, pays_at=self.brand.pays_at)
        is_new = visit.cookie != guard.cookie(request, guard.VISITOR_COOKIE)
        if visit.member is None and visit.has_form and is_new:
            guard.set_cookie(response, request, guard.VISITOR_COOKIE, visit.cookie)
        if visit.asked("lang") == visit.language.code:
            guard.set_cookie(
                response, request, guard.LANGUAGE_COOKIE, visit.language.code, for_s=_YEAR_S
            )
        return response


@cache
def asset(file: str) -> str:
    """Its address, which changes with its content: browsers keep it for good."""
    digest = hashlib.sha256((STATIC / file).read_bytes()).hexdigest()[:10]
    return f"/assets/{file}?v={digest}"
