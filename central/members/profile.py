"""The member's own pages: cards, balance, charges, points, plan; activating and blocking a card."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.fleet.availability import Place, place_of
from central.members.advice import Advice, FlatRate, advise
from central.members.pages import Handler, Pages, Visit
from central.members.services import Services
from central.members.wallet import Charge, Holding

_NEWEST = 3


class Profile:
    def __init__(self, pages: Pages, services: Services, flat_rate: FlatRate | None) -> None:
        self._pages = pages
        self._services = services
        self._flat_rate = flat_rate

    def routes(self) -> list[BaseRoute]:
        both = ["GET", "POST"]

        def route(path: str, handler: Handler, methods: list[str]) -> Route:
            return Route(path, self._pages.door(handler, members_only=True), methods=methods)

        return [
            route("/me", self._me, ["GET"]),
            route("/me/charges", self._charges, ["GET"]),
            route("/me/card/activate", self._activate, both),
            route("/me/card/block", self._block, ["POST"]),
            route("/me/card/questions", self._questions, both),
        ]

    async def _me(self, visit: Visit) -> Response:
        wallet, run = self._services.wallet, self._services.run
        holdings = await run(wallet.holdings, visit.who)
        charges = await run(wallet.charges, visit.who)
        return visit.page(
            "me.html",
            holdings=holdings,
            charges=charges[:_NEWEST],
            advice=self._advice(holdings, charges),
            told=visit.asked("told"),
            has_plans=self._flat_rate is not None,
            points=sum(holding.card.points for holding in holdings),
            favourite=await run(self._favourite, holdings),
            tariff=self._services.system.accounts.tariff,
        )

    def _favourite(self, holdings: list[Holding]) -> Place | None:
        """The point that the card recalls, as it is now."""
        system = self._services.system
        for holding in holdings:
            name = system.phone.preferences.of(holding.number).favourite
            point = system.registry.known(name) if name else None
            if point is not None:
                return place_of(point)
        return None

    def _advice(self, holdings: list[Holding], charges: list[Charge]) -> Advice | None:
        """Of a flat rate to whoever has none."""
        if any(holding.plan.kind == "flatRate" for holding in holdings):
            return None
        brand = self._pages.brand
        return advise(charges, self._flat_rate, self._services.clock.utc(), brand.timezone)

    async def _charges(self, visit: Visit) -> Response:
        wallet, run = self._services.wallet, self._services.run
        return visit.page(
            "charges.html",
            charges=await run(wallet.charges, visit.who),
            movements=await run(wallet.movements, visit.who),
            trail=await run(wallet.trail, visit.who),
        )

    # --- cards --------------------------------------------------------------------------------------

    async def _activate(self, visit: Visit) -> Response:
        if not visit.is_post:
            return visit.page("activate.html")
        number = visit.form.read("number", forms.card_number)
        code = visit.form.read("code", forms.letter_code)
        if number is None or code is None:
            return visit.page("activate.html", 422)
        if not await self._is_activated(visit, number, code):
            visit.form.refuse("form", "wrong.activation")
            return visit.page("activate.html", 422)
        return visit.go(f"/me/card/questions?card={number[-4:]}")

    async def _is_activated(self, visit: Visit, number: str, code: str) -> bool:
        """One answer for every reason, after the same time: numbers cannot be tried out."""
        services = self._services
        accounts = (f"activate:{number}", f"activate:member:{visit.who.id}")
        await services.brakes.at_the_door(visit)
        await services.brakes.of(*accounts)
        letter = await services.run(services.letters.letter, number)
        kept = None if letter is None or letter.is_used else letter.code_hash
        is_right = await services.passwords.is_right(kept, code)
        if is_right and await services.run(services.wallet.activate, visit.who, number):
            # A right code of one card says nothing of the guesses at others.
            await services.brakes.withdrawn(*accounts)
            return True
        return False

    async def _block(self, visit: Visit) -> Response:
        number = visit.form.text("number")
        is_theirs = await self._services.blocking.block(visit.who, number)
        return visit.go("/me?told=blocked" if is_theirs else "/me")

    async def _questions(self, visit: Visit) -> Response:
        numbers = await self._services.run(self._services.wallet.numbers, visit.who)
        number = _of_ending(numbers, visit.asked("card"))
        if number is None:
            return visit.go("/me")
        if not visit.is_post:
            return visit.page("questions.html", number=number)
        read = visit.form.read
        asked = [
            (read(f"question_{n}", forms.question), read(f"answer_{n}", forms.answer))
            for n in (1, 2, 3)
        ]
        complete = [(q, a) for q, a in asked if q is not None and a is not None]
        if len({question.casefold() for question, _ in complete}) < 3:
            if not visit.form.errors:
                visit.form.refuse("form", "wrong.questions_same")
            return visit.page("questions.html", 422, number=number)
        hashed = [(q, await self._services.passwords.hashed(a)) for q, a in complete]
        await self._services.run(self._services.wallet.ask, visit.who, number, hashed)
        return visit.go("/me?told=questions")


def _of_ending(numbers: list[str], ending: str) -> str | None:
    """One of the member's own cards, the first where none is named; addresses carry no whole number."""
    return next((number for number in numbers if number.endswith(ending)), None)
