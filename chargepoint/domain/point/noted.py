"""Commands that change what a point knows, and move nothing by themselves."""

from chargepoint.domain.effects import Belong, Claim, ClockMoved, Expect, Keep, TakeCode
from chargepoint.domain.point import actions, clock_moved, reserved
from chargepoint.domain.point.context import Point


def note(point: Point, command: object, state: str) -> None:
    match command:
        case Keep():
            reserved.keep(point, command)
        case Claim():
            reserved.claim(point, command)
        case Belong(parent_tag=parent):
            actions.join_group(point, parent)
        case Expect(coming=coming):
            actions.expect(point, state, coming=coming)
        case TakeCode(code=code):
            actions.take_code(point, code)
        case ClockMoved():
            clock_moved.move(point, command)
        case _:
            raise TypeError(f"not an event of a point: {command!r}")
