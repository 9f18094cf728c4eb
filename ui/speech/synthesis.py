"""Words to sound by `espeak-ng`, as a process of its own that no frame ever waits for."""

import os
import shutil
import struct
import subprocess
from typing import Protocol

from ui.speech.voice import BORROWED

PROGRAM = "espeak-ng"
WORDS_PER_MINUTE = "145"
VOICES = {**BORROWED, "pt": "pt", "en": "en-gb", "fr": "fr-fr"}
_READ_BYTES = 65_536
_MOST_BYTES = 4_000_000  # a minute and a half
_MOST_LOOKS = 300  # ten seconds of frames: it has hung
_HEADER_BYTES = 44


class Job(Protocol):
    def look(self) -> bytes | None:
        """The sound when it is made (empty: it failed), None while it is being made."""
        ...

    def stop(self) -> None: ...


class Synthesiser(Protocol):
    def start(self, words: str, language: str) -> Job | None:
        """None when it cannot be started."""
        ...


def found() -> "Espeak | None":
    """The synthesiser of this machine, if it has one."""
    path = shutil.which(PROGRAM)
    return Espeak(path) if path else None


class Espeak:
    def __init__(self, path: str) -> None:
        self._path = path

    def start(self, words: str, language: str) -> Job | None:
        voice = VOICES.get(language, language)
        command = [self._path, "-v", voice, "-s", WORDS_PER_MINUTE, "--stdout", "--", words]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own words, and no shell
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            return None
        return EspeakJob(process)


class EspeakJob:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # it was asked for
        self._process = process
        self._pipe = process.stdout
        self._sound = bytearray()
        self._looks = 0
        os.set_blocking(self._pipe.fileno(), False)

    def look(self) -> bytes | None:
        self._looks += 1
        is_over = self._read()
        if not is_over or self._process.poll() is None:
            if self._looks <= _MOST_LOOKS and len(self._sound) <= _MOST_BYTES:
                return None
            self.stop()
            return b""
        self._pipe.close()
        return whole_wav(bytes(self._sound)) if self._process.returncode == 0 else b""

    def _read(self) -> bool:
        """What has come so far; True when no more will come."""
        while True:
            try:
                chunk = os.read(self._pipe.fileno(), _READ_BYTES)
            except BlockingIOError:
                return False
            if not chunk:
                return True
            self._sound += chunk

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._pipe.close()


def whole_wav(sound: bytes) -> bytes:
    """The same with its true lengths: who writes into a pipe does not know them beforehand."""
    if len(sound) <= _HEADER_BYTES or sound[:4] != b"RIFF" or sound[36:40] != b"data":
        return b""
    riff, size = struct.pack("<I", len(sound) - 8), struct.pack("<I", len(sound) - _HEADER_BYTES)
    return sound[:4] + riff + sound[8:40] + size + sound[_HEADER_BYTES:]
