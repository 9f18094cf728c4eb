"""A lost receipt: found by day, sum and the last four digits of the card. Slowed for whoever guesses."""

from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.limits import Purse
from central.members.pages import Pages, Visit
from central.members.services import Services

# Ten thousand endings for a day and a sum: at this pace a week for one of them.
_SEARCHES = Purse("receipts", tries=5, every_s=60)
_OLDEST = timedelta(days=6 * 366)  # receipts are kept for six years


class ReceiptSearchPage:
    def __init__(self, pages: Pages, services: Services) -> None:
        self._pages = pages
        self._services = services

    def routes(self) -> list[BaseRoute]:
        return [Route("/receipts", self._pages.door(self._search), methods=["GET", "POST"])]

    async def _search(self, visit: Visit) -> Response:
        if not visit.is_post:
            return visit.page("receipts.html", found=None)
        today = self._services.clock.utc().date()
        # A day more than ours: somewhere it is tomorrow.
        reader = forms.day(today - _OLDEST, today + timedelta(days=1), "wrong.day")
        day = visit.form.read("day", reader)
        amount_minor = visit.form.read("amount", forms.amount_minor(1, 999_999))
        last_four = visit.form.read("last_four", _last_four)
        if day is None or amount_minor is None or last_four is None:
            return visit.page("receipts.html", 422, found=None)
        found = await self._found(visit, day, amount_minor, last_four)
        return visit.page("receipts.html", 200 if found else 404, found=found)

    async def _found(self, visit: Visit, day: date, amount_minor: int, last_four: str) -> list[str]:
        """Both who asks and what is asked for are slowed: neither many endings nor many addresses help."""
        services, wanted = self._services, f"receipt:{day}:{amount_minor}"
        await services.brakes.of_visitor(_SEARCHES, visit)
        await services.brakes.of(wanted)
        search = services.system.phone.search
        found = await services.run(search.find, day, amount_minor, last_four)
        if found:
            await services.brakes.withdrawn(wanted)
        return list(found)


def _last_four(text: str) -> str:
    digits = text.strip().lstrip("•*x. ")
    if len(digits) != 4 or not digits.isascii() or not digits.isdigit():
        raise forms.Wrong("wrong.last_four")
    return digits
