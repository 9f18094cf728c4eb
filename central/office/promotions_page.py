"""The editor of promotions: what there is, one form, and which charges of last month it would touch."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute

from central import forms
from central.clock import utc_from_text, utc_text
from central.forms import Form
from central.greencard.accounts import masked
from central.greencard.promotions import DAYS, Occasion, Promotion
from central.greencard.tariffs import price_minor
from central.greencard.trail import Note
from central.greencard.wording import kept
from central.members.pages import Visit
from central.members.services import Services
from central.office.door import OfficeDoor, by
from central.office.wording_form import about_line, fields_of, read_words
from central.provisioning import PromotionEntry

_PREVIEWED = timedelta(days=31)
_ROWS = 20
_READ = 2000
_PLANS = ("prepaid", "flatRate")


@dataclass(frozen=True, slots=True)
class Touched:
    """A charge of the past that the promotion would have made cheaper, at the public price."""

    at: str
    place: str
    card: str
    energy_wh: int
    public_minor: int
    less_minor: int


@dataclass(frozen=True, slots=True)
class Preview:
    charges: int
    less_minor: int
    of: int
    rows: list[Touched]


class PromotionsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        self._system = services.system

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/promotions", self._promotions)]

    async def _promotions(self, visit: Visit) -> Response:
        run = self._services.run
        if not visit.is_post:
            shown = await run(self._named, visit.asked("name"))
            if shown is not None:
                visit.form = Form(_fields(shown))
            return await self._page(visit, told=visit.asked("told"))
        if visit.form.text("do") == "end":
            return await self._end(visit)
        promotion = _read(visit.form)
        if promotion is None:
            return await self._page(visit, 422)
        preview = await run(self._preview, promotion)
        if visit.form.text("do") != "save":
            return await self._page(visit, preview=preview)
        await run(self._save, promotion, by(visit))
        return visit.go("/operator/promotions?told=saved")

    async def _end(self, visit: Visit) -> Response:
        name = visit.form.text("name")
        if not await self._services.run(self._ended, name, by(visit)):
            visit.form.refuse("form", "promo.none_such")
            return await self._page(visit, 409)
        return visit.go("/operator/promotions?told=ended")

    async def _page(
        self, visit: Visit, status: int = 200, *, preview: Preview | None = None, told: str = ""
    ) -> Response:
        return visit.page(
            "office/promotions.html",
            status,
            promotions=await self._services.run(self._system.store.programme.promotions),
            preview=preview,
            told=told,
            days=DAYS,
            plans=_PLANS,
            places=sorted({each.site.name for each in self._system.registry.points()}),
        )

    # --- kept ---------------------------------------------------------------------------------------

    def _named(self, name: str) -> Promotion | None:
        kept = self._system.store.programme.promotions()
        return next((each for each in kept if each.name == name), None)

    def _save(self, promotion: Promotion, person: str) -> None:
        with self._system.store.change("programme"):
            event = "promotion.edit" if self._named(promotion.name) else "promotion.add"
            self._system.store.programme.save(promotion)
            self._note(person, event, f"{promotion.name}: {_told(promotion)}")

    def _ended(self, name: str, person: str) -> bool:
        with self._system.store.change("programme"):
            if not self._system.store.programme.end(name):
                return False
            self._note(person, "promotion.end", name)
        return True

    def _note(self, person: str, event: str, detail: str) -> None:
        now = utc_text(self._services.clock.utc())
        self._system.store.trail.add(Note(now, "", person, event, detail))

    # --- preview ------------------------------------------------------------------------------------

    def _preview(self, promotion: Promotion) -> Preview:
        """Charges with a card of ours that began in its days, hours, sites and plans; as if its dates
        were those of last month, when they lie ahead."""
        since = utc_text(self._services.clock.utc() - _PREVIEWED)
        anytime = replace(promotion, from_date="", until_date="")
        zone, tariff = ZoneInfo(self._system.accounts.timezone), self._system.accounts.tariff
        seen, touched = 0, []
        for charge in self._system.store.charges.transactions(_READ):
            if charge.terms is None or charge.key.started_at < since:
                continue
            seen += 1
            local = utc_from_text(charge.key.started_at).astimezone(zone)
            places = self._system.registry.places_of(charge.key.point)
            plan = "flatRate" if charge.terms.uses_plan else "prepaid"
            if not anytime.applies(Occasion(local, places, plan)):
                continue
            public = price_minor(tariff, energy_wh=max(0, charge.energy_wh))
            less = public - price_minor(anytime.on(tariff), energy_wh=max(0, charge.energy_wh))
            touched.append(
                Touched(
                    charge.key.started_at,
                    places[-1] if places else charge.key.point,
                    masked(charge.key.id_tag),
                    charge.energy_wh,
                    public,
                    less,
                )
            )
        less_minor = sum(each.less_minor for each in touched)
        return Preview(len(touched), less_minor, seen, touched[:_ROWS])


def _read(form: Form) -> Promotion | None:
    """By the rules of the provisioning file; what is wrong is said at its field."""
    name = form.read("name", _name)
    kind = form.read("kind", forms.one_of("percent", "cents"))
    reader = forms.whole(1, 100) if kind == "percent" else _milli
    amount = form.read("amount", reader)
    about = form.read("about", about_line)
    words = read_words(form)
    if name is None or kind is None or amount is None or form.errors:
        return None
    fields: dict[str, Any] = {
        "name": name,
        "percent" if kind == "percent" else "milliOffPerKwh": amount,
        "fromDate": form.text("from_date"),
        "untilDate": form.text("until_date"),
        "startTime": form.text("start_time"),
        "endTime": form.text("end_time"),
        "days": [day for day in DAYS if form.text(f"day_{day}")],
        "plans": [plan for plan in _PLANS if form.text(f"plan_{plan}")],
        "sites": [site.strip() for site in form.text("sites").split(",") if site.strip()],
        "about": about,
        "words": kept(words),
    }
    try:
        return PromotionEntry.model_validate(fields).value()
    except ValidationError as error:
        for each in error.errors():
            field = str(each["loc"][0]) if each["loc"] else ""
            form.refuse(_FIELDS.get(field, "form"), _WRONG.get(field, "promo.wrong_dates"))
        return None


_FIELDS = {
    "fromDate": "from_date",
    "untilDate": "until_date",
    "startTime": "start_time",
    "endTime": "end_time",
}
_WRONG = {
    "fromDate": "promo.wrong_date",
    "untilDate": "promo.wrong_date",
    "startTime": "promo.wrong_time",
    "endTime": "promo.wrong_time",
}


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 120 or not name.isprintable():
        raise forms.Wrong("wrong.name")
    return name


def _milli(text: str) -> int:
    """Cents per kWh with at most three decimals, as 1/1000 cents."""
    whole, _, rest = text.strip().replace(",", ".").partition(".")
    is_number = whole.isascii() and whole.isdigit() and (not rest or rest.isdigit())
    if not is_number or len(whole) > 3 or len(rest) > 3 or not rest.isascii():
        raise forms.Wrong("wrong.amount")
    milli = int(whole) * 1000 + int((rest or "0").ljust(3, "0"))
    if not 1 <= milli <= 100_000:
        raise forms.Wrong("wrong.amount_range")
    return milli


def _fields(promotion: Promotion) -> dict[str, str]:
    cents, rest = divmod(promotion.milli_off_per_kwh, 1000)
    written = f"{cents}.{rest:03}".rstrip("0").rstrip(".")
    return {
        "name": promotion.name,
        "kind": "percent" if promotion.percent else "cents",
        "amount": str(promotion.percent) if promotion.percent else written,
        "from_date": promotion.from_date,
        "until_date": promotion.until_date,
        "start_time": promotion.start_time,
        "end_time": promotion.end_time,
        "sites": ", ".join(promotion.sites),
        "about": promotion.about,
        **fields_of(promotion.words),
        **{f"day_{day}": "on" for day in promotion.days},
        **{f"plan_{plan}": "on" for plan in promotion.plans},
    }


def _told(promotion: Promotion) -> str:
    return ", ".join(f"{field} {value}" for field, value in _fields(promotion).items() if value)
