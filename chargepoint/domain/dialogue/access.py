"""How the present driver is served: voice, contrast, time. Values only; what changes them is access_talk.py."""

from dataclasses import dataclass

LOUDEST = 4


@dataclass(frozen=True, slots=True)
class Access:
    """`can_speak` and `jack` are true of the machine; the rest goes with the driver."""

    voice: bool = False
    by_jack: bool = False  # the headphone began it, and ends it
    jack: bool = False
    contrast: bool = False
    slow: bool = False
    low: bool = False
    volume: int = 2
    can_speak: bool = False
    is_waiting: bool = False  # a timer runs that ends all of it

    @property
    def is_patient(self) -> bool:
        return self.voice or self.slow

    def of_nobody(self) -> "Access":
        """As the next driver finds it; who still wears the headphone goes on hearing."""
        hears = self.jack and self.can_speak
        return Access(voice=hears, by_jack=hears, jack=self.jack, can_speak=self.can_speak)
