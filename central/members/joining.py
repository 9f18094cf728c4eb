"""Joining, signing in, signing out, a lost password. The same answer for known and unknown e-mails."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members import guard
from central.members.mail import Mail
from central.members.pages import Member, Pages, Visit
from central.members.people import Applicant
from central.members.services import Services


class Joining:
    def __init__(self, pages: Pages, services: Services, public_url: str) -> None:
        self._pages = pages
        self._services = services
        self._url = public_url.rstrip("/")

    def routes(self) -> list[BaseRoute]:
        both = ["GET", "POST"]
        door = self._pages.door
        return [
            Route("/sign-up", door(self._sign_up), methods=both),
            Route("/sign-up/confirm", door(self._confirm), methods=both),
            Route("/sign-in", door(self._sign_in), methods=both),
            Route("/sign-out", door(self._sign_out), methods=["POST"]),
            Route("/password/forgotten", door(self._forgotten), methods=both),
            Route("/password/new", door(self._new_password), methods=both),
        ]

    # --- joining ------------------------------------------------------------------------------------

    async def _sign_up(self, visit: Visit) -> Response:
        if visit.member is not None:
            return visit.go("/me")
        if not visit.is_post:
            return visit.page("sign_up.html")
        await self._services.brakes.at_the_door(visit)
        name = visit.form.read("name", forms.a_name)
        email = visit.form.read("email", forms.email_address)
        password = _chosen_password(visit)
        if name is None or email is None or password is None:
            return visit.page("sign_up.html", 422)
        hashed = await self._services.passwords.hashed(password)
        applicant = Applicant(email, name, hashed, visit.language.code)
        people = self._services.people
        secret, is_member = await self._services.run(people.apply, applicant)
        if is_member:
            await self._mail(visit, email, "mail.already", f"{self._url}/password/forgotten")
        else:
            await self._mail(
                visit, email, "mail.join", f"{self._url}/sign-up/confirm?link={secret}"
            )
        return visit.page("sent.html", email=email, key="sent.join")

    async def _confirm(self, visit: Visit) -> Response:
        """The link and the password together: neither alone joins."""
        secret = visit.asked("link")
        people = self._services.people
        applicant = await self._services.run(people.applicant, secret)
        if applicant is None:
            return visit.page("link_ended.html", 410)
        if not visit.is_post:
            return visit.page("confirm.html", email=applicant.email)
        await self._services.brakes.at_the_door(visit)
        await self._services.brakes.of(f"join:{applicant.email}")
        password = visit.form.read("password", forms.given_password)
        if password is None or not await self._services.passwords.is_right(
            applicant.password_hash, password
        ):
            visit.form.refuse("password", "wrong.password")
            return visit.page("confirm.html", 422, email=applicant.email)
        await self._services.brakes.succeeded(f"join:{applicant.email}")
        member = await self._services.run(people.join, secret)
        if member is None:
            return visit.page("link_ended.html", 410)
        return await self._signed_in(visit, member, "/me/card/activate")

    # --- in and out ---------------------------------------------------------------------------------

    async def _sign_in(self, visit: Visit) -> Response:
        if visit.member is not None:
            return visit.go("/me")
        if not visit.is_post:
            return visit.page("sign_in.html", next=guard.way_back(visit.asked("next")))
        await self._services.brakes.at_the_door(visit)
        onward = guard.way_back(visit.form.text("next") or "/me")
        email = visit.form.read("email", forms.email_address)
        password = visit.form.read("password", forms.given_password)
        if email is None or password is None:
            return visit.page("sign_in.html", 422, next=onward)
        await self._services.brakes.of(f"sign-in:{email}")
        found = await self._services.run(self._services.people.password_of, email)
        kept = None if found is None else found[1]
        if not await self._services.passwords.is_right(kept, password) or found is None:
            visit.form.refuse("form", "wrong.sign_in")
            return visit.page("sign_in.html", 422, next=onward)
        await self._services.brakes.succeeded(f"sign-in:{email}")
        return await self._signed_in(visit, found[0], "/me" if onward == "/" else onward)

    async def _sign_out(self, visit: Visit) -> Response:
        if visit.member is not None:
            await self._services.run(self._services.people.close_session, visit.cookie)
        response = visit.go("/")
        guard.drop_cookie(response, visit.request, guard.SESSION_COOKIE)
        return response

    async def _signed_in(self, visit: Visit, member: Member, onward: str) -> Response:
        """A new cookie, whatever the browser brought: a planted one opens nothing."""
        if visit.member is not None:
            await self._services.run(self._services.people.close_session, visit.cookie)
        secret = await self._services.run(self._services.people.open_session, member)
        response = visit.go(onward)
        guard.begin_session(response, visit.request, secret)
        return response

    # --- lost password ------------------------------------------------------------------------------

    async def _forgotten(self, visit: Visit) -> Response:
        if not visit.is_post:
            return visit.page("forgotten.html")
        await self._services.brakes.at_the_door(visit)
        email = visit.form.read("email", forms.email_address)
        if email is None:
            return visit.page("forgotten.html", 422)
        people = self._services.people
        secret, is_member = await self._services.run(people.forgot, email)
        link = f"{self._url}/password/new?link={secret}"
        await self._mail(visit, email, "mail.reset", link, is_wanted=is_member)
        return visit.page("sent.html", email=email, key="sent.reset")

    async def _new_password(self, visit: Visit) -> Response:
        secret = visit.asked("link")
        people = self._services.people
        if not await self._services.run(people.is_reset_link, secret):
            return visit.page("link_ended.html", 410)
        if not visit.is_post:
            return visit.page("new_password.html")
        await self._services.brakes.at_the_door(visit)
        password = _chosen_password(visit)
        if password is None:
            return visit.page("new_password.html", 422)
        hashed = await self._services.passwords.hashed(password)
        member = await self._services.run(people.reset, secret, hashed)
        if member is None:
            return visit.page("link_ended.html", 410)
        await self._services.brakes.succeeded(f"sign-in:{member.email}")
        return await self._signed_in(visit, member, "/me")

    async def _mail(
        self, visit: Visit, email: str, key: str, link: str, *, is_wanted: bool = True
    ) -> None:
        """Nobody's mailbox is filled by strangers: a few an hour."""
        if not await self._services.brakes.may_mail(email):
            return
        t = visit.language.t
        text = t(f"{key}.text", link=link, phone=visit.pages.brand.phone)
        mail = Mail(email, t(f"{key}.subject"), text.replace("¶", "\n\n"))
        await self._services.postman.post(mail, is_wanted=is_wanted)


def _chosen_password(visit: Visit) -> str | None:
    password = visit.form.read("password", forms.new_password)
    if password is not None and visit.form.text("password") != visit.form.text("password_again"):
        visit.form.refuse("password_again", "wrong.password_again")
        return None
    return password
