"""What the central system tells customers: announcements, and its own prices where it bills them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chargepoint.app import projection
from chargepoint.app.point_actor import PointActor
from chargepoint.domain.dialogue.announcement import (
    MOST_ANNOUNCEMENTS,
    Announcement,
    Occasion,
    Priority,
    chosen,
    in_language,
)
from chargepoint.domain.dialogue.context import DialogueData, Params
from chargepoint.domain.effects import TakeValues
from chargepoint.domain.point.seen import PointSeen
from chargepoint.domain.pricing.central_price import RunningCost, Watched, cost_now, is_due
from chargepoint.domain.session import Means, Session
from chargepoint.domain.units import ConnectorId, Minor, SessionId
from chargepoint.notice_ports import Texts
from chargepoint.ports import Clock, PointStatus, Settings

_SAVED = "notices"
_MOST_USER_PRICES = 32


@dataclass(frozen=True, slots=True)
class _Charge:
    """What was said of one charge."""

    running: RunningCost | None = None
    final: Minor | None = None
    texts: Mapping[str, str] | None = None
    link: str = ""


class NoticeBoard:
    """Implements notice_ports.NoticeDoor. `changed` shows the screen anew."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        points: Callable[[], Mapping[ConnectorId, PointActor]],
        changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._points = points
        self._changed = changed
        self._announcements = {each.id: each for each in _load(settings.get(_SAVED))}
        self._default: tuple[Texts, Texts] = ({}, {})
        self._user_prices: dict[str, Texts] = {}
        self._charges: dict[SessionId, _Charge] = {}
        self._watched: dict[SessionId, Watched] = {}

    # --- notice_ports.NoticeDoor ---

    async def announce(self, announcement: Announcement) -> bool:
        utc = self._clock.utc()
        kept = {
            number: each
            for number, each in self._announcements.items()
            if each.until is None or each.until > utc
        }
        kept[announcement.id] = announcement
        if len(kept) > MOST_ANNOUNCEMENTS:
            return False
        await self._keep(kept)
        return True

    async def withdraw(self, announcement_id: int) -> bool:
        if announcement_id not in self._announcements:
            return False
        kept = {n: each for n, each in self._announcements.items() if n != announcement_id}
        await self._keep(kept)
        return True

    def announcements(self) -> tuple[Announcement, ...]:
        return tuple(each for _, each in sorted(self._announcements.items()))

    def default_price(self, online: Texts, offline: Texts) -> None:
        self._default = (online, offline)
        self._changed()

    def user_price(self, id_tag: str, texts: Texts) -> None:
        self._user_prices.pop(id_tag, None)
        self._user_prices[id_tag] = texts
        while len(self._user_prices) > _MOST_USER_PRICES:
            del self._user_prices[next(iter(self._user_prices))]
        self._changed()

    def running_cost(self, session: SessionId, cost: RunningCost) -> bool:
        if session not in self._present():
            return False
        self._charges[session] = replace(self._charges.get(session, _Charge()), running=cost)
        self._changed()
        return True

    def final_cost(self, session: SessionId, total: Minor, texts: Texts, link: str) -> bool:
        if session not in self._present():
            return False
        known = self._charges.get(session, _Charge())
        self._charges[session] = replace(known, final=total, texts=texts, link=link)
        self._changed()
        return True

    # --- what the station tells ---

    def heard(self, connector: ConnectorId, seen: PointSeen) -> None:
        """Values that the central system wants to have at certain moments are taken then."""
        if not self._charges:
            return
        session = seen.session
        for gone in set(self._charges) - set(self._present()):
            del self._charges[gone]
            self._watched.pop(gone, None)
        charge = None if session is None else self._charges.get(session.id)
        if session is None or charge is None or charge.running is None or not seen.is_running:
            return
        status = projection.status(seen).status
        now = Watched(self._clock.utc(), session.energy, seen.data.power, status)
        before = self._watched.get(session.id, now)
        self._watched[session.id] = now
        if is_due(charge.running.triggers, before, now):
            self._points()[connector].post(TakeValues())

    # --- what the screen shows ---

    def adorned(self, params: Params, data: DialogueData, utc: datetime) -> Params:
        """The numbers of a screen with what the central system says of them."""
        session = data.point.session
        known = None if session is None else self._charges.get(session.id)
        if session is not None and session.order.means is Means.TOKEN and known is not None:
            params = _with_cost(params, session, known, utc)
        if params.get("text"):
            return params
        text = self._text(data, session, known, utc)
        return {**params, "text": text} if text else params

    def _text(
        self, data: DialogueData, session: Session | None, known: _Charge | None, utc: datetime
    ) -> str:
        language = data.language
        announced = ""
        if self._announcements:
            announced = chosen(self._announcements.values(), _occasion(data), language, utc)
        if known is not None and known.texts:
            return in_language(known.texts, language) or announced
        pending = data.point.data.pending
        order = session.order if session is not None else pending
        if order is not None:
            texts = self._user_prices.get(order.id_tag, {})
            return in_language(texts, language) or announced
        online, offline = self._default
        texts = online if data.online else (offline or online)
        return announced or in_language(texts, language)

    # --- inside ---

    def _present(self) -> dict[SessionId, Session]:
        found = (point.seen.session for point in self._points().values())
        return {session.id: session for session in found if session is not None}

    async def _keep(self, kept: dict[int, Announcement]) -> None:
        await self._settings.put(_SAVED, json.dumps([_dump(each) for each in kept.values()]))
        self._announcements = kept
        self._changed()


def _with_cost(params: Params, session: Session, known: _Charge, utc: datetime) -> Params:
    """The token's provider bills: its reckoning stands where ours would."""
    if "cost_minor" not in params:
        return params
    if known.final is not None:
        return {**params, "cost_minor": known.final, "page": known.link or params.get("page", "")}
    if known.running is None:
        return params
    return {**params, "cost_minor": cost_now(known.running, session.register, utc)}


def _occasion(data: DialogueData) -> Occasion:
    status = projection.status(data.point).status
    match status:
        case PointStatus.FAULTED:
            return Occasion.FAULTED
        case PointStatus.UNAVAILABLE:
            return Occasion.UNAVAILABLE
        case PointStatus.CHARGING | PointStatus.SUSPENDED_EV | PointStatus.SUSPENDED_EVSE:
            return Occasion.CHARGING
        case _:
            return Occasion.IDLE


def _dump(each: Announcement) -> dict[str, Any]:
    return {
        "id": each.id,
        "texts": dict(each.texts),
        "priority": each.priority,
        "occasion": each.occasion,
        "since": each.since.isoformat() if each.since else None,
        "until": each.until.isoformat() if each.until else None,
    }


def _load(text: str | None) -> list[Announcement]:
    return [
        Announcement(
            item["id"],
            item["texts"],
            Priority(item["priority"]),
            Occasion(item["occasion"]),
            _moment(item["since"]),
            _moment(item["until"]),
        )
        for item in json.loads(text or "[]")
    ]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
