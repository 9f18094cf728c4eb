"""Chats: who writes with us, what was said, what was read. One chat for each visitor, for good.

    nobody ──says──► open ──agent closes──► closed
                      ▲                        │ the visitor writes again
                      └────────────────────────┘

A visitor is known by being a member, by the secret of a cookie, or by an address of the messaging
service. Out of hours every first message is answered with the telephone's number, and kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from central.clock import Clock, utc_text
from central.entropy import fingerprint
from central.feed import Feed
from central.members.pages import Member
from central.storage.store import Store
from central.storage.tables.support import CHAT, CHAT_MESSAGE
from central.support.hours import Hours

VISITOR, AGENT, SYSTEM = "visitor", "agent", "system"
KIND = "chat"
HANDOVER = "handover"
_SHOWN_MAX = 200
_INBOX_MAX = 100


@dataclass(frozen=True, slots=True)
class Visitor:
    """Exactly one of `member`, `secret`, `address` says who it is; `name` may be empty."""

    language: str
    name: str = ""
    member: Member | None = None
    secret: str = ""
    address: str = ""

    def key(self) -> dict[str, Any]:
        if self.member is not None:
            return {"member_id": self.member.id}
        if self.address:
            return {"address": self.address}
        return {"secret": fingerprint(self.secret)}


@dataclass(frozen=True, slots=True)
class Said:
    """`word`: a canned answer; it is read in the reader's language, `text` fills it."""

    text: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    id: int
    at: str
    author: str
    name: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Chat:
    id: int
    name: str
    language: str
    state: str
    address: str
    is_member: bool
    agent_id: int | None
    opened_at: str
    last_at: str
    from_visitor: int
    seen_by_agent: int
    seen_by_visitor: int

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_unread(self) -> bool:
        return self.from_visitor > self.seen_by_agent


