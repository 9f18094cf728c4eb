"""Sound: recorded or made, on the right socket, and what happens on a machine that has none."""

import struct
import sys
from pathlib import Path

import pygame
import pytest

from ui.speech.loud import LoudVoice, Outputs
from ui.speech.mixer import SdlMixer
from ui.speech.synthesis import Espeak, found, whole_wav
from ui.speech.tones import RATE, samples
from ui.speech.voice import Channel, Manner, Phrase

SPEAKER = Manner("es")
JACK = Manner("es", Channel.JACK, 3)


class FakeMixer:
    def __init__(self, *, missing: tuple[str, ...] = ()) -> None:
        self.missing = missing
        self.device = ""
        self.played: list[tuple[str, bytes, int]] = []
        self.tones: list[str] = []
        self.playing = False

    def open(self, device: str) -> str:
        if device in self.missing:
            return f"{device}: no such device"
        self.device = device
        return ""

    def play(self, sound: bytes, volume: int) -> bool:
        self.played.append((self.device, sound, volume))
        self.playing = True
        return True

    def tone(self, name: str, volume: int) -> None:
        self.tones.append(name)

    def is_playing(self) -> bool:
        return self.playing

    def stop(self) -> None:
        self.playing = False


class FakeJob:
    def __init__(self, words: str) -> None:
        self._sound: list[bytes | None] = [None, words.encode()]
        self.stopped = False

    def look(self) -> bytes | None:
        return self._sound.pop(0)

    def stop(self) -> None:
        self.stopped = True


class FakeSynthesiser:
    def __init__(self) -> None:
        self.jobs: list[FakeJob] = []

    def start(self, words: str, language: str) -> FakeJob:
        self.jobs.append(FakeJob(f"{language}:{words}"))
        return self.jobs[-1]


def a_voice(tmp_path: Path, mixer: FakeMixer, **how: object) -> LoudVoice:
    made = {"synthesiser": FakeSynthesiser(), **how}
    return LoudVoice(
        mixer,
        made["synthesiser"],
        recordings=tmp_path,
        outputs=Outputs("speaker", "headphone"),
    )


def test_sentences_are_made_and_played_one_after_the_other(tmp_path: Path) -> None:
    mixer = FakeMixer()
    voice = a_voice(tmp_path, mixer)
    voice.say([Phrase("uno"), Phrase("dos")], SPEAKER)
    for _ in range(5):
        voice.poll()
    assert mixer.played == [("speaker", b"es:uno", 2)]
    mixer.playing = False
    for _ in range(5):
        voice.poll()
    assert [sound for _, sound, _ in mixer.played] == [b"es:uno", b"es:dos"]


def test_recorded_phrase_overrides_the_synthesiser(tmp_path: Path) -> None:
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "home.title.ogg").write_bytes(b"a human voice")
    mixer = FakeMixer()
    a_voice(tmp_path, mixer).say([Phrase("Conecte el cable a su coche", "home.title")], SPEAKER)
    assert mixer.played == [("speaker", b"a human voice", 2)]


def test_what_is_for_the_ear_never_falls_back_to_the_speaker(tmp_path: Path) -> None:
    mixer = FakeMixer(missing=("headphone",))
    voice = a_voice(tmp_path, mixer)
    voice.say([Phrase("4 8 2 7")], JACK)
    for _ in range(5):
        voice.poll()
    assert mixer.played == []
    assert [each.works for each in voice.abilities()] == [False, False]
    assert "headphone: no such device" in voice.abilities()[1].detail


def test_hush_ends_what_is_played_made_and_waiting(tmp_path: Path) -> None:
    mixer, synthesiser = FakeMixer(), FakeSynthesiser()
    voice = a_voice(tmp_path, mixer, synthesiser=synthesiser)
    voice.say([Phrase("uno"), Phrase("dos")], SPEAKER)
    voice.hush()
    for _ in range(5):
        voice.poll()
    assert synthesiser.jobs[0].stopped
    assert mixer.played == []


