"""What a change of a point means to the conversation, in the words of its table."""

from chargepoint.domain.faults.standing import FAULTS, LOCK_STUCK
from chargepoint.domain.point.seen import PointSeen


def of_change(old: PointSeen, new: PointSeen) -> list[str]:
    found: list[str] = []
    if not old.is_running and new.is_running:
        found.append("begun")
    if old.is_running and not new.is_running:
        found.append("ended")
    if not old.data.is_plugged and new.data.is_plugged and not new.is_running:
        found.append("plug")
    if old.data.is_plugged and not new.data.is_plugged:
        found.append("unplug")
    found += _mishap_triggers(old, new)
    found += _service_triggers(old, new)
    had_customer = old.data.session is not None
    if had_customer and new.data.session is None and new.state.startswith("idle/"):
        found.append("left")
    return found


def _service_triggers(old: PointSeen, new: PointSeen) -> list[str]:
    """Whether somebody new may begin there."""
    found: list[str] = []
    if new.is_out and not old.is_out:
        found.append("out")
    if new.is_kept and not old.is_kept:
        found.append("kept")
    if (old.is_out or old.is_kept) and new.is_usable:
        found.append("usable")
    return found


def _mishap_triggers(old: PointSeen, new: PointSeen) -> list[str]:
    found: list[str] = []
    if _is_misplugged(new) and not _is_misplugged(old):
        found.append("misplugged")
    if LOCK_STUCK in new.data.faults - old.data.faults:
        found.append("jammed")
    if LOCK_STUCK in old.data.faults - new.data.faults:
        found.append("freed")
    return found


def _is_misplugged(seen: PointSeen) -> bool:
    """Only the vehicle or its cable is in the way."""
    faults = seen.data.faults
    is_free = seen.state in ("idle/free", "idle/plugged") and seen.data.is_available
    return is_free and bool(faults) and all(FAULTS[key].of_vehicle for key in faults)
