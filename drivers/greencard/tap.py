"""The conversation with one Green Card, sans I/O: application, proof of the key, account number.

SelectApplication -> AuthenticateAES (or EV2First) -> ReadData
"""

from dataclasses import dataclass
from enum import Enum

from drivers.greencard.desfire import (
    ApduStyle,
    Authentication,
    CardError,
    CardRefused,
    Conversation,
    FileMode,
    FileRange,
    NotDesfire,
    Status,
    authenticate,
    read_file,
    select_application,
)
from drivers.greencard.ev1 import AesAuthentication
from drivers.greencard.ev2 import Ev2Authentication
from drivers.greencard.number import NUMBER_LENGTH, NumberInvalid, account_number

APPLICATION_ID_LENGTH = 3


class CardGeneration(Enum):
    """Which authentication the cards in circulation are asked for."""

    EV1 = "ev1"
    EV2 = "ev2"


@dataclass(frozen=True, slots=True)
class CardProfile:
    """How the operator's cards are laid out. `application_id`: most significant byte first."""

    application_id: bytes
    key_number: int = 1
    file_number: int = 1
    file_mode: FileMode = FileMode.MAC
    generation: CardGeneration = CardGeneration.EV1
    style: ApduStyle = ApduStyle.ISO

    def __post_init__(self) -> None:
        if len(self.application_id) != APPLICATION_ID_LENGTH or not any(self.application_id):
            raise ValueError("a DESFire application id is three bytes, and not 000000")


class NotOurs(CardError):
    """The operator's application is not on this card."""


class Misissued(CardError):
    """A genuine card that does not hold what it must: a fault of its issuing."""


_WITHOUT_APPLICATION = {Status.NO_APPLICATION, Status.ILLEGAL_COMMAND}
# What a card answers when the file is missing, too short, or guarded by another key.
_MISISSUED = {Status.NO_FILE, Status.BOUNDARY, Status.PERMISSION, Status.AUTHENTICATION}


def read_account_number(profile: CardProfile, key: bytes, rnd_a: bytes) -> Conversation[str]:
    """The number of a genuine card.

    Raises NotOurs, KeyMismatch (a copy), Misissued, or another CardError (disturbed).
    """
    try:
        yield from select_application(profile.style, profile.application_id)
    except NotDesfire as error:
        raise NotOurs(str(error)) from error
    except CardRefused as refused:
        if refused.status in _WITHOUT_APPLICATION:
            raise NotOurs(str(refused)) from refused
        raise
    channel = yield from authenticate(profile.style, _steps(profile, key, rnd_a))
    wanted = FileRange(profile.file_number, NUMBER_LENGTH, profile.file_mode)
    try:
        return account_number((yield from read_file(profile.style, channel, wanted)))
    except NumberInvalid as error:
        raise Misissued(str(error)) from error
    except CardRefused as refused:
        if refused.status in _MISISSUED:
            raise Misissued(str(refused)) from refused
        raise


def _steps(profile: CardProfile, key: bytes, rnd_a: bytes) -> Authentication:
    if profile.generation is CardGeneration.EV2:
        return Ev2Authentication(key, profile.key_number, rnd_a)
    return AesAuthentication(key, profile.key_number, rnd_a)
