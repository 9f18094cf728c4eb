"""What is said, to whom, and what is kept for one pair of ears."""

from dataclasses import replace

import pytest

from chargepoint.contract import Access, Snapshot
from ui.app import Kiosk
from ui.samples import ALL, SCREENS
from ui.speech.narrator import ERRORS
from ui.speech.privacy import secrets_of
from ui.speech.voice import Captions, Channel
from ui.text import Catalogues

ALOUD = Access(voice=True)
IN_THE_EAR = Access(voice=True, jack=True)


class Listener:
    """A kiosk and whoever hears it; each snapshot comes a second after the one before."""

    def __init__(self, access: Access = ALOUD) -> None:
        self.voice = Captions()
        self.kiosk = Kiosk((1024, 600), voice=self.voice)
        self._access = access
        self._now_s = 0.0
        self._heard = 0
        self._shown = 0

    def show(self, shot: Snapshot) -> list[str]:
        self._now_s += 1.0
        self._shown += 1
        self.kiosk.show(replace(shot, access=self._access, sequence=self._shown), self._now_s)
        return self.news()

    def key(self, key: str) -> list[str]:
        self._now_s += 1.0
        self.kiosk.key(key, self._now_s)
        return self.news()

    def news(self) -> list[str]:
        said = list(self.voice.said)[self._heard :]
        self._heard = len(self.voice.said)
        return [each.text for each in said]


def test_screen_is_told_title_first_then_the_options_with_their_numbers() -> None:
    told = Listener().show(SCREENS["pay"])
    assert told[1] == "¿Cómo quiere pagar?"
    numbered = [each for each in told if each[:2] in ("1:", "2:", "3:")]
    assert numbered == ["1: Tarjeta bancaria", "2: Efectivo", "3: Green Card"]


def test_nobody_who_did_not_ask_is_spoken_to_unless_it_is_an_error() -> None:
    for name, shot in SCREENS.items():
        told = Listener(Access()).show(shot)
        assert bool(told) is (shot.screen in ERRORS), name


@pytest.mark.parametrize("name", ALL)
def test_every_screen_has_something_to_say_and_no_key_without_words(name: str) -> None:
    if ALL[name].screen.startswith("t_") and name != "t_speech":
        assert not Listener().show(ALL[name])[1:]  # technicians read
        return
    told = Listener().show(ALL[name])
    assert len(told) >= 2
    assert not any("speech." in each or "{" in each for each in told)


@pytest.mark.parametrize("name", ALL)
def test_nothing_private_leaves_the_loudspeaker_unasked(name: str) -> None:
    listener = Listener()
    shot = ALL[name]
    told = listener.show(shot)
    secrets = secrets_of(shot, Catalogues().text("es"))
    labels = {control.label for control in listener.kiosk.view().controls}
    spoken = [each for each in told if each.split(": ", 1)[-1] not in labels]
    assert not [each for each in spoken if any(secret in each for secret in secrets)]


def test_code_is_said_in_the_ear_at_once() -> None:
    told = Listener(IN_THE_EAR).show(SCREENS["code"])
    assert "4 8 2 7" in told
    assert not any("nadie" in each for each in told)


def test_code_is_said_aloud_only_after_ok_when_nobody_listens_and_again_as_often_as_wanted() -> (
    None
):
    listener = Listener()
    told = listener.show(SCREENS["code"])
    assert "4 8 2 7" not in told
    assert any("cuando nadie escuche" in each for each in told)
    assert "4 8 2 7" in listener.key("ok")
    listener.key("next")
    listener.key("prev")


def test_code_that_comes_after_its_screen_is_announced_too() -> None:
    listener = Listener()
    listener.show(replace(SCREENS["code"], params={**SCREENS["code"].params, "code": ""}))
    told = listener.show(SCREENS["code"])
    assert any("cuando nadie escuche" in each for each in told)
    ear = Listener(IN_THE_EAR)
    ear.show(replace(SCREENS["code"], params={**SCREENS["code"].params, "code": ""}))
    assert "4 8 2 7" in ear.show(SCREENS["code"])


def test_permission_is_for_one_screen() -> None:
    listener = Listener()
    listener.show(SCREENS["code"])
    listener.key("ok")
    told = listener.show(replace(SCREENS["receipt"], screen_seq=2))
    assert not any("6,12" in each for each in told)


def test_coins_are_told_as_they_fall() -> None:
    listener = Listener()
    shot = SCREENS["cash_in"]
    listener.show(shot)
    told = listener.show(replace(shot, params={**shot.params, "credit_minor": 1_700}))
    assert told == ["2,00 €. En total, 17,00 €"]


