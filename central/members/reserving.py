"""Reserving a connector: choose an hour, see price and rule, confirm. Also instead of one (`moving`)."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.clock import utc_from_text, utc_text
from central.fleet.availability import Place, place_of
from central.members.pages import Handler, Pages, Refusal, Visit
from central.members.services import Services
from central.reservations import hours
from central.reservations.changing import Wanted
from central.reservations.desk import Offered
from central.reservations.records import Holder, Reservation, State, Wait
from central.reservations.rules import Why

_NO_YEAR = 9000  # what is reckoned from it would not be a date any more
_NEAR_SHOWN = 8
_DIGITS_MAX = 18  # more than any reservation has, and a database takes
_PARTS = ((0, "night"), (6, "morning"), (12, "afternoon"), (18, "evening"))


@dataclass(frozen=True, slots=True)
class Wish:
    """`begin` None: from now on."""

    place: Place
    letter: str
    begin: datetime | None
    minutes: int
    moving: Reservation | None = None

    @property
    def site(self) -> str:
        return self.place.name

    @property
    def begins_at(self) -> str:
        return "" if self.begin is None else utc_text(self.begin)


class Reserving:
    def __init__(self, pages: Pages, services: Services) -> None:
        self._pages = pages
        self._services = services
        self._service = services.system.reservations
        self._register = self._service.register

    def routes(self) -> list[BaseRoute]:
        def door(path: str, handler: Handler, method: str) -> Route:
            return Route(path, self._pages.door(handler, members_only=True), methods=[method])

        return [
            door("/reserve/{point}", self._hours, "GET"),
            door("/reserve/{point}/check", self._check, "GET"),
            door("/reserve/{point}/confirm", self._confirm, "POST"),
            door("/reserve/{point}/wait", self._wait, "POST"),
        ]

    # --- free hours ---------------------------------------------------------------------------------

    async def _hours(self, visit: Visit) -> Response:
        return await self._hours_page(visit)

    async def _hours_page(self, visit: Visit, status: int = 200, told: str = "") -> Response:
        place, rules = self._place(visit), self._register.rules
        moving = await self._moving(visit, visit.asked("moving"))
        letter = _letter(place, visit.asked("letter"))
        had = 60 if moving is None else moving.minutes
        minutes = _one_of(visit.asked("minutes"), rules.lengths_minutes, preferred=had)
        today = self._register.now().astimezone(self._register.zone).date()
        days = [today + timedelta(days=n) for n in range(rules.horizon_days + 1)]
        day = _day(visit.asked("day") or self._day_of(moving), days)
        offered = await self._services.run(self._offered, place.id, letter, day, minutes, moving)
        free_for = () if moving else await self._services.run(self._free_for, place.id, letter)
        return visit.page(
            "reserve.html",
            status,
            place=place,
            moving=moving,
            places=[] if moving is None else self._near(place),
            letters=_letters(place),
            letter=letter,
            minutes=minutes,
            rules=rules,
            days=[(each.isoformat(), _noon(each)) for each in days],
            day=day.isoformat(),
            parts=self._parts(offered),
            has_taken=any(each.why for each in offered),
            free_for=free_for,
            told=told,
            tariff=self._services.system.accounts.tariff,
        )

    def _offered(
        self, point: str, letter: str, day: date, minutes: int, moving: Reservation | None
    ) -> list[Offered]:
        but = 0 if moving is None else moving.id
        return self._service.desk.day(point, letter, day, minutes, but=but)

    def _free_for(self, point: str, letter: str) -> list[int]:
        free = self._service.desk.free_now
        return [each for each in self._register.rules.now_minutes if free(point, letter, each)]

    def _near(self, here: Place) -> list[Place]:
        """Where else one could charge instead, the nearest first."""
        known = self._services.system.registry.known(here.id)
        assert known is not None
        places = [
            (known.site.distance_m(point.site) or 0, point.id, point)
            for point in self._services.system.registry.points()
            if point.id != here.id
        ]
        return [place_of(point) for _, _, point in sorted(places, key=lambda each: each[:2])][
            :_NEAR_SHOWN
        ]

    def _day_of(self, moving: Reservation | None) -> str:
        zone = self._register.zone
        return "" if moving is None else moving.begins.astimezone(zone).date().isoformat()

    def _parts(self, offered: list[Offered]) -> list[tuple[str, list[dict[str, object]]]]:
        """By the part of the day: (key, [{at, is_taken, twice}])."""
        found: dict[str, list[dict[str, object]]] = {}
        for each in offered:
            local = each.begin.astimezone(self._register.zone)
            part = next(key for hour, key in reversed(_PARTS) if local.hour >= hour)
            shown = {
                "at": utc_text(each.begin),
                "is_taken": each.why is not None,
                "twice": self._twice(each.begin),
            }
            found.setdefault(part, []).append(shown)
        return list(found.items())

    def _twice(self, moment: datetime | None) -> str:
        """Which of two hours of the same name it is; empty: there is only one."""
        zone = self._register.zone
        if moment is None or not hours.is_shown_twice(moment, zone):
            return ""
        return "first" if hours.is_before_change(moment, zone) else "second"

    # --- one hour -----------------------------------------------------------------------------------

    async def _check(self, visit: Visit) -> Response:
        """Price and rule, before anything is promised. Also of an hour that was typed."""
        if visit.asked("at"):
            typed = self._typed(visit)
            if len(typed) != 1:
                return await self._hours_page(visit, 422, "never" if not typed else "twice")
            begin: str = utc_text(typed[0])
        else:
            begin = visit.asked("begin")
        wish = self._wish(visit, begin, visit.asked("minutes"), visit.asked("letter"))
        wish = replace(wish, moving=await self._moving(visit, visit.asked("moving")))
        why = await self._services.run(self._against, visit.who.id, wish)
        return await self._check_page(visit, wish, why)

    def _typed(self, visit: Visit) -> tuple[datetime, ...]:
        """Moments that clocks here call so; a night may have none, or two."""
        try:
            day, at = date.fromisoformat(visit.asked("day")), time.fromisoformat(visit.asked("at"))
            return hours.local_moments(day, at.replace(tzinfo=None), self._register.zone)
        except (ValueError, OverflowError):
            raise Refusal(404, "missing") from None

    def _against(self, member_id: int, wish: Wish) -> Why | None:
        """What can be said of it beforehand; the last word is said when it is confirmed."""
        register = self._register
        if wish.moving is not None:
            against = self._service.changing.against
            return against(member_id, wish.moving.id, _wanted(wish))
        if wish.begin is None:
            why = register.rules.against_now(wish.minutes)
            free = self._service.desk.free_now(wish.place.id, wish.letter, wish.minutes)
            return why or (None if free else Why.NOT_FREE)
        why = register.rules.against(wish.begin, wish.minutes, register.now())
        if why is not None:
            return why
        end = wish.begin + timedelta(minutes=wish.minutes)
        if not register.rules.is_open(wish.site, wish.begin, end, register.zone):
            return Why.CLOSED
        bays = register.bays.of_point(wish.place.id, wish.letter)
        return None if register.free_inside(bays, wish.begin, end) else Why.TAKEN

    async def _check_page(
        self, visit: Visit, wish: Wish, why: Why | None, status: int = 200
    ) -> Response:
        holdings = await self._services.run(self._services.wallet.holdings, visit.who)
        rules, begin = self._register.rules, wish.begin
        is_now = begin is None
        begin = begin or self._register.now()
        end = begin + timedelta(minutes=wish.minutes)
        return visit.page(
            "reserve_check.html",
            status,
            wish=wish,
            why=why,
            is_now=is_now,
            can_wait=why in (Why.TAKEN, Why.NOT_FREE) and wish.moving is None,
            had_site="" if wish.moving is None else self._register.bays.site_of(wish.moving.point),
            twice=self._twice(wish.begin),
            begins_at=utc_text(begin),
            ends_at=utc_text(end),
            arrive_by=utc_text(end if is_now else min(begin + rules.grace, end)),
            rules=rules,
            cards=[each for each in holdings if each.is_active],
            tariff=self._services.system.accounts.tariff,
        )

    # --- confirming ---------------------------------------------------------------------------------

    async def _confirm(self, visit: Visit) -> Response:
        form = visit.form
        wish = self._wish(visit, form.text("begin"), form.text("minutes"), form.text("letter"))
        moving = await self._moving(visit, form.text("moving"))
        if moving is not None:
            return await self._change(visit, replace(wish, moving=moving), moving)
        holder = await self._holder(visit)
        if holder is None:
            return await self._check_page(visit, wish, Why.CARD, 422)
        made = await self._made(holder, wish)
        if isinstance(made, Why):
            return await self._check_page(visit, wish, made, 409)
        if made.state is State.REFUSED:
            return await self._check_page(visit, wish, Why.NOT_FREE, 409)
        return visit.go(f"/me/reservations/{made.id}?told=booked")

    async def _change(self, visit: Visit, wish: Wish, moving: Reservation) -> Response:
        change = self._service.changing.change
        made = await self._services.run(change, visit.who.id, moving.id, _wanted(wish))
        if isinstance(made, Why):
            return await self._check_page(visit, wish, made, 409)
        return visit.go(f"/me/reservations/{made.id}?told=changed")

    async def _moving(self, visit: Visit, number: str) -> Reservation | None:
        """Which of theirs it is to be instead of; None: a new one."""
        if not number:
            return None
        if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS_MAX):
            raise Refusal(404, "missing")
        found = await self._services.run(self._service.desk.one_of, visit.who.id, int(number))
        if found is None:
            raise Refusal(404, "missing")
        return found

    async def _made(self, holder: Holder, wish: Wish) -> Reservation | Why:
        run, desk = self._services.run, self._service.desk
        if wish.begin is not None:
            return await run(
                desk.reserve, holder, wish.place.id, wish.letter, wish.begin, wish.minutes
            )
        made = await run(desk.reserve_now, holder, wish.place.id, wish.letter, wish.minutes)
        if isinstance(made, Why):
            return made
        # Whoever reserves now is on the way: the point has to say yes before we do.
        await self._service.teller.tell(made.point)
        return await run(self._register.rows.one, made.id) or made

    async def _wait(self, visit: Visit) -> Response:
        form = visit.form
        wish = self._wish(visit, form.text("begin"), form.text("minutes"), form.text("letter"))
        holder = await self._holder(visit)
        if holder is None:
            return await self._check_page(visit, wish, Why.CARD, 422)
        join = self._service.offers.join
        made = await self._services.run(
            join, holder, wish.site, wish.letter, wish.begin, wish.minutes
        )
        if isinstance(made, Wait):
            return visit.go("/me/reservations?told=waiting")
        return await self._check_page(visit, wish, made, 409)

    async def _holder(self, visit: Visit) -> Holder | None:
        """The member with one of their own active cards."""
        holdings = await self._services.run(self._services.wallet.holdings, visit.who)
        numbers = [each.number for each in holdings if each.is_active]
        if not numbers:
            return None
        chosen = visit.form.text("number") or numbers[0]
        number = (
            visit.form.read("number", forms.one_of(*numbers)) if chosen != numbers[0] else chosen
        )
        return None if number is None else Holder(visit.who.id, number)

    # --- what was asked for -------------------------------------------------------------------------

    def _place(self, visit: Visit) -> Place:
        known = self._services.system.registry.known(visit.request.path_params["point"])
        if known is None:
            raise Refusal(404, "missing")
        return place_of(known)

    def _wish(self, visit: Visit, begin: str, minutes: str, letter: str) -> Wish:
        place, moment = self._place(visit), None
        if begin:
            try:
                moment = utc_from_text(begin)
            except (ValueError, OverflowError):
                raise Refusal(404, "missing") from None
            if moment.year >= _NO_YEAR:
                raise Refusal(404, "missing")
        length = int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 5 else 0
        return Wish(place, _letter(place, letter), moment, length)


def _wanted(wish: Wish) -> Wanted:
    if wish.begin is None:
        raise Refusal(404, "missing")  # no page of ours asks for that
    return Wanted(wish.place.id, wish.letter, wish.begin, wish.minutes)


def _letters(place: Place) -> list[tuple[str, str, int]]:
    """(letter, name of its plug, power in kW), each once."""
    found: dict[str, tuple[str, str, int]] = {}
    for outlet in place.outlets:
        shown = (outlet.socket.letter, outlet.plug, outlet.socket.power_w // 1000)
        found.setdefault(outlet.socket.letter, shown)
    return list(found.values())


def _letter(place: Place, asked: str) -> str:
    letters = [letter for letter, _, _ in _letters(place)]
    return asked if asked in letters else (letters[0] if letters else "")


def _one_of(asked: str, choices: tuple[int, ...], *, preferred: int) -> int:
    found = next((each for each in choices if str(each) == asked), None)
    if found is not None:
        return found
    return preferred if preferred in choices else choices[0]


def _day(asked: str, days: list[date]) -> date:
    return next((each for each in days if each.isoformat() == asked), days[0])


def _noon(day: date) -> str:
    """A moment of that day, to be written in the reader's language."""
    return f"{day.isoformat()}T12:00:00Z"
