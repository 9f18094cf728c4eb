"""Vendor messages for the screen: central prices by the public convention, and the operator's words.

Prices: application note "OCPP & California Pricing Requirements", vendorId org.openchargealliance.costmsg.
Words: our own vendorId, with the fields of SetDisplayMessage of OCPP 2. `data` is JSON in a string.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from chargepoint.domain.dialogue.announcement import Announcement, Occasion, Priority, sanitised
from chargepoint.domain.pricing.central_price import RunningCost, Triggers, UnitPrices
from chargepoint.domain.units import Minor, SessionId, Watt, Wh
from chargepoint.errors import ChargepointError
from chargepoint.notice_ports import NoticeDoor, Texts
from chargepoint.ocpp import translate
from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.key_prices import price_text_keys
from chargepoint.ocpp.keys import KeyRule, Keys
from chargepoint.ocpp.profile import Handler, VendorMessageId, status
from chargepoint.ocpp.rpc import Answer

COST_VENDOR = translate.COST_VENDOR
_MOST_DATA_CHARS = 8192
_MOST_LANGUAGES = 8
_MOST_LINK_CHARS = 200
_LARGEST_AMOUNT = Decimal(1_000_000)
_MINOR = 100
_LARGEST_ID = 2**31 - 1
_STATUSES = 6


class _Unusable(ChargepointError):
    """Not what the convention says."""


class NoticeProfile:
    """Implements profile.Profile. `session_of`: the charge behind a transaction id."""

    def __init__(
        self, door: NoticeDoor, keys: Keys, session_of: Callable[[int], SessionId | None]
    ) -> None:
        self._door = door
        self._keys = keys
        self._session_of = session_of
        rule = KeyRule(follow=self._follow)
        keys.rules |= dict.fromkeys(price_text_keys(), rule)

    @property
    def answers(self) -> Mapping[str, Handler]:
        return {}

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        return {
            (COST_VENDOR, "SetUserPrice"): self._guarded(self._user_price),
            (COST_VENDOR, "RunningCost"): self._guarded(self._running_cost),
            (COST_VENDOR, "FinalCost"): self._guarded(self._final_cost),
            (translate.VENDOR, "Display.Set"): self._display_set,
            (translate.VENDOR, "Display.Get"): self._display_get,
            (translate.VENDOR, "Display.Clear"): self._display_clear,
        }

    async def _follow(self, _value: str) -> None:
        self.tell_default_price()

    def tell_default_price(self) -> None:
        """What DefaultPrice says now, to the screen."""
        online, offline = default_price(self._keys)
        self._door.default_price(online, offline)

    # --- the convention for prices ---

    def _guarded(self, take: Callable[[dict[str, Any]], bool]) -> Handler:
        async def answer(payload: Payload) -> Answer:
            try:
                return status("Accepted" if take(_content(payload)) else "Rejected")
            except _Unusable:
                return status("Rejected")

        return answer

    def _user_price(self, content: dict[str, Any]) -> bool:
        id_tag = content.get("idToken")
        if not isinstance(id_tag, str) or not 0 < len(id_tag) <= 20:
            raise _Unusable("idToken")
        self._door.user_price(id_tag, _texts(content))
        return True

    def _running_cost(self, content: dict[str, Any]) -> bool:
        session = self._session(content)
        return session is not None and self._door.running_cost(session, _running(content))

    def _final_cost(self, content: dict[str, Any]) -> bool:
        session = self._session(content)
        if session is None:
            return False
        total = Minor(int(_amount(content, "cost") * _MINOR + Decimal("0.5")))
        link = content.get("qrCodeText", "")
        if not isinstance(link, str) or len(link) > _MOST_LINK_CHARS or not link.isprintable():
            raise _Unusable("qrCodeText")
        return self._door.final_cost(session, total, _texts(content), link)

    def _session(self, content: dict[str, Any]) -> SessionId | None:
        number = translate.transaction_id(content)
        return None if number is None else self._session_of(number)

    # --- the operator's words ---

    async def _display_set(self, payload: Payload) -> Answer:
        try:
            announcement = _announcement(_content(payload))
        except _Unusable as unusable:
            return _said("Rejected", {"reason": str(unusable)})
        if not await self._door.announce(announcement):
            return _said("Rejected", {"reason": "too many"})
        return _said("Accepted", {})

    async def _display_get(self, _payload: Payload) -> Answer:
        return _said("Accepted", {"messages": [_dump(each) for each in self._door.announcements()]})

    async def _display_clear(self, payload: Payload) -> Answer:
        try:
            number = _content(payload).get("id")
        except _Unusable:
            number = None
        known = type(number) is int and await self._door.withdraw(number)
        return _said("Accepted" if known else "Rejected", {} if known else {"reason": "unknown"})


def _said(word: str, content: dict[str, Any]) -> Answer:
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return Answer({"status": word, "data": text} if content else {"status": word})


# --- reading ------------------------------------------------------------------------------------


def _content(payload: Payload) -> dict[str, Any]:
    text = payload.get("data", "")
    if len(text) > _MOST_DATA_CHARS:
        raise _Unusable("data is too long")
    try:
        content = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise _Unusable("data is not JSON") from error
    if not isinstance(content, dict):
        raise _Unusable("data is not an object")
    return content


def _texts(content: dict[str, Any]) -> Texts:
    """`priceText`, and `priceTextExtra` with languages (CustomMultiLanguageMessages)."""
    found: dict[str, str] = {}
    plain = content.get("priceText")
    if isinstance(plain, str):
        found[""] = sanitised(plain)
    extra = content.get("priceTextExtra", [])
    if not isinstance(extra, list):
        raise _Unusable("priceTextExtra")
    for item in extra[:_MOST_LANGUAGES]:
        if not isinstance(item, dict) or not isinstance(item.get("content"), str):
            raise _Unusable("priceTextExtra")
        found[_short_language(item.get("language", ""))] = sanitised(item["content"])
    return {key: text for key, text in found.items() if text}


def _short_language(tag: object) -> str:
    """`es` of `es-ES` (RFC 5646)."""
    if not isinstance(tag, str) or len(tag) > 35:
        raise _Unusable("language")
    return tag.partition("-")[0].lower()


def _amount(content: dict[str, Any], name: str, default: int | None = None) -> Decimal:
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _Unusable(name)
    amount = Decimal(value)
    if not (amount.is_finite() and 0 <= amount <= _LARGEST_AMOUNT):
        raise _Unusable(name)
    return amount


def _milli(content: dict[str, Any], name: str) -> int:
    """An amount of money in 1/1000 minor unit; absent is nothing."""
    return int(_amount(content, name, 0) * _MINOR * 1000)


def _part(content: dict[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name, {})
    if not isinstance(part, dict):
        raise _Unusable(name)
    return part


def _moment(content: dict[str, Any], name: str) -> datetime | None:
    text = content.get(name)
    if text is None:
        return None
    moment = translate.from_timestamp(text) if isinstance(text, str) else None
    if moment is None:
        raise _Unusable(name)
    return moment


def _prices(content: dict[str, Any]) -> UnitPrices:
    """Table 5 and 6. A flat fee is in `cost` already."""
    charging, idle = _part(content, "chargingPrice"), _part(content, "idlePrice")
    return UnitPrices(
        _milli(charging, "kWhPrice"),
        _milli(charging, "hourPrice"),
        _milli(idle, "hourPrice"),
        int(_amount(idle, "graceMinutes", 0) * 60),
    )


def _running(content: dict[str, Any]) -> RunningCost:
    at, state = _moment(content, "timestamp"), content.get("state")
    if at is None or state not in {"Charging", "Idle"}:
        raise _Unusable("timestamp or state")
    ahead = _part(content, "nextPeriod")
    return RunningCost(
        cost_milli=_milli(content, "cost"),
        register=Wh(int(_amount(content, "meterValue"))),
        at=at,
        is_idle=state == "Idle",
        prices=_prices(content),
        next_at=_moment(ahead, "atTime"),
        next_prices=_prices(ahead) if ahead else None,
        triggers=_triggers(_part(content, "triggerMeterValue")),
    )


def _triggers(content: dict[str, Any]) -> Triggers:
    """Table 8."""
    statuses = content.get("atCPStatus", [])
    words = [statuses] if isinstance(statuses, str) else statuses
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise _Unusable("atCPStatus")
    has_energy, has_power = "atEnergykWh" in content, "atPowerkW" in content
    return Triggers(
        at=_moment(content, "atTime"),
        energy=Wh(int(_amount(content, "atEnergykWh") * 1000)) if has_energy else None,
        power=Watt(int(_amount(content, "atPowerkW") * 1000)) if has_power else None,
        statuses=tuple(words[:_STATUSES]),
    )


def _announcement(content: dict[str, Any]) -> Announcement:
    number, texts = content.get("id"), content.get("texts")
    if type(number) is not int or not 0 <= number <= _LARGEST_ID:
        raise _Unusable("id")
    if isinstance(texts, str):
        texts = {"": texts}
    if not isinstance(texts, dict) or not 0 < len(texts) <= _MOST_LANGUAGES:
        raise _Unusable("texts")
    clean = {_short_language(key): sanitised(str(text)) for key, text in texts.items()}
    if not all(clean.values()):
        raise _Unusable("texts")
    try:
        priority = Priority(content.get("priority", Priority.NORMAL_CYCLE))
        occasion = Occasion(content.get("state", Occasion.ANY))
    except ValueError as error:
        raise _Unusable("priority or state") from error
    since, until = _moment(content, "startDateTime"), _moment(content, "endDateTime")
    if since and until and until - since <= timedelta(0):
        raise _Unusable("endDateTime")
    return Announcement(number, clean, priority, occasion, since, until)


def _dump(each: Announcement) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": each.id,
        "priority": each.priority,
        "texts": dict(each.texts),
    }
    if each.occasion:
        body["state"] = each.occasion
    if each.since:
        body["startDateTime"] = translate.to_timestamp(each.since)
    if each.until:
        body["endDateTime"] = translate.to_timestamp(each.until)
    return body


def default_price(keys: Keys) -> tuple[Texts, Texts]:
    """What DefaultPrice and its languages say: online, offline."""
    online: dict[str, str] = {}
    offline: dict[str, str] = {}
    for name, language in price_text_keys().items():
        body = json.loads(keys.text(name) or "{}")
        for key, texts in (("priceText", online), ("priceTextOffline", offline)):
            text = sanitised(body.get(key, ""))
            if text:
                texts[language] = text
    return online, offline
