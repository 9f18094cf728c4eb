"""Before a journey: the price, and how to begin."""

from ui.frame import Frame
from ui.layout import Rect
from ui.theme import Role
from ui.view import Run
from ui.widgets import (
    Banner,
    Message,
    banner,
    coming_line,
    compose_message,
    halves,
    operator_note,
    price_line,
    price_lines,
    scene_card,
    scene_with_note,
)

_EXAMPLE_WH = 20_000
_MOST_BESIDE_HINT = 4  # lines of price, when a hint still has its place under them


_TROUBLE_LETTERS = 90


def compose_boot(frame: Frame) -> None:
    """Also shown while the core is silent: no price, nothing to press."""
    text = frame.text
    room = frame.card(frame.body)
    group = room.centred(room.w, min(room.h, frame.pick(400, 620)))
    sign, head, body = group.rows([2.6, 1.0, 0.8], frame.pick(8, 16))
    side = min(sign.h, frame.pick(200, 280))
    frame.picture(sign.centred(side, side), "brand")
    frame.title(head, text("boot.title"), size=frame.pick(60, 72), align="centre", lines=1)
    trouble = frame.snapshot.params.get("trouble")
    if isinstance(trouble, str) and trouble:  # for a technician, in the words of the log
        words = text("boot.trouble", detail=trouble[:_TROUBLE_LETTERS])
        frame.words(body, words, frame.pick(26, 32), align="centre", lines=3)
        return
    frame.words(body, text("boot.body"), frame.pick(32, 38), align="centre", lines=2)


def compose_home(frame: Frame) -> None:
    shot, text = frame.snapshot, frame.text
    note: Banner | None
    if shot.params.get("free") is False:
        title, kind = text("home.title_taken"), "connected"
        note = Banner(text("home.use_other"), "plug", Role.DO)
    elif shot.params.get("plugged"):
        title, kind = text("home.title_plugged"), "connected"
        note = Banner(text("home.pay_now"), "ok", Role.GO)
    else:
        title, kind, note = text("home.title"), "connect", _note_of_free(frame)
    left, right = halves(frame, 0.62, 0.46 if _is_full(frame) else 0.55)
    scene_card(frame, left, title, kind, note)
    _price_card(frame, right)


def _note_of_free(frame: Frame) -> Banner | None:
    """The one thing to know before plugging in: somebody else's time comes first."""
    shot, text = frame.snapshot, frame.text
    if shot.params.get("free_until"):
        return Banner(free_until(frame), "calendar", Role.CASH)
    if said := operator_note(frame):  # means of payment are told again where one is chosen
        return said
    if shot.params.get("coins_ok") is False:
        return Banner(text("home.no_coins"), "greencard", Role.CASH)
    if shot.params.get("change_ok") is False:
        return Banner(text("home.no_change"), "coin", Role.CASH)
    return None


def free_until(frame: Frame) -> str:
    """Until when the connector is nobody else's, and how much it gives until then."""
    shot, text = frame.snapshot, frame.text
    time, energy = shot.params["free_until"], shot.param("free_wh")
    if not energy:
        return text("home.free_until", time=time)
    return text("home.free_until_kwh", time=time, energy=text.kilo_short(energy))


def _is_full(frame: Frame) -> bool:
    """The prices need the whole card: no hint and no example beside them."""
    return len(price_lines(frame)) + 2 * bool(coming_line(frame)) > _MOST_BESIDE_HINT