def test_digits_are_counted_and_never_named_after_they_are_typed() -> None:
    listener = Listener()
    shot = replace(SCREENS["stop_auth"], params={**SCREENS["stop_auth"].params, "typed": 1})
    listener.show(shot)
    told = listener.show(replace(shot, params={**shot.params, "typed": 2}))
    assert told == ["2 de 4 cifras"]
    assert listener.show(replace(shot, params={**shot.params, "typed": 0, "wrong": 1}))[-1] == (
        "Código equivocado. Inténtelo otra vez."
    )


def test_numbers_that_run_are_not_told_again_and_again() -> None:
    listener = Listener()
    shot = SCREENS["charging"]
    listener.show(shot)
    for wh in range(12_481, 12_490):
        assert listener.show(replace(shot, params={**shot.params, "energy_wh": wh})) == []


def test_focus_tells_the_option_and_why_it_cannot_be_chosen() -> None:
    listener = Listener()
    listener.show(ALL["pay_two"])
    assert listener.key("next") == [
        "1: Tarjeta bancaria, no disponible. Aquí no disponible",
    ]
    assert listener.key("prev") == ["¿Cómo quiere pagar?"]


def test_a_finger_ends_all_speech() -> None:
    listener = Listener()
    listener.show(SCREENS["home"])
    before = listener.voice.hushed
    listener.kiosk.tap_at(5, 5, 9.0)
    assert listener.voice.hushed == before + 1


def test_voice_speaks_the_language_of_the_screen() -> None:
    listener = Listener()
    listener.show(replace(SCREENS["home"], language="en"))
    assert {each.language for each in listener.voice.said} == {"en"}
    assert {each.channel for each in listener.voice.said} == {Channel.SPEAKER}


def test_slots_are_told_where_the_layout_of_the_site_knows_them() -> None:
    station = replace(
        SCREENS["cash_in"].station, places={"coin_slot": [10, 0], "note_slot": [-5, 20]}
    )
    told = Listener().show(replace(SCREENS["cash_in"], station=station))
    assert "Ranura de monedas: 10 centímetros a la derecha de las teclas" in told
    assert (
        "Ranura de billetes: 5 centímetros a la izquierda de las teclas,"
        " 20 centímetros por encima de las teclas" in told
    )


def test_idle_station_ticks_by_day_until_somebody_is_there() -> None:
    voice = Captions()
    kiosk = Kiosk((1024, 600), voice=voice)
    kiosk.show(replace(SCREENS["home"], access=Access(locator_s=10)), 0.0)
    for second in range(21):
        kiosk.refresh(float(second))
    assert list(voice.tones) == ["locator"] * 3
    kiosk.key("next", 21.0)
    kiosk.refresh(40.0)
    assert list(voice.tones) == ["locator"] * 3
    kiosk.show(replace(SCREENS["pay"], screen_seq=2, access=Access(locator_s=10)), 60.0)
    kiosk.refresh(90.0)
    assert list(voice.tones) == ["locator"] * 3


def test_sounds_of_the_core_are_played_once() -> None:
    voice = Captions()
    kiosk = Kiosk((1024, 600), voice=voice)
    kiosk.show(replace(SCREENS["pay"], earcon="ok"), 0.0)
    kiosk.press("cancel", 1.0)
    assert list(voice.tones) == ["ok", "tap"]


def test_accent_of_a_borrowed_voice_is_explained_once() -> None:
    listener = Listener()
    galician = replace(SCREENS["home"], language="gl")
    notice = Catalogues().text("gl")("speech.borrowed")
    assert listener.show(SCREENS["home"]).count(notice) == 0
    assert listener.show(galician).count(notice) == 1
    assert listener.show(replace(SCREENS["pay"], language="gl")).count(notice) == 0


def test_word_that_voice_is_on_is_not_silenced_by_the_screen_that_follows() -> None:
    class Last(Captions):
        """Keeps what was not hushed."""

        def hush(self) -> None:
            super().hush()
            self.said.clear()

    voice = Last()
    kiosk = Kiosk((1024, 600), voice=voice)
    kiosk.show(SCREENS["home"], 0.0)
    kiosk.show(replace(SCREENS["home"], access=ALOUD, sequence=2), 1.0)
    said = [each.text for each in voice.said]
    assert said[0].startswith("Voz activada")
    assert said[1] == "Conecte el cable a su coche"
