"""The plug leaves after its transaction ended: told reliably where a central system counts idle time."""

from chargepoint.domain.delivery import SESSION_UNPLUGGED, VendorMessage
from chargepoint.domain.point import endings as ending
from chargepoint.domain.point.context import Point


def finish_and_forget(point: Point) -> None:
    _tell(point)
    ending.finish_and_forget(point)


def forget_session(point: Point) -> None:
    _tell(point)
    ending.forget_session(point)


def _tell(point: Point) -> None:
    session = point.data.session
    if session is None or not point.settings.tells_unplugged:
        return
    at = point.now.utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    point.draft.deliveries.append(
        VendorMessage(
            f"tx:{session.id}:unplugged", SESSION_UNPLUGGED, {"timestamp": at}, session.id
        )
    )
