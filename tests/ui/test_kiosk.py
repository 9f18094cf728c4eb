"""The kiosk in process, as the simulator and the bench drive it."""

from dataclasses import replace

import pytest

from chargepoint.contract import Button, Snapshot
from ui.app import Kiosk
from ui.catalogue import available
from ui.samples import ALL, SCREENS, VARIANTS
from ui.text import AUTONYMS

SIZES = [(1024, 600), (800, 1280)]


def _showing(name: str, size: tuple[int, int] = (1024, 600), **changes: object) -> Kiosk:
    kiosk = Kiosk(size)
    kiosk.show(replace(ALL[name], **changes), 0.0)
    return kiosk


def _watched(shot: Snapshot, now_s: float = 0.0) -> Kiosk:
    kiosk = Kiosk((1024, 600), watch_core=True)
    kiosk.show(shot, now_s)
    return kiosk


def test_tree_has_the_shape_of_the_bench() -> None:
    tree = _showing("home").tree()
    assert {"id", "title", "texts", "language", "buttons", "focus", "picture"} <= set(tree)
    assert (tree["id"], tree["language"]) == ("home", "es")
    assert tree["title"] == "Conecte el cable a su coche"
    button = tree["buttons"][0]
    assert {"id", "label", "enabled", "px", "mm", "order", "focused", "reason"} == set(button)
    assert (button["id"], button["label"], button["enabled"]) == ("greencard", "Green Card", True)
    assert len(button["px"]) == len(button["mm"]) == 4


def test_before_the_first_snapshot_the_screen_is_boot_without_a_price() -> None:
    tree = Kiosk((1024, 600)).tree()
    assert tree["id"] == "boot"
    assert tree["buttons"] == []
    assert not any("€" in text for text in tree["texts"])


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", ALL)
def test_every_offered_enabled_button_can_be_pressed(name: str, size: tuple[int, int]) -> None:
    kiosk = _showing(name, size)
    for button in ALL[name].buttons:
        intent = kiosk.press(button.id, 1.0)
        assert (intent is not None) is button.enabled, button.id
        assert intent is None or (intent.id, intent.screen_seq) == (button.id, 1)


def test_press_of_what_is_not_on_the_screen_is_nothing() -> None:
    assert _showing("home").press("stop", 1.0) is None


def test_intents_are_numbered_and_carry_the_session_and_the_seen_screen() -> None:
    kiosk = _showing("charging", session="S-1", screen_seq=7)
    first, second = kiosk.press("stop", 1.0), kiosk.press("stop", 2.0)
    assert first is not None
    assert second is not None
    assert (first.session, first.screen_seq) == ("S-1", 7)
    assert (first.number, second.number) == (1, 2)


def test_numbers_may_change_without_a_new_dead_time() -> None:
    kiosk = _showing("charging")
    shot = replace(SCREENS["charging"], sequence=2, params={"energy_wh": 12_500})
    kiosk.show(shot, 5.0)
    assert kiosk.accepts_touch(5.0)
    assert "12,50 kWh" in kiosk.tree()["texts"]


def test_price_parts_come_in_the_order_of_the_law() -> None:
    for name in ("home", "pay"):
        texts = _showing(name).tree()["texts"]
        energy = next(place for place, text in enumerate(texts) if "/kWh" in text)
        idle = next(place for place, text in enumerate(texts) if "/min" in text)
        session = next(place for place, text in enumerate(texts) if "por carga" in text)
        assert energy < idle < session, name


def test_price_parts_that_are_zero_are_left_out() -> None:
    params = {**SCREENS["home"].params, "price_idle": 0, "price_session_minor": 0}
    texts = _showing("home", params=params).tree()["texts"]
    assert not any("/min" in text or "por carga" in text for text in texts)


def test_disabled_way_to_pay_stays_visible_and_says_why() -> None:
    kiosk = _showing("pay_two")
    card = next(item for item in kiosk.tree()["buttons"] if item["id"] == "pay_card")
    assert card["enabled"] is False
    assert "Aquí no disponible" in kiosk.tree()["texts"]


def test_tabs_are_buttons_only_where_the_core_offers_them() -> None:
    shown = {item["id"] for item in _showing("home_two").tree()["buttons"]}
    assert {"connector_1", "connector_2"} <= shown
    bare = replace(VARIANTS["home_two"], buttons=(Button("greencard"),))
    kiosk = Kiosk((1024, 600))
    kiosk.show(bare, 0.0)
    assert [item["id"] for item in kiosk.tree()["buttons"]] == ["greencard"]


def test_language_switch_changes_every_word() -> None:
    titles = {
        language: _showing("home", language=language).tree()["title"] for language in ("es", "en")
    }
    assert titles == {"es": "Conecte el cable a su coche", "en": "Connect cable to your car"}


