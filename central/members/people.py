"""Members: joining, signing in and out, a lost password, leaving.

Nobody learns here who is a member. Joining makes no row before the link of the mail is opened by
whoever chose the password: so nobody can join for another, and wait.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from central.clock import Clock, utc_text
from central.entropy import Entropy, fingerprint, name
from central.members.pages import Member
from central.storage.store import Store
from central.storage.tables.members import MAIL_TOKEN, MEMBER, MEMBER_SESSION
from central.storage.tables.phones import MEMBER_BROWSER

JOIN, RESET = "join", "reset"
_LINK_LASTS = timedelta(hours=24)
_RESET_LASTS = timedelta(hours=1)
_SESSION_LASTS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to join, as far as the mail's link knows."""

    email: str
    name: str
    password_hash: str
    language: str


class People:
    def __init__(self, store: Store, clock: Clock, entropy: Entropy) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._entropy = entropy

    # --- joining ------------------------------------------------------------------------------------

    def apply(self, applicant: Applicant) -> tuple[str, bool]:
        """The secret of the mail's link, and whether the e-mail is a member's already."""
        content = {
            "name": applicant.name,
            "password_hash": applicant.password_hash,
            "language": applicant.language,
        }
        return self._token(JOIN, applicant.email, content, _LINK_LASTS)

    def applicant(self, secret: str) -> Applicant | None:
        """Behind a link that still holds."""
        row = self._link(JOIN, secret)
        return None if row is None else Applicant(row.email, **json.loads(row.document))

    def join(self, secret: str) -> Member | None:
        """None when the link was used, or somebody with this e-mail joined meanwhile."""
        found = self.applicant(secret)
        if found is None:
            return None
        with self._store.change(f"email:{found.email}"):
            if not self._use(secret) or self._by_email(found.email) is not None:
                return None
            number = self._rows.numbered(
                MEMBER,
                email=found.email,
                name=found.name,
                password_hash=found.password_hash,
                language=found.language,
                joined_at=self._now(),
            )
            self._end_links(found.email)
        return Member(number, found.name, found.email, found.language)

    # --- lost password ------------------------------------------------------------------------------

    def forgot(self, email: str) -> tuple[str, bool]:
        """The secret of a link, and whether there is anybody to send it to."""
        return self._token(RESET, email, {}, _RESET_LASTS)

    def is_reset_link(self, secret: str) -> bool:
        return self._link(RESET, secret) is not None

    def reset(self, secret: str, password_hash: str) -> Member | None:
        """The new password counts, and every session ends: whoever was inside is out."""
        row = self._link(RESET, secret)
        if row is None:
            return None
        with self._store.change(f"email:{row.email}"):
            found = self._by_email(row.email)
            if not self._use(secret) or found is None:
                return None
            self._end_links(row.email)
            self._set_password_inside(found.id, password_hash)
        return _member(found)

    def set_password(self, member: Member, password_hash: str) -> None:
        with self._store.change(f"member:{member.id}"):
            self._set_password_inside(member.id, password_hash)

    def _set_password_inside(self, member_id: int, password_hash: str) -> None:
        self._rows.write(
            update(MEMBER).where(MEMBER.c.id == member_id).values(password_hash=password_hash)
        )
        self._rows.write(delete(MEMBER_SESSION).where(MEMBER_SESSION.c.member_id == member_id))

    # --- sessions -----------------------------------------------------------------------------------

    def password_of(self, email: str) -> tuple[Member, str] | None:
        row = self._by_email(email)
        return None if row is None else (_member(row), row.password_hash)

    def open_session(self, member: Member) -> str:
        """A new name for the cookie at every sign-in; what is kept of it opens nothing."""
        secret = name(self._entropy)
        now = self._clock.utc()
        with self._store.change(f"member:{member.id}"):
            ended = MEMBER_SESSION.c.ends_at <= utc_text(now)
            self._rows.write(delete(MEMBER_SESSION).where(ended))
            self._rows.insert(
                MEMBER_SESSION,
                fingerprint=fingerprint(secret),
                member_id=member.id,
                began_at=utc_text(now),
                ends_at=utc_text(now + _SESSION_LASTS),
            )
        return secret

    async def member_of(self, session: str) -> Member | None:
        return await self._store.run(self._member_of, session)

    def _member_of(self, session: str) -> Member | None:
        row = self._rows.first(
            select(MEMBER)
            .join(MEMBER_SESSION)
            .where(
                MEMBER_SESSION.c.fingerprint == fingerprint(session),
                MEMBER_SESSION.c.ends_at > self._now(),
            )
        )
        return None if row is None else _member(row)

    def close_session(self, session: str) -> None:
        with self._store.change():
            kept = MEMBER_SESSION.c.fingerprint == fingerprint(session)
            self._rows.write(delete(MEMBER_SESSION).where(kept))

    def close_sessions(self, member: Member) -> None:
        with self._store.change(f"member:{member.id}"):
            theirs = MEMBER_SESSION.c.member_id == member.id
            self._rows.write(delete(MEMBER_SESSION).where(theirs))

    # --- profile ------------------------------------------------------------------------------------

    def rename(self, member: Member, new_name: str, language: str) -> None:
        with self._store.change(f"member:{member.id}"):
            self._rows.write(
                update(MEMBER)
                .where(MEMBER.c.id == member.id)
                .values(name=new_name, language=language)
            )

    def record_of(self, member: Member) -> dict[str, Any]:
        """Everything kept of the member alone, for the export; no secret."""
        row = self._rows.first(select(MEMBER).where(MEMBER.c.id == member.id))
        assert row is not None, "who is signed in exists"
        sessions = self._rows.rows(
            select(MEMBER_SESSION.c.began_at, MEMBER_SESSION.c.ends_at)
            .where(MEMBER_SESSION.c.member_id == member.id)
            .order_by(MEMBER_SESSION.c.began_at)
        )
        browsers = select(MEMBER_BROWSER.c.at).where(MEMBER_BROWSER.c.member_id == member.id)
        told = {key: value for key, value in row._asdict().items() if key != "password_hash"}
        return {
            **told,
            "sessions": [each._asdict() for each in sessions],
            "browsersToldSince": [each.at for each in self._rows.rows(browsers)],
        }

    def erase_inside(self, member: Member) -> None:
        """The person, in a commit of the caller's that has let go of their cards."""
        self._rows.write(delete(MEMBER_SESSION).where(MEMBER_SESSION.c.member_id == member.id))
        self._end_links(member.email)
        self._rows.write(delete(MEMBER_BROWSER).where(MEMBER_BROWSER.c.member_id == member.id))
        self._rows.write(delete(MEMBER).where(MEMBER.c.id == member.id))

    # --- links in mails -----------------------------------------------------------------------------

    def _token(
        self, kind: str, email: str, content: dict[str, Any], lasts: timedelta
    ) -> tuple[str, bool]:
        """The same work whether there is such a member or not. Older links hold beside it: a
        stranger's try ends nobody's.
        """
        secret, now = name(self._entropy), self._clock.utc()
        with self._store.change(f"email:{email}"):
            is_member = self._by_email(email) is not None
            self._rows.write(delete(MAIL_TOKEN).where(MAIL_TOKEN.c.ends_at <= utc_text(now)))
            self._rows.insert(
                MAIL_TOKEN,
                fingerprint=fingerprint(secret),
                kind=kind,
                email=email,
                document=json.dumps(content),
                ends_at=utc_text(now + lasts),
            )
        return secret, is_member

    def _link(self, kind: str, secret: str) -> Any:
        return self._rows.first(
            select(MAIL_TOKEN).where(
                MAIL_TOKEN.c.fingerprint == fingerprint(secret),
                MAIL_TOKEN.c.kind == kind,
                MAIL_TOKEN.c.used_at.is_(None),
                MAIL_TOKEN.c.ends_at > self._now(),
            )
        )

    def _use(self, secret: str) -> bool:
        unused = (MAIL_TOKEN.c.fingerprint == fingerprint(secret)) & MAIL_TOKEN.c.used_at.is_(None)
        return self._rows.write(update(MAIL_TOKEN).where(unused).values(used_at=self._now())) == 1

    def _end_links(self, email: str) -> None:
        self._rows.write(delete(MAIL_TOKEN).where(MAIL_TOKEN.c.email == email))

    def _by_email(self, email: str) -> Any:
        return self._rows.first(select(MEMBER).where(MEMBER.c.email == email))

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def _member(row: Any) -> Member:
    return Member(row.id, row.name, row.email, row.language)
