"""The bank card at the terminal: tap, wait, accepted, declined."""

from ui.frame import Frame
from ui.theme import Role
from ui.view import Run
from ui.widgets import Banner, Message, compose_message, scene_with_note

_PROMPT_PICTURES = {"enter_pin": "keypad", "watch_terminal": "keypad"}


def _amount(frame: Frame) -> str:
    return frame.text.money_short(frame.snapshot.param("amount_minor"), frame.currency)


def _is_sale(frame: Frame) -> bool:
    return frame.snapshot.params.get("purpose") == "sale"


def compose_card_tap(frame: Frame) -> None:
    """The amount is told before the card is out of the pocket."""
    text = frame.text
    key = "card_tap.sale" if _is_sale(frame) else "card_tap.hold"
    note = Banner(text(key, amount=_amount(frame)), "card", Role.DO)
    scene_with_note(frame, text("card_tap.title"), "tap_bank", note)


def compose_card_wait(frame: Frame) -> None:
    text = frame.text
    prompt = str(frame.snapshot.params.get("prompt") or "wait")
    words = frame.snapshot.params.get("text")
    picture = _PROMPT_PICTURES.get(prompt, "card")
    compose_message(
        frame,
        Message(
            text.or_else(f"card_wait.{prompt}", "card_wait.wait"),
            text("card_wait.body"),
            picture=picture,
            badge="clock",
            role=Role.DO,
            banners=(Banner(str(words), "keypad", Role.DO),) if words else (),
        ),
    )


def compose_card_remove(frame: Frame) -> None:
    text = frame.text
    message = Message(
        text("card_wait.remove_card"),
        text("card_wait.body"),
        picture="card_out",
        role=Role.CASH,
    )
    compose_message(frame, message)


def compose_card_ok(frame: Frame) -> None:
    text = frame.text
    body = text("card_ok.sale" if _is_sale(frame) else "card_ok.hold")
    compose_message(
        frame,
        Message(
            text("card_ok.title"),
            body,
            picture="card",
            badge="ok",
            role=Role.GO,
            figure=(Run(_amount(frame), ink=Role.GO),),
        ),
    )


def compose_card_no(frame: Frame) -> None:
    text = frame.text
    reason = str(frame.snapshot.params.get("reason") or "")
    compose_message(
        frame,
        Message(
            text("card_no.title"),
            text.or_else(f"card_no.{reason}", "card_no.declined"),
            picture="card",
            badge="no",
            role=Role.STOP,
            banners=(Banner(text("money.not_charged"), "ok", Role.GO),),
        ),
    )
