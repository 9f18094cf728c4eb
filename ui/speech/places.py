"""Where a slot is, in words: from the site's layout, as a hand goes that lies on the tactile keys."""

from chargepoint.contract import Snapshot
from ui.text import Text

# The slots a screen asks for, in the order in which they are named.
WANTED: dict[str, tuple[str, ...]] = {
    "home": ("coin_slot", "card_reader", "jack"),
    "cash_in": ("coin_slot", "note_slot"),
    "card_tap": ("bank_terminal",),
    "card_wait": ("bank_terminal",),
    "gc_tap": ("card_reader",),
    "gc_load": ("card_reader",),
    "cash_back": ("coin_tray",),
    "change": ("coin_tray",),
    "receipt": ("printer",),
    "stop_auth": ("card_reader",),
    "unplug": ("socket",),
    "finished": ("socket",),
}


def places_of(shot: Snapshot, text: Text) -> list[str]:
    """One sentence for each slot that this screen is about and the layout knows."""
    found = []
    for name in WANTED.get(shot.screen, ()):
        slot = f"socket_{shot.connector}" if name == "socket" else name
        where = shot.station.places.get(slot)
        if where is not None and len(where) == 2:  # right, up
            found.append(text("speech.place", thing=text(f"thing.{name}"), where=_way(where, text)))
    return found


def _way(where: list[int], text: Text) -> str:
    right, up = where
    across = text("speech.right" if right > 0 else "speech.left", cm=abs(right)) if right else ""
    along = text("speech.above" if up > 0 else "speech.below", cm=abs(up)) if up else ""
    if across and along:
        return text("speech.and", first=across, second=along)
    return across or along or text("speech.here")