class Chats:
    def __init__(self, store: Store, clock: Clock, feed: Feed, hours: Hours) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed
        self._hours = hours

    # --- the visitor --------------------------------------------------------------------------------

    def chat_of(self, visitor: Visitor) -> Chat | None:
        return self._chat(*(CHAT.c[name] == value for name, value in visitor.key().items()))

    def ask(self, visitor: Visitor, text: str, reference: str | None = None) -> int:
        """The chat's id. `reference`: of the messaging service; one that came before does nothing."""
        known = self.chat_of(visitor)
        names = [f"chat:{visitor.key()}", *([f"chat:{known.id}"] if known else [])]
        with self._store.change(*names):
            chat = self.chat_of(visitor) or self._opened(visitor)
            if reference is not None and self._is_known(reference):
                return chat.id
            opens_at = self._hours.opens_at(self._clock.utc())
            is_closed = not self._hours.is_open(self._clock.utc())
            was_told = is_closed and self._was_told(chat.id)
            number = self._said(chat, VISITOR, visitor.name, Said(text), reference)
            self._reopened(chat, visitor, number)
            if is_closed and not was_told:
                until = "" if opens_at is None else utc_text(opens_at)
                self._said(chat, SYSTEM, "", Said(until, HANDOVER))
            self._feed.changed(KIND, str(chat.id))
        return chat.id

    def _opened(self, visitor: Visitor) -> Chat:
        now = utc_text(self._clock.utc())
        self._rows.insert(
            CHAT,
            **visitor.key(),
            name=visitor.name,
            language=visitor.language,
            state="open",
            opened_at=now,
            last_at=now,
        )
        chat = self.chat_of(visitor)
        assert chat is not None, "just inserted"
        return chat

    def _reopened(self, chat: Chat, visitor: Visitor, number: int) -> None:
        self._change(
            chat.id,
            state="open",
            closed_at=None,
            language=visitor.language,
            name=visitor.name or chat.name,
            from_visitor=number,
            seen_by_visitor=number,
        )

    def _was_told(self, chat_id: int) -> bool:
        """Whether the newest word of ours is the telephone's number."""
        ours = (CHAT_MESSAGE.c.chat_id == chat_id) & (CHAT_MESSAGE.c.author != VISITOR)
        newest = select(CHAT_MESSAGE.c.word).where(ours).order_by(CHAT_MESSAGE.c.id.desc())
        return bool(self._rows.value(newest.limit(1)) == HANDOVER)

    def _is_known(self, reference: str) -> bool:
        asked = select(CHAT_MESSAGE.c.id).where(CHAT_MESSAGE.c.reference == reference)
        return self._rows.value(asked) is not None

    # --- the agent ----------------------------------------------------------------------------------

    def answer(self, chat_id: int, agent: tuple[int, str], said: Said) -> bool:
        """`agent`: id and name. Whoever answers first has the chat; False: there is no such chat."""
        with self._store.change(f"chat:{chat_id}"):
            chat = self.chat(chat_id)
            if chat is None:
                return False
            self._said(chat, AGENT, agent[1], said)
            self._change(
                chat_id,
                state="open",
                closed_at=None,
                agent_id=chat.agent_id or agent[0],
                seen_by_agent=chat.from_visitor,
            )
            self._feed.changed(KIND, str(chat_id))
        return True

    def close(self, chat_id: int) -> bool:
        with self._store.change(f"chat:{chat_id}"):
            chat = self.chat(chat_id)
            if chat is None or not chat.is_open:
                return False
            now = utc_text(self._clock.utc())
            self._said(chat, SYSTEM, "", Said(word="closed"))
            seen = chat.from_visitor
            self._change(chat_id, state="closed", closed_at=now, agent_id=None, seen_by_agent=seen)
            self._feed.changed(KIND, str(chat_id))
        return True

    def inbox(self) -> list[Chat]:
        """Open ones first, of them the unread, of them who waits longest."""
        statement = select(CHAT).order_by(CHAT.c.last_at.desc()).limit(_INBOX_MAX)
        found = [_chat(row) for row in self._rows.rows(statement)]
        waiting = sorted(
            (each for each in found if each.is_open and each.is_unread),
            key=lambda each: each.last_at,
        )
        answered = [each for each in found if each.is_open and not each.is_unread]
        return [*waiting, *answered, *(each for each in found if not each.is_open)]

    def unread(self) -> int:
        return sum(each.is_unread for each in self.inbox() if each.is_open)

    # --- both ---------------------------------------------------------------------------------------

    def chat(self, chat_id: int) -> Chat | None:
        return self._chat(CHAT.c.id == chat_id)

    def messages(self, chat_id: int, after: int = 0) -> list[Message]:
        """The newest of them, oldest first."""
        of_chat = (CHAT_MESSAGE.c.chat_id == chat_id) & (CHAT_MESSAGE.c.id > after)
        statement = select(CHAT_MESSAGE).where(of_chat).order_by(CHAT_MESSAGE.c.id.desc())
        rows = self._rows.rows(statement.limit(_SHOWN_MAX))
        return [
            Message(row.id, row.at, row.author, row.name, row.word, row.text)
            for row in reversed(rows)
        ]

    def last_said(self, chat_ids: Sequence[int]) -> dict[int, Message]:
        return {number: found[-1] for number in chat_ids if (found := self.messages(number))}

    def seen(self, chat_id: int, upto: int, *, by_agent: bool) -> None:
        """Up to a message that there is; what was read is not unread again."""
        side = CHAT.c.seen_by_agent if by_agent else CHAT.c.seen_by_visitor
        with self._store.change(f"chat:{chat_id}"):
            of_chat = (CHAT_MESSAGE.c.chat_id == chat_id) & (CHAT_MESSAGE.c.id <= upto)
            newest = select(CHAT_MESSAGE.c.id).where(of_chat).order_by(CHAT_MESSAGE.c.id.desc())
            number = self._rows.value(newest.limit(1)) or 0
            is_news = (CHAT.c.id == chat_id) & (side < number)
            if self._rows.write(update(CHAT).where(is_news).values({side: number})):
                self._feed.changed(KIND, str(chat_id))

    def _said(
        self, chat: Chat, author: str, name: str, said: Said, reference: str | None = None
    ) -> int:
        now = utc_text(self._clock.utc())
        is_due = bool(chat.address) and author != VISITOR
        number = self._rows.numbered(
            CHAT_MESSAGE,
            chat_id=chat.id,
            at=now,
            author=author,
            name=name,
            word=said.word,
            text=said.text,
            reference=reference,
            delivery="due" if is_due else "none",
        )
        self._change(chat.id, last_at=now)
        return number

    def _change(self, chat_id: int, **values: Any) -> None:
        self._rows.write(update(CHAT).where(CHAT.c.id == chat_id).values(values))

    def _chat(self, *conditions: ColumnElement[bool]) -> Chat | None:
        row = self._rows.first(select(CHAT).where(*conditions))
        return None if row is None else _chat(row)


def _chat(row: Any) -> Chat:
    return Chat(
        row.id,
        row.name,
        row.language,
        row.state,
        row.address or "",
        row.member_id is not None,
        row.agent_id,
        row.opened_at,
        row.last_at,
        row.from_visitor,
        row.seen_by_agent,
        row.seen_by_visitor,
    )
