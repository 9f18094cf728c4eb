"""How the driver wants to be served: each choice a large button with its present position."""

from chargepoint.contract import Button
from ui.buttons import label_of
from ui.frame import Frame
from ui.layout import Rect
from ui.theme import Role
from ui.view import Box, Words

_ORDER = ("easy_toggle", "contrast_toggle", "slow_toggle", "low_toggle", "voice", "volume")
CHOICES = frozenset(_ORDER)


def compose_access(frame: Frame) -> None:
    body = frame.body
    head, body = body.cut_top(frame.pick(74, 110), frame.gap)
    place, head = head.cut_left(head.h, frame.pick(18, 20))
    frame.picture(place, "access")
    frame.title(head, frame.text("access.title"), size=frame.pick(50, 62), lines=1)
    buttons = [button for name in _ORDER if (button := frame.offered(name)) is not None]
    columns = 2 if frame.portrait else 3
    rows = max(1, -(-len(buttons) // columns))
    limit = min(body.h, rows * frame.pick(150, 220) + (rows - 1) * frame.gap)
    place = frame.sunk(body, rows) if frame.low else body.cut_top(limit)[0]
    strips = place.rows([1] * rows, frame.gap)
    places = [each for strip in strips for each in strip.columns([1] * columns, frame.gap)]
    for button, spot in zip(buttons, places, strict=False):
        _choice(frame, button, spot)


def _choice(frame: Frame, button: Button, rect: Rect) -> None:
    """The word above, the switch or the level below; who cannot choose it reads why."""
    is_on = bool(frame.snapshot.params.get(button.id.removesuffix("_toggle")))
    border = Role.DO if button.enabled else Role.CONTROL
    fill = Role.CARD if button.enabled else Role.IDLE_FILL
    frame.add(Box(rect, fill, border, frame.px(4), frame.px(22)))
    room = rect.inset(frame.pick(18, 24), frame.pick(8, 16))
    top, low = room.rows([1.1, 1], frame.px(4))
    label = label_of(frame, button.id)
    floor = frame.label_floor()
    ink = Role.TEXT if button.enabled else Role.SECONDARY
    frame.add(Words(top, label, frame.pick(34, 42), floor, ink=ink))
    if not button.enabled:
        frame.words(low, frame.reason(button), frame.pick(24, 30), lines=2)
    elif button.id == "volume":
        _level(frame, low)
    else:
        _switch(frame, low, is_on=is_on)
    frame.control(button, rect, label, picture=_SIGNS.get(button.id, "access"))


def _switch(frame: Frame, rect: Rect, *, is_on: bool) -> None:
    """Position, colour and word say the same."""
    track, rest = rect.cut_left(frame.pick(92, 116), frame.px(16))
    track = track.centred(track.w, min(track.h, frame.pick(46, 58)))
    frame.add(Box(track, Role.GO if is_on else Role.CONTROL, None, 0, track.h // 2))
    knob = track.h - frame.px(10)
    left = track.right - knob - frame.px(5) if is_on else track.x + frame.px(5)
    frame.add(Box(Rect(left, track.y + frame.px(5), knob, knob), Role.CARD, None, 0, knob // 2))
    word = frame.text("access.on" if is_on else "access.off")
    frame.say(word)
    ink = Role.GO if is_on else Role.SECONDARY
    frame.add(Words(rest, word, frame.pick(30, 38), frame.floor(4.0), ink=ink))


def _level(frame: Frame, rect: Rect) -> None:
    """Four bars, filled up to the present level."""
    level = frame.snapshot.param("volume")
    wide = frame.pick(44, 56)
    bars = rect.cut_left(4 * wide)[0].columns([1] * 4, frame.px(8))
    for number, bar in enumerate(bars, 1):
        high = max(frame.px(10), bar.h * number // 5)
        place = Rect(bar.x, bar.bottom - high - frame.px(4), bar.w, high)
        fill = Role.DO if number <= level else None
        frame.add(Box(place, fill, Role.DO, frame.px(3), frame.px(6)))
    frame.say(frame.text("speech.volume", level=level))


_SIGNS = {
    "easy_toggle": "access",
    "contrast_toggle": "pause",
    "slow_toggle": "clock",
    "low_toggle": "hand",
    "voice": "speaker",
    "volume": "speaker",
}