def _price_card(frame: Frame, rect: Rect) -> None:
    text = frame.text
    frame.card(rect)
    room = rect.inset(frame.pick(18, 26), frame.pick(10, 16))
    head, room = room.cut_top(frame.pick(34, 40), frame.pick(2, 4))
    frame.words(head, text("price.title"), frame.pick(26, 30))
    frame.words(head, text("price.vat"), frame.pick(26, 30), align="right")
    is_full = _is_full(frame)
    hint = None if is_full else _hint(frame)
    low = rect.inset(frame.px(9)).cut_bottom(frame.pick(62, 72))[0]
    if hint is not None:
        room = Rect(room.x, room.y, room.w, low.y - frame.px(6) - room.y)
    example = room
    if frame.portrait and not is_full:
        example, room = room.cut_right(frame.px(220), frame.px(16))
    _prices(frame, room)
    if frame.portrait and not is_full:
        _example(frame, example)
    if hint is not None:
        banner(frame, low, hint, size=frame.pick(26, 34))


def _prices(frame: Frame, room: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    lines, coming = price_lines(frame), coming_line(frame)
    if coming:
        high = frame.pick(54, 76)
        low, room = room.cut_bottom(high, frame.px(4))
        frame.words(low, coming, frame.pick(26, 33), lines=2, ink=Role.DO)
    places = room.rows([1.9, *([1.0] * len(lines))], frame.pick(4, 6))
    icon = min(frame.pick(48, 62), places[0].h)
    sign, figure = places[0].cut_left(icon, frame.pick(14, 18))
    frame.picture(sign.centred(icon, icon), "energy")
    runs = (
        Run(text.price(shot.param("price_energy"), frame.currency)),
        Run(" " + text("price.per_kwh"), 0.42, ink=Role.SECONDARY),
    )
    frame.figure(figure, runs, frame.pick(76, 92))
    for line, place in zip(lines, places[1:], strict=True):
        price_line(frame, place, line, frame.pick(26, 33))


def _hint(frame: Frame) -> Banner | None:
    """What a Green Card gains here: the lower price if there is one, else the standing rule."""
    shot, text = frame.snapshot, frame.text
    if price := shot.param("price_card"):
        amount = text.price(price, frame.currency) + text("price.per_kwh")
        return Banner(text("home.gc_price", price=amount), "greencard")
    key = shot.params.get("gc_hint")
    if not isinstance(key, str) or not key:
        return None
    words = text(
        key if text.has(key) else "hint.greencard",
        every=shot.param("gc_every"),
        percent=shot.param("gc_percent"),
    )
    return Banner(words, "greencard")


def _example(frame: Frame, rect: Rect) -> None:
    """What a usual charge costs: a rate alone says little."""
    shot, text = frame.snapshot, frame.text
    milli = shot.param("price_energy") * (_EXAMPLE_WH // 1000)
    total = (2 * milli + 1000) // 2000 + shot.param("price_session_minor")
    room = frame.card(rect.inset(0, frame.px(4)), fill=Role.DO_TINT, border=None)
    top, middle, bottom = room.rows([1, 0.8, 1], frame.px(2))
    frame.picture(top, "battery")
    energy = text("unit.kwh", value=text.kilo_short(_EXAMPLE_WH))
    frame.words(middle, energy, frame.px(34), align="centre")
    runs = (Run("= " + text.money(total, frame.currency), ink=Role.DO),)
    frame.figure(bottom, runs, frame.px(42), align="centre")


def compose_check(frame: Frame) -> None:
    text = frame.text
    note = Banner(text("check.body"), "hourglass", Role.DO)
    scene_with_note(frame, text("check.title"), "connected", note)


def compose_plug_err(frame: Frame) -> None:
    text = frame.text
    tries = frame.snapshot.param("tries")
    banners = (
        Banner(text("plug_err.first"), "unplug", Role.DO),
        Banner(text("plug_err.second"), "cablecar", Role.DO),
    )
    compose_message(
        frame,
        Message(
            text("plug_err.title"),
            picture="cablecar",
            badge="no",
            role=Role.STOP,
            banners=banners,
            small_print=text("plug_err.tries", tries=tries) if tries else "",
        ),
    )


def compose_res_none(frame: Frame) -> None:
    text = frame.text
    compose_message(
        frame,
        Message(text("res_none.title"), text("res_none.body"), picture="calendar", badge="no"),
    )
