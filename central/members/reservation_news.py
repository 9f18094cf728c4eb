"""Mails about reservations: what is kept of each (`reservation_notice`) leaves as soon as it is durable."""

import logging
from typing import Any

from sqlalchemy import select

from central.clock import utc_text
from central.looking import keep_looking
from central.members.language import Language
from central.members.mail import Mail
from central.members.pages import Pages
from central.members.services import Services
from central.reservations.records import Notice
from central.reservations.register import FEED
from central.storage.tables.members import MEMBER

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 60.0


class ReservationNews:
    def __init__(self, pages: Pages, services: Services, public_url: str) -> None:
        self._pages = pages
        self._services = services
        self._url = public_url
        self._store = services.system.store
        self._rows = services.system.reservations.register.rows

    async def run(self) -> None:
        """Until the feed is closed."""
        await keep_looking(
            self._services.system.feed, FEED, self.post, every_s=_LOOK_EVERY_S, logger=logger
        )

    async def post(self) -> None:
        """Everything that was not sent; each once, whoever of several processes comes first."""
        for notice in await self._services.run(self._rows.unsent):
            await self._services.run(self._post, notice)

    def _post(self, notice: Notice) -> None:
        with self._store.change(f"notice:{notice.id}"):
            if not self._rows.sent(notice.id, utc_text(self._services.clock.utc())):
                return
            found = select(MEMBER).where(MEMBER.c.id == notice.member_id)
            member = self._store.database.first(found)
            if member is not None:
                self._services.postman.keep_inside(self._mail(notice, member))

    def _mail(self, notice: Notice, member: Any) -> Mail:
        spoken = self._pages.speak_or_default(member.language)
        subject, text = words_of(notice, spoken)
        link = f"{self._url}/me/reservations/{notice.reservation_id}"
        closing = spoken.t("res.mail.close", link=link, phone=self._pages.brand.phone)
        body = f"{spoken.t('res.mail.hello', name=member.name)}¶{text}¶{closing}"
        return Mail(member.email, subject, body.replace("¶", "\n\n"))


def words_of(notice: Notice, spoken: Language) -> tuple[str, str]:
    """Subject and text of what happened."""
    facts = notice.facts
    values = {
        "place": facts["place"],
        "from_place": facts.get("from_place", ""),
        "connector": facts["connector"],
        "day": spoken.weekday(facts["begins_at"]),
        "begin": spoken.clock(facts["begins_at"]),
        "end": spoken.clock(facts["ends_at"]),
        "arrive_by": spoken.clock(facts["arrive_by"]),
        "code": facts["code"],
        "fee": spoken.money(int(facts["fee_minor"])),
        "given": spoken.money(int(facts["compensated_minor"])),
        "offer_until": spoken.clock(facts["offer_until"] or facts["begins_at"]),
    }
    key = f"res.news.{notice.kind}"
    if notice.kind == "missed":
        key = f"{key}.{facts.get('outcome', 'excused')}"
    if notice.kind == "blocked" and facts["compensated_minor"] == "0":
        key = f"{key}.plain"
    return spoken.t(f"{key}.subject", **values), spoken.t(key, **values)
