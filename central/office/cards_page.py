"""Finding a card, and all that is known of it. Numbers travel in forms, never in addresses."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from central import forms
from central.cards.replacing import Irreplaceable
from central.entropy import name
from central.greencard.accounts import charges_until_discount
from central.greencard.corrections import REASONS, Corrections, Uncorrectable
from central.members.pages import Visit
from central.members.services import Services
from central.ocpp.list_rows import confirmed
from central.office.door import OfficeDoor, by, euros, reason
from central.storage.tables.members import MEMBER_CARD
from central.support.audit import Audit, Look

_SHOWN = 50


class CardsPage:
    def __init__(self, door: OfficeDoor, services: Services) -> None:
        self._door = door
        self._services = services
        system = services.system
        self._system = system
        self._audit = Audit(system.store, services.clock)
        self._corrections = Corrections(system.store, services.clock, system.feed, system.accounts)

    def routes(self) -> list[BaseRoute]:
        return [self._door.route("/operator/cards", self._cards)]

    async def _cards(self, visit: Visit) -> Response:
        if not visit.is_post:
            return visit.page("office/cards.html", found=None)
        digits = visit.form.read("number", _digits)
        if digits is None:
            return visit.page("office/cards.html", 422, found=[])
        numbers = await self._services.run(self._corrections.ending, digits, _SHOWN)
        if len(numbers) != 1:
            found = await self._services.run(self._summaries, numbers)
            return visit.page("office/cards.html", 200 if found else 404, found=found)
        told = await self._act(visit, numbers[0])
        card = await self._services.run(self._looked_at, by(visit), numbers[0])
        status = 409 if visit.form.errors else 200
        order = name(self._services.entropy)
        return visit.page("office/card.html", status, **card, told=told, order=order)

    # --- acts ---------------------------------------------------------------------------------------

    async def _act(self, visit: Visit, number: str) -> str:
        """What was done, as a key of the catalogue; or nothing, with the form's errors saying why."""
        act = visit.form.text("do")
        if act not in ("block", "unblock", "adjust", "replace", "release"):
            return ""
        why = reason(visit)
        if why is None:
            return ""
        acts = {
            "block": self._block,
            "unblock": self._unblock,
            "adjust": self._adjust,
            "replace": self._replace,
            "release": self._release,
        }
        try:
            return await acts[act](visit, number, by(visit), why)
        except Uncorrectable as refused:
            visit.form.refuse("form", f"office.cannot.{refused.key}")
        except Irreplaceable as refused:
            visit.form.refuse("form", f"office.irreplaceable.{refused.key}")
        return ""

    async def _block(self, visit: Visit, number: str, person: str, why: str) -> str:
        state = visit.form.read("state", forms.one_of(*REASONS)) or ""
        if not state:
            return ""
        corrections, run = self._corrections, self._services.run
        await run(corrections.block, number, by=person, reason=state, detail=why)
        await self._services.blocking.end_charges(number)
        return "office.told.blocked"

    async def _unblock(self, _visit: Visit, number: str, person: str, why: str) -> str:
        await self._services.run(self._corrections.unblock, number, by=person, reason=why)
        return "office.told.unblocked"

    async def _adjust(self, visit: Visit, number: str, person: str, why: str) -> str:
        amount = visit.form.read("amount", euros)
        order = visit.form.text("order")
        if amount is None:
            return ""
        if not (order.isascii() and order.isalnum() and len(order) <= 40):
            raise Uncorrectable("amount")
        await self._services.run(
            self._corrections.adjust, number, amount, by=person, reason=why, reference=order
        )
        return "office.told.adjusted"

    async def _replace(self, _visit: Visit, number: str, person: str, why: str) -> str:
        replacing = self._system.replacing
        await self._services.run(replacing.replace, number, actor=person, reason=why)
        await self._services.blocking.end_charges(number)
        return "office.told.replaced"

    async def _release(self, _visit: Visit, number: str, person: str, why: str) -> str:
        points = self._system.registry.points()
        near = {point.id for point in points if point.is_connected}
        release, run = self._corrections.release, self._services.run
        await run(release, number, lambda point: point not in near, by=person, reason=why)
        return "office.told.released"

    # --- what is shown ------------------------------------------------------------------------------

    def _summaries(self, numbers: list[str]) -> list[Any]:
        cards = (self._system.accounts.card(number) for number in numbers)
        return [card for card in cards if card is not None]

    def _looked_at(self, person: str, number: str) -> dict[str, Any]:
        """As at the support desk: who looked stands in the sealed trail, before anything is shown."""
        self._audit.add(Look(person, "card.look", number, "shown"))
        return self._everything(number)

    def _everything(self, number: str) -> dict[str, Any]:
        system, store = self._system, self._system.store
        card = system.accounts.card(number)
        assert card is not None
        lineage = store.lineage.of(number)
        holder = store.database.first(MEMBER_CARD.select().where(MEMBER_CARD.c.number == number))
        return {
            "card": card,
            "balance_minor": system.accounts.balance(number),
            "held_minor": system.accounts.held(number),
            "plan": system.accounts.plan_now(card),
            "until_discount": charges_until_discount(card, system.accounts.programme),
            "has_holder": holder is not None,
            "others": [each for each in lineage if each != number],
            "confirmed": confirmed(store.database, number),
            "movements": store.postings(f"card:{number}", _SHOWN),
            "notes": store.trail.notes(number, _SHOWN),
            "uses": store.trail.uses(number, _SHOWN),
            "reasons": REASONS,
        }


def _digits(text: str) -> str:
    """A whole number, or its last four."""
    digits = "".join(text.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) in range(4, 17)):
        raise forms.Wrong("wrong.card_digits")
    return digits
