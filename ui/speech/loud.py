"""The voice that is heard: recorded phrases first, synthesis for the rest, one sentence after another.

waiting ──► recorded? ──yes──► mixer
                └──no──► synthesis (a process) ──► mixer
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chargepoint.contract import Ability
from ui.speech.mixer import Mixer
from ui.speech.synthesis import Job, Synthesiser
from ui.speech.voice import BORROWED, Channel, Manner, Phrase

_KINDS = (".ogg", ".wav")
_MOST_WAITING = 60  # sentences of one screen; more is a mistake, and the last ones are left out


@dataclass(frozen=True, slots=True)
class Outputs:
    """Names of the two sound devices; both empty: one socket, which cuts the speaker off itself."""

    speaker: str = ""
    jack: str = ""

    def of(self, channel: Channel) -> str:
        return self.jack if channel is Channel.JACK else self.speaker


class LoudVoice:
    """Implements `Voice`. `recordings`: `<language>/<catalogue key>.ogg` or `.wav`."""

    def __init__(
        self,
        mixer: Mixer,
        synthesiser: Synthesiser | None,
        *,
        recordings: Path,
        outputs: Outputs | None = None,
    ) -> None:
        self._mixer = mixer
        self._synthesiser = synthesiser
        self._recordings = recordings
        self._outputs = Outputs() if outputs is None else outputs
        self._waiting: deque[tuple[Phrase, Manner]] = deque(maxlen=_MOST_WAITING)
        self._job: tuple[Job, Manner] | None = None
        self._no_sound = self._mixer.open(self._outputs.speaker)

    def say(self, phrases: Sequence[Phrase], manner: Manner) -> None:
        room = _MOST_WAITING - len(self._waiting)
        self._waiting.extend((phrase, manner) for phrase in phrases[:room])
        self.poll()

    def hush(self) -> None:
        self._waiting.clear()
        if self._job is not None:
            self._job[0].stop()
            self._job = None
        self._mixer.stop()

    def earcon(self, name: str, volume: int) -> None:
        self._mixer.tone(name, volume)

    def is_borrowed(self, language: str) -> bool:
        return language in BORROWED and not _any_recorded(self._recordings, f"{language}/")

    def poll(self) -> None:
        if self._job is not None:
            self._finish(*self._job)
        elif self._waiting and not self._mixer.is_playing():
            self._begin(*self._waiting.popleft())

    def abilities(self) -> tuple[Ability, ...]:
        why = self._no_sound
        if not why and self._synthesiser is None and not _any_recorded(self._recordings, "*/"):
            why = "espeak-ng is not installed and nothing is recorded"
        sound = Ability("sound", works=not self._no_sound, detail=self._no_sound)
        return (Ability("voice", works=not why, detail=why), sound)

    def _begin(self, phrase: Phrase, manner: Manner) -> None:
        recorded = self._recorded(phrase, manner.language)
        if recorded:
            self._play(recorded, manner)
        elif self._synthesiser is not None:
            job = self._synthesiser.start(phrase.text, manner.language)
            self._job = (job, manner) if job is not None else None

    def _finish(self, job: Job, manner: Manner) -> None:
        sound = job.look()
        if sound is not None:
            self._job = None
            if sound:
                self._play(sound, manner)

    def _recorded(self, phrase: Phrase, language: str) -> bytes:
        """Empty when nobody has recorded it."""
        folder = self._recordings / language
        paths = [folder / f"{phrase.key}{kind}" for kind in _KINDS] if phrase.key else []
        path = next((each for each in paths if each.is_file()), None)
        return b"" if path is None else path.read_bytes()

    def _play(self, sound: bytes, manner: Manner) -> None:
        """On the device it is meant for or not at all: what is private never falls back."""
        self._no_sound = self._mixer.open(self._outputs.of(manner.channel))
        if not self._no_sound and not self._mixer.play(sound, manner.volume):
            self._no_sound = "the sound card refused a sound"


def _any_recorded(folder: Path, languages: str) -> bool:
    return any(next(folder.glob(f"{languages}*{kind}"), None) for kind in _KINDS)
