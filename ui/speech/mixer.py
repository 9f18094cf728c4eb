"""The sound card, through SDL's mixer: opened on first use, alone in its own `try`.

A machine without a card, or with one that was pulled out, has a silent kiosk and a line for the
technician; nothing else of the kiosk notices.
"""

import io
from typing import Protocol

import pygame

from ui.speech.tones import RATE, samples

_LOUDNESS = {1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0}
_VOICE, _TONE = 0, 1


class Mixer(Protocol):
    def open(self, device: str) -> str:
        """Play on this device from now on (empty: the usual one); why not, or empty."""
        ...

    def play(self, sound: bytes, volume: int) -> bool:
        """A whole WAV or OGG file; False when it cannot be played."""
        ...

    def tone(self, name: str, volume: int) -> None: ...

    def is_playing(self) -> bool: ...

    def stop(self) -> None: ...


class SdlMixer:
    def __init__(self) -> None:
        self._device: str | None = None  # None: not open

    def open(self, device: str) -> str:
        if self._device == device:
            return ""
        pygame.mixer.quit()
        self._device = None
        try:
            pygame.mixer.init(RATE, -16, 1, 512, devicename=device or None)
        except pygame.error as error:
            return f"{device or 'usual device'}: {error}"
        self._device = device
        return ""

    def play(self, sound: bytes, volume: int) -> bool:
        if self._device is None:
            return False
        try:
            made = pygame.mixer.Sound(file=io.BytesIO(sound))
            channel = pygame.mixer.Channel(_VOICE)
            channel.set_volume(_LOUDNESS.get(volume, 0.5))
            channel.play(made)
        except pygame.error:
            return False
        return True

    def tone(self, name: str, volume: int) -> None:
        wave = samples(name)
        if self._device is None or not wave:
            return
        try:
            channel = pygame.mixer.Channel(_TONE)
            channel.set_volume(_LOUDNESS.get(volume, 0.5))
            channel.play(pygame.mixer.Sound(buffer=wave))
        except pygame.error:
            self._device = None  # the card is gone; the next sentence tries anew

    def is_playing(self) -> bool:
        return self._device is not None and pygame.mixer.Channel(_VOICE).get_busy()

    def stop(self) -> None:
        if self._device is not None:
            pygame.mixer.Channel(_VOICE).stop()
