"""The voice of the kiosk as its screens know it: one Protocol, and the one that only writes down.

Jack or speaker is the narrator's decision, made for each sentence; a voice never mixes them up.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chargepoint.contract import Ability

# No synthesiser has a Galician voice: the Spanish one reads it understandably, until it is recorded.
BORROWED = {"gl": "es"}


class Channel(StrEnum):
    SPEAKER = "speaker"
    JACK = "jack"


@dataclass(frozen=True, slots=True)
class Phrase:
    """`key` is that of the catalogue when the text is exactly one of its messages, else empty."""

    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """In which language, where to, how loud (1 to 4)."""

    language: str
    channel: Channel = Channel.SPEAKER
    volume: int = 2


class Voice(Protocol):
    def say(self, phrases: Sequence[Phrase], manner: Manner) -> None:
        """Say these after what is being said. Never blocks, never raises."""
        ...

    def hush(self) -> None:
        """Silence now, and nothing of what was waiting."""
        ...

    def earcon(self, name: str, volume: int) -> None:
        """A short tone: tap ok error attention locator; at the jack and the speaker alike."""
        ...

    def is_borrowed(self, language: str) -> bool:
        """Whether this language is read by the voice of another one, for want of its own."""
        ...

    def poll(self) -> None:
        """Once a frame: go on with what is waiting."""
        ...

    def abilities(self) -> tuple[Ability, ...]:
        """What of it works: `voice` and `sound`."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """`number` counts from 1 in the life of the kiosk."""

    number: int
    text: str
    channel: Channel
    language: str


_KEPT = 400


class Captions:
    """A voice that is read: tests, the bench, and whoever sits before a desk without a loudspeaker."""

    def __init__(self) -> None:
        self.said: deque[Said] = deque(maxlen=_KEPT)
        self.tones: deque[str] = deque(maxlen=_KEPT)
        self.hushed = 0
        self._count = 0

    def say(self, phrases: Sequence[Phrase], manner: Manner) -> None:
        for phrase in phrases:
            self._count += 1
            self.said.append(Said(self._count, phrase.text, manner.channel, manner.language))

    def hush(self) -> None:
        self.hushed += 1

    def earcon(self, name: str, volume: int) -> None:
        self.tones.append(name)

    def is_borrowed(self, language: str) -> bool:
        return language in BORROWED

    def poll(self) -> None:
        """Written down at once."""

    def abilities(self) -> tuple[Ability, ...]:
        return (Ability("voice"), Ability("sound"))
