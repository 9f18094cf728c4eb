"""The synthesiser itself, where it is installed: each language of the kiosk becomes sound."""

import io
import time
import wave

import pytest

from ui.catalogue import available
from ui.speech import synthesis

ESPEAK = synthesis.found()
LIMIT_S = 10.0

pytestmark = pytest.mark.skipif(ESPEAK is None, reason="espeak-ng is not installed")


@pytest.mark.parametrize("language", available())
def test_a_sentence_when_spoken_by_the_real_program_then_it_is_sound(language: str) -> None:
    assert ESPEAK is not None
    job = ESPEAK.start("Green Card 23,50", language)
    assert job is not None
    until_s = time.monotonic() + LIMIT_S
    while (sound := job.look()) is None and time.monotonic() < until_s:
        time.sleep(0.005)  # noqa: TID251 - the frames of a kiosk, which has no loop
    assert sound, f"nothing was said in {language}"
    with wave.open(io.BytesIO(sound)) as spoken:
        assert spoken.getnframes() / spoken.getframerate() > 0.5
        assert any(spoken.readframes(spoken.getnframes())), "silence"