def test_without_synthesiser_and_recordings_voice_does_not_work_and_tones_do(
    tmp_path: Path,
) -> None:
    mixer = FakeMixer()
    voice = a_voice(tmp_path, mixer, synthesiser=None)
    speech, sound = voice.abilities()
    assert (speech.works, sound.works) == (False, True)
    assert "espeak-ng" in speech.detail
    voice.earcon("ok", 2)
    voice.say([Phrase("uno")], SPEAKER)
    assert mixer.tones == ["ok"]
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "home.title.ogg").write_bytes(b"x")
    assert voice.abilities()[0].works


def test_machine_without_a_sound_card_is_silent_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "no such driver")
    voice = LoudVoice(SdlMixer(), FakeSynthesiser(), recordings=tmp_path)
    voice.earcon("ok", 2)
    voice.say([Phrase("uno")], SPEAKER)
    for _ in range(4):
        voice.poll()
    voice.hush()
    assert [each.works for each in voice.abilities()] == [False, False]
    assert voice.abilities()[1].detail


def test_sound_card_takes_tones_and_whole_waves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    mixer = SdlMixer()
    assert mixer.open("") == ""
    mixer.tone("attention", 4)
    mixer.tone("unknown", 4)
    assert mixer.play(a_wave(samples("ok")), 1)
    assert not mixer.play(b"no sound at all", 1)
    mixer.stop()
    pygame.mixer.quit()


def a_wave(data: bytes, size: int | None = None) -> bytes:
    length = len(data) if size is None else size
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    head = b"RIFF" + struct.pack("<I", length + 36) + b"WAVE" + form
    return head + b"data" + struct.pack("<I", length) + data


def test_lengths_of_a_wave_from_a_pipe_are_put_right() -> None:
    data = samples("tap")
    assert whole_wav(a_wave(data, 0x7FFF0000)) == a_wave(data)
    assert whole_wav(b"") == b""
    assert whole_wav(b"an error message instead of a sound, longer than any header is") == b""


@pytest.mark.parametrize("name", ["tap", "ok", "error", "attention", "locator"])
def test_every_earcon_is_short_loud_enough_and_never_clips(name: str) -> None:
    wave = struct.unpack(f"<{len(samples(name)) // 2}h", samples(name))
    assert 0.03 < len(wave) / RATE < 0.6
    assert 4_000 < max(map(abs, wave)) <= 32_767 // 2 + 1
    assert wave[0] == 0


def waited(espeak: Espeak, words: str = "hola") -> bytes | None:
    job = espeak.start(words, "gl")
    if job is None:
        return None
    while (sound := job.look()) is None:
        pygame.time.wait(5)  # a frame
    return sound


def a_program(tmp_path: Path, body: str) -> Espeak:
    path = tmp_path / "espeak-ng"
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{body}\n")
    path.chmod(0o755)
    return Espeak(str(path))


def test_synthesiser_gets_words_as_words_and_its_sound_is_read(tmp_path: Path) -> None:
    heard = a_program(
        tmp_path,
        "sys.stdout.buffer.write(b'RIFF' + bytes(32) + b'data' + bytes(4) + sys.argv[-1].encode())",
    )
    sound = waited(heard, "-v; rm")
    assert sound is not None
    assert sound.endswith(b"-v; rm")


def test_synthesiser_that_fails_or_is_not_there_is_no_sound(tmp_path: Path) -> None:
    assert waited(a_program(tmp_path, "sys.exit(3)")) == b""
    assert Espeak(str(tmp_path / "nowhere")).start("hola", "es") is None


def test_synthesiser_that_hangs_is_ended(tmp_path: Path) -> None:
    job = a_program(tmp_path, "time.sleep(600)").start("hola", "es")
    assert job is not None
    for _ in range(301):
        sound = job.look()
    assert sound == b""


def test_machine_without_the_program_has_no_synthesiser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert found() is None


def test_recordings_may_be_wav_and_give_galician_a_voice_of_its_own(tmp_path: Path) -> None:
    mixer = FakeMixer()
    voice = a_voice(tmp_path, mixer)
    assert voice.is_borrowed("gl")
    assert not voice.is_borrowed("es")
    (tmp_path / "gl").mkdir()
    (tmp_path / "gl" / "home.title.wav").write_bytes(b"a Galician voice")
    assert not voice.is_borrowed("gl")
    voice.say([Phrase("Conecte o cable ao seu coche", "home.title")], Manner("gl"))
    assert mixer.played == [("speaker", b"a Galician voice", 2)]
