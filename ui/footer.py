"""The bottom of every screen: what the driver can do next, and the four utilities."""

from chargepoint.contract import Button
from ui.buttons import (
    UTILITIES,
    Look,
    label_of,
    row_button,
    stack_button,
    stack_label_width,
    style_of,
)
from ui.frame import Frame
from ui.layout import GAP_MM, Rect
from ui.theme import SECONDARY_CAP_MM

# A button alone in its row does not grow beyond this, unless it is the screen's main action.
_LONE_WIDTH_PX = 300
# More than these share a row by making the lesser ones small: a sign above the word.
_FEW_ACTIONS = 2
_SMALL = frozenset({"voucher", "receipt_print", "key_ok"})
_WEIGHT_IN_CROWD = {"greencard": 0.66}  # its two short words need little


def compose_footer(frame: Frame, taken: frozenset[str], body_top: int, *, narrow: int = 0) -> Rect:
    """Place every button the body does not take; answers the body's room.

    `narrow` leaves the footer only that width, for a body that needs the panel's full height.
    """
    buttons = [
        item
        for item in frame.snapshot.buttons
        if item.id not in taken and not item.id.startswith("connector_")
    ]
    utilities = [item for item in buttons if item.id in UTILITIES]
    actions = sorted(
        (item for item in buttons if item.id not in UTILITIES), key=lambda item: item.id != "back"
    )
    strip = Rect(frame.margin, 0, frame.panel.width - 2 * frame.margin, 0)
    if frame.portrait:
        top = _portrait(frame, strip, actions, utilities)
    elif narrow:
        top = _narrow(frame, strip.cut_left(narrow)[0], [*actions, *utilities])
    else:
        top = _landscape(frame, strip, actions, utilities)
    return Rect(strip.x, body_top, strip.w, max(1, top - frame.gap - body_top))


def _row(frame: Frame, strip: Rect, bottom: int, height: int) -> Rect:
    return Rect(strip.x, bottom - height, strip.w, height)


def _landscape(frame: Frame, strip: Rect, actions: list[Button], utilities: list[Button]) -> int:
    if not actions and not utilities:
        return frame.bottom
    height = max(frame.px(96), frame.target_height)
    row = _row(frame, strip, frame.bottom - frame.px(14), height)
    row_left = row
    if utilities:
        gap = _narrow_gap(frame)
        widths = [_stack_width(frame, button) for button in utilities]
        right, row_left = row.cut_right(sum(widths) + (len(widths) - 1) * gap, frame.px(18))
        for button, place in zip(utilities, right.columns(widths, gap), strict=True):
            stack_button(frame, button, place)
    _actions(frame, row_left, actions)
    return row.y


def _narrow_gap(frame: Frame) -> int:
    return max(frame.px(10), frame.panel.across(GAP_MM))


def _stack_width(frame: Frame, button: Button) -> int:
    """A finger's width at least, and room for the word below the sign."""
    size = frame.floor(SECONDARY_CAP_MM)
    return max(
        frame.px(94), frame.target_width, stack_label_width(frame, label_of(frame, button.id), size)
    )


def _narrow(frame: Frame, strip: Rect, buttons: list[Button]) -> int:
    """All buttons alike, in little room."""
    if not buttons:
        return frame.bottom
    height = max(frame.px(96), frame.target_height)
    row = _row(frame, strip, frame.bottom - frame.px(14), height)
    widths = [_stack_width(frame, button) for button in buttons]
    for button, place in zip(buttons, row.columns(widths, _narrow_gap(frame)), strict=True):
        stack_button(frame, button, place)
    return row.y


def _portrait(frame: Frame, strip: Rect, actions: list[Button], utilities: list[Button]) -> int:
    top = frame.bottom - frame.px(4)
    if utilities:
        row = _row(frame, strip, top - frame.px(14), max(frame.px(126), frame.target_height))
        for button, place in zip(
            utilities, row.columns([1] * len(utilities), frame.gap), strict=True
        ):
            stack_button(frame, button, place)
        top = row.y
    if actions:
        row = _row(frame, strip, top - frame.gap, max(frame.px(120), frame.target_height))
        _actions(frame, row, actions)
        top = row.y
    return top


def _actions(frame: Frame, row: Rect, actions: list[Button]) -> None:
    if not actions:
        return
    if len(actions) == 1:
        button = actions[0]
        main = style_of(button.id).look is not Look.OUTLINE
        width = row.w if main else min(row.w, frame.px(_LONE_WIDTH_PX))
        place, _ = row.cut_left(width)
        size = frame.pick(46, 54) if main else 0
        row_button(frame, button, place, size=size)
        return
    if len(actions) > _FEW_ACTIONS:
        _crowd(frame, row, actions)
        return
    weights = [style_of(button.id).weight for button in actions]
    for button, place in zip(actions, row.columns(weights, frame.gap), strict=True):
        row_button(frame, button, place)


def _crowd(frame: Frame, row: Rect, actions: list[Button]) -> None:
    """The lesser ones are as wide as their word; the others share what is left."""
    small = {button.id: _stack_width(frame, button) for button in actions if button.id in _SMALL}
    rest = max(1, row.w - frame.gap * (len(actions) - 1) - sum(small.values()))
    asked = {
        button.id: _WEIGHT_IN_CROWD.get(button.id, style_of(button.id).weight)
        for button in actions
        if button.id not in small
    }
    share = rest / max(1.0, sum(asked.values()))
    widths = [small.get(button.id) or asked[button.id] * share for button in actions]
    for button, place in zip(actions, row.columns(widths, frame.gap), strict=True):
        if button.id in small:
            stack_button(frame, button, place)
        else:
            row_button(frame, button, place, margin=place.w // 20)
