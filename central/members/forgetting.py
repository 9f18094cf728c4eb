"""A member's part of the support desk: for the export, and what becomes of it when they leave."""

from typing import Any

from sqlalchemy import select, update

from central.members.pages import Member
from central.storage.engine import Database
from central.storage.tables.support import CHAT, CHAT_MESSAGE, COMPLAINT

_VISITOR = "visitor"


def forget_inside(rows: Database, member: Member) -> None:
    """The chat's row stays for the desk's counts, without who it was and what they wrote.

    A complaint stays whole, with its address for the answer: it is a document of its own (and the
    consumer's authority may ask for it for years), but no longer the member's.
    """
    theirs = CHAT.c.member_id == member.id
    ids = select(CHAT.c.id).where(theirs)
    said = (CHAT_MESSAGE.c.author == _VISITOR) & CHAT_MESSAGE.c.chat_id.in_(ids)
    rows.write(update(CHAT_MESSAGE).where(said).values(name="", text="-"))
    rows.write(update(CHAT).where(theirs).values(member_id=None, name="", state="closed"))
    rows.write(update(COMPLAINT).where(COMPLAINT.c.member_id == member.id).values(member_id=None))


def support_of(rows: Database, member: Member) -> dict[str, Any]:
    """What they said and were told, and their complaints."""
    said = (
        select(CHAT_MESSAGE.c.at, CHAT_MESSAGE.c.author, CHAT_MESSAGE.c.word, CHAT_MESSAGE.c.text)
        .join(CHAT)
        .where(CHAT.c.member_id == member.id)
        .order_by(CHAT_MESSAGE.c.id)
    )
    complaints = select(COMPLAINT).where(COMPLAINT.c.member_id == member.id)
    hidden = ("id", "secret")
    return {
        "chat": [row._asdict() for row in rows.rows(said)],
        "complaints": [
            {key: value for key, value in row._asdict().items() if key not in hidden}
            for row in rows.rows(complaints.order_by(COMPLAINT.c.id))
        ],
    }
