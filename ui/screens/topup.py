"""Money onto a Green Card, and vouchers: amount, way, waiting, done."""

from chargepoint.contract import Button
from ui.buttons import label_of, style_of
from ui.frame import Frame
from ui.layout import Rect
from ui.screens.keypad import Entry, compose_keypad
from ui.text import countdown
from ui.theme import LABEL_CAP_MM, Face, Role
from ui.view import Box, Picture, Run, Words
from ui.widgets import TINT_OF, Banner, Message, compose_message, scene_with_note

AMOUNTS = ("topup_10", "topup_20", "topup_50", "topup_other")
WAYS = ("topup_card", "topup_cash", "voucher")
_VOUCHER_LENGTH = 8
_COLUMNS_DOWN = {4: 2}  # on a panel on end, tiles stand below one another, unless there are four
_BOUNDS = {"below": "min_minor", "above": "max_minor"}


def compose_choice(
    frame: Frame, title: str, names: tuple[str, ...], *, digits: bool, under: str = ""
) -> None:
    """A question over tiles of equal weight, and what else to know before the answer."""
    head, room = frame.body.cut_top(frame.pick(70, 90), frame.pick(8, 12))
    frame.title(head, title, size=frame.pick(52, 60), lines=1)
    if under:
        line, room = room.cut_top(frame.pick(38, 46), frame.pick(8, 12))
        frame.words(line, under, frame.pick(28, 34))
    offered = [button for name in names if (button := frame.offered(name))]
    if not offered:
        return
    columns = _COLUMNS_DOWN.get(len(offered), 1) if frame.portrait else len(offered)
    rows = -(-len(offered) // columns)
    if frame.portrait and frame.low:
        room = frame.sunk(room, rows + 2, "topup")
    strips = room.rows([1] * rows, frame.gap)
    for place, button in enumerate(offered):
        rect = strips[place // columns].columns([1] * columns, frame.gap)[place % columns]
        _tile(frame, button, rect, digits=digits)


def _tile(frame: Frame, button: Button, rect: Rect, *, digits: bool) -> None:
    style = style_of(button.id)
    role = style.role if button.enabled else Role.SECONDARY
    border = role if button.enabled else Role.LINE
    frame.add(Box(rect, TINT_OF[role], border, frame.px(5), frame.px(22)))
    room = rect.inset(frame.pick(14, 22), frame.pick(14, 24))
    sign, word = room.rows([1.4, 1.0], frame.px(6))
    side = min(sign.w, sign.h, frame.pick(116, 170))
    frame.add(Picture(sign.centred(side, side), style.picture, "" if button.enabled else "no"))
    label = label_of(frame, button.id)
    number = digits and any(letter.isdigit() for letter in label)
    face = Face.DIGITS if number else Face.BOLD
    size = frame.pick(56, 68) if number else frame.pick(38, 48)
    ink = Role.TEXT if button.enabled else Role.SECONDARY
    floor = frame.floor(LABEL_CAP_MM, face)
    reason = frame.reason(button)
    if reason:
        why, word = word.cut_bottom(frame.pick(34, 42))
        frame.words(why, reason, frame.pick(26, 32), align="centre")
    frame.add(Words(word, label, size, floor, face, ink, "centre", "middle", 2))
    frame.control(button, rect, label, picture=style.picture)


def compose_amount(frame: Frame) -> None:
    under = _limits(frame)
    compose_choice(frame, frame.text("top_amt.title"), AMOUNTS, digits=True, under=under)


def _limits(frame: Frame) -> str:
    """From which amount to which a card is topped up here."""
    least, most = frame.snapshot.param("min_minor"), frame.snapshot.param("max_minor")
    if not most:
        return ""
    short = frame.text.money_short
    return frame.text(
        "top_amt.limits", least=short(least, frame.currency), most=short(most, frame.currency)
    )


def compose_way(frame: Frame) -> None:
    amount = frame.snapshot.param("amount_minor")
    text = frame.text
    title = text("top_how.title")
    if amount:
        title = text("top_how.title_of", amount=text.money_short(amount, frame.currency))
    compose_choice(frame, title, WAYS, digits=False, under="" if amount else _limits(frame))


def compose_other(frame: Frame) -> None:
    """The amount that a bank card shall pay, as it is typed, and what it may be."""
    text, shot = frame.text, frame.snapshot
    hint, ink = _limits(frame), Role.SECONDARY
    reason = str(shot.params.get("reason") or "")
    if reason in _BOUNDS:
        bound = text.money_short(shot.param(_BOUNDS[reason]), frame.currency)
        hint, ink = text(f"top_other.{reason}", amount=bound), Role.STOP
    elif reason:
        hint, ink = text.or_else(f"reason.{reason}", "reason.unavailable"), Role.STOP
    shown = text.money(shot.param("amount_minor"), frame.currency)
    compose_keypad(frame, Entry(text("top_other.title"), hint, ink, shown=shown))


def compose_top_wait(frame: Frame) -> None:
    text = frame.text
    compose_message(
        frame,
        Message(text("top_wait.title"), text("top_wait.body"), picture="greencard", badge="clock"),
    )


def compose_top_done(frame: Frame) -> None:
    """The new balance, or what will be added once there is a network again."""
    text, shot = frame.text, frame.snapshot
    added = text.money(shot.param("amount_minor"), frame.currency)
    balance = shot.params.get("balance_minor")
    number = str(shot.params.get("number") or "")
    if shot.params.get("refused"):
        _compose_refused(frame, added)
        return
    known = isinstance(balance, int) and balance >= 0 and not shot.params.get("queued")
    if known and isinstance(balance, int):
        shown, title = text.money(balance, frame.currency), text("top_done.title")
        note = Banner(text("top_done.added", amount=added), "ok", Role.GO)
    else:
        shown, title = added, text("top_done.title_queued")
        note = Banner(text("top_done.queued"), "network", Role.SECONDARY)
    compose_message(
        frame,
        Message(
            title,
            picture="greencard",
            badge="ok",
            role=Role.GO,
            figure=(Run(shown, ink=Role.GO),),
            banners=(note,),
            small_print=text("receipt.number", number=number) if number else "",
            qr=str(shot.params.get("qr") or ""),
        ),
    )


def _compose_refused(frame: Frame, added: str) -> None:
    """Money is in and the card will not have it: who helps, and what to tell them."""
    text = frame.text
    phone = frame.snapshot.station.phone
    compose_message(
        frame,
        Message(
            text("top_done.title_refused"),
            text("top_done.refused", amount=added),
            picture="greencard",
            badge="warn",
            role=Role.STOP,
            banners=(Banner(phone, "phone", Role.GO, Face.DIGITS),) if phone else (),
        ),
    )


def compose_load(frame: Frame) -> None:
    """The change goes onto the card that is tapped now."""
    text = frame.text
    amount = text.money(frame.snapshot.param("amount_minor"), frame.currency)
    note = Banner(text("gc_load.body", amount=amount), "topup", Role.GO)
    scene_with_note(frame, text("gc_tap.title"), "tap", note)


def compose_voucher(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    reason = str(shot.params.get("reason") or "")
    recovered = shot.param("recovered_minor")
    if locked := shot.param("locked_s"):
        words, ink = text("stop_auth.locked", time=countdown(locked)), Role.STOP
    elif reason:
        words, ink = text.or_else(f"voucher_in.{reason}", "voucher_in.unknown"), Role.STOP
    elif shot.param("wrong") > 0:
        words, ink = text("voucher_in.unknown"), Role.STOP
    else:
        online = shot.params.get("online") is not False
        words, ink = text("voucher_in.where" if online else "voucher_in.here"), Role.SECONDARY
    title = text("voucher_in.title")
    if recovered:
        title = text("voucher_in.recovered", amount=text.money(recovered, frame.currency))
        words = text("voucher_in.stop_code") if ink is Role.SECONDARY else words
    length = shot.param("length") or _VOUCHER_LENGTH
    compose_keypad(frame, Entry(title, words, ink, shot.param("typed"), length))