def test_unknown_language_falls_back_without_failing() -> None:
    tree = _showing("home", language="../xx").tree()
    assert tree["language"] == "en"


def test_silent_core_takes_the_price_off_the_screen() -> None:
    kiosk = _watched(SCREENS["home"])
    kiosk.refresh(2.9)
    assert kiosk.tree()["id"] == "home"
    assert kiosk.refresh(3.0)
    assert kiosk.tree()["id"] == "boot"
    assert kiosk.press("greencard", 3.1) is None


def test_sign_of_life_keeps_the_screen() -> None:
    kiosk = _watched(SCREENS["home"])
    kiosk.heard(2.5)
    kiosk.refresh(4.0)
    assert kiosk.tree()["id"] == "home"


def test_screen_returns_with_the_next_snapshot() -> None:
    kiosk = _watched(SCREENS["home"])
    kiosk.refresh(60.0)
    kiosk.show(SCREENS["home"], 61.0)
    assert kiosk.tree()["id"] == "home"


def test_unanswered_touch_says_so_after_a_second_and_blocks_the_buttons() -> None:
    kiosk = _watched(SCREENS["home"])
    assert kiosk.press("greencard", 1.0) is not None
    kiosk.heard(1.9)
    assert not kiosk.refresh(1.99) or "Un momento…" not in kiosk.tree()["texts"]
    kiosk.refresh(2.0)
    assert "Un momento…" in kiosk.tree()["texts"]
    assert not any(item["enabled"] for item in kiosk.tree()["buttons"])


def test_answered_touch_never_shows_the_busy_sign() -> None:
    kiosk = _watched(SCREENS["home"])
    kiosk.press("greencard", 1.0)
    kiosk.show(replace(SCREENS["gc_tap"], screen_seq=2), 1.2)
    kiosk.refresh(2.5)
    assert "Un momento…" not in kiosk.tree()["texts"]


def test_touch_the_core_ignored_frees_the_screen_again() -> None:
    kiosk = _watched(SCREENS["home"])
    kiosk.press("greencard", 1.0)
    kiosk.heard(4.9)
    kiosk.refresh(5.0)
    assert kiosk.press("reservation", 5.0) is not None


def test_in_process_kiosk_shows_what_it_was_given_for_ever() -> None:
    kiosk = _showing("home")
    assert kiosk.press("greencard", 86_400.0) is not None
    assert kiosk.press("reservation", 86_500.0) is not None


def test_more_time_lies_over_the_screen_it_asks_about() -> None:
    kiosk = _showing("pay")
    kiosk.show(SCREENS["more_time"], 1.0)
    view = kiosk.view()
    assert {control.id for control in view.controls} == {"more_time", "cancel"}
    alone = _showing("more_time").view()
    assert len(view.items) > len(alone.items)


def test_keypad_has_all_keys_and_says_how_many_digits_are_typed() -> None:
    tree = _showing("stop_auth").tree()
    keys = {item["id"] for item in tree["buttons"]}
    assert {*(f"key_{n}" for n in range(10)), "key_ok", "key_clear", "back"} <= keys
    assert "2 de 4 cifras" in tree["texts"]


def test_account_offline_shows_no_balance() -> None:
    texts = _showing("gc_ok_offline").tree()["texts"]
    assert "Saldo" not in texts
    assert "20,00\u00a0€" in texts


def test_account_shows_all_the_card_gives() -> None:
    texts = _showing("gc_ok").tree()["texts"]
    for said in ("23,50\u00a0€", "Plan prepago", "0,41\u00a0€ /kWh", "\u221210 %", "500 puntos"):
        assert said in texts
    assert "Descuento en 3 cargas" in texts


def test_cash_shows_what_the_slot_takes() -> None:
    texts = _showing("cash_in").tree()["texts"]
    assert "0,10\u00a0€" in texts
    assert "20,00\u00a0€" in texts


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_png_is_a_picture_of_the_panel(size: tuple[int, int]) -> None:
    picture = _showing("home", size).png()
    assert picture.startswith(b"\x89PNG")
    assert int.from_bytes(picture[16:20]) == size[0]
    assert int.from_bytes(picture[20:24]) == size[1]


def test_same_snapshot_gives_the_same_pixels() -> None:
    assert _showing("charging").png() == _showing("charging").png()


def test_only_a_running_charge_moves_and_not_in_easy_mode() -> None:
    assert _showing("charging").moves
    assert not _showing("home").moves
    assert not _showing("charging", easy=True).moves


def test_every_language_can_be_chosen_by_its_own_name() -> None:
    labels = [item["label"] for item in _showing("lang").tree()["buttons"]]
    assert labels[:-1] == list(AUTONYMS.values())
    assert set(available()) == set(AUTONYMS)
