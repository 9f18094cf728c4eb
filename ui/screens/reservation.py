"""A connector that is kept for somebody, and how that somebody proves it: a card or six digits."""

from ui.frame import Frame
from ui.screens.keypad import Entry, compose_keypad
from ui.text import countdown
from ui.theme import Role
from ui.widgets import Banner, Message, compose_message


def compose_home_reserved(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    other, until = str(shot.params.get("other") or ""), str(shot.params.get("until") or "")
    banners = [Banner(text("home_reserved.how"), "card", Role.DO)]
    if other:
        banners.append(Banner(text("home_reserved.other", connector=other), "plug", Role.GO))
    title = text("home_reserved.until", time=until) if until else text("home_reserved.title")
    compose_message(
        frame,
        Message(title, picture="calendar", role=Role.CASH, banners=tuple(banners)),
    )


def compose_res_id(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    hint, ink = text("res_id.hint"), Role.SECONDARY
    if locked := shot.param("locked_s"):
        hint, ink = text("res_id.locked", time=countdown(locked)), Role.STOP
    length = shot.param("length")
    compose_keypad(frame, Entry(text("res_id.title"), hint, ink, shot.param("typed"), length))


def compose_res_ok(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    connector = str(shot.params.get("connector") or "")
    key = "res_ok.plugged" if shot.params.get("plugged") else "res_ok.plug"
    banners: tuple[Banner, ...] = (Banner(text(key), "cablecar", Role.DO),)
    if connector:
        place = Banner(text("res_ok.connector", connector=connector), "plug", Role.GO)
        banners = (place, *banners)
    compose_message(
        frame,
        Message(
            text("res_ok.title"), picture="calendar", badge="ok", role=Role.GO, banners=banners
        ),
    )


def compose_res_no(frame: Frame) -> None:
    text = frame.text
    key = "res_no.free" if frame.snapshot.params.get("free") else "res_no.taken"
    compose_message(
        frame,
        Message(text("res_no.title"), text(key), picture="calendar", badge="no", role=Role.STOP),
    )
