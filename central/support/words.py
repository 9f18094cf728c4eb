"""Canned answers: a pictogram of the kiosk and a sentence in the reader's language.

A word is a key of the catalogue (`said.WORD`); whoever reads it reads their own language.
"""

from dataclasses import dataclass

from central.members.language import Language
from central.support.chats import HANDOVER, Message

CANNED = {
    "hello": "talk.svg",
    "moment": "hourglass.svg",
    "plug": "plug.svg",
    "unplug": "car.svg",
    "card": "greencard.svg",
    "bank": "card.svg",
    "coins": "cash.svg",
    "receipt": "receipt.svg",
    "idle": "parking.svg",
    "wrench": "wrench.svg",
    "which_point": "question.svg",
    "call": "phone.svg",
    "thanks": "ok.svg",
}
_OURS = {HANDOVER: "phone.svg", "closed": "ok.svg"}
_NAMES_THE_PHONE = frozenset({HANDOVER, "call"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as one reader sees it; `picture` empty: somebody's own words."""

    id: int
    at: str
    author: str
    name: str
    text: str
    picture: str


def shown(message: Message, spoken: Language, phone: str) -> Shown:
    picture = CANNED.get(message.word) or _OURS.get(message.word, "")
    return Shown(
        message.id,
        message.at,
        message.author,
        message.name,
        words_of(message, spoken, phone),
        picture,
    )


def words_of(message: Message, spoken: Language, phone: str) -> str:
    if message.word == HANDOVER:
        if not message.text:
            return spoken.t("said.handover", phone=phone)
        return spoken.t("said.handover_until", phone=phone, moment=spoken.moment(message.text))
    if message.word in _NAMES_THE_PHONE:
        return spoken.t(f"said.{message.word}", phone=phone)
    return spoken.t(f"said.{message.word}") if message.word else message.text
