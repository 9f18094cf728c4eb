"""What is worth a sentence when only the numbers of a screen have changed."""

from dataclasses import dataclass

from chargepoint.contract import Snapshot
from ui.text import Text


@dataclass(frozen=True, slots=True)
class Change:
    """From one snapshot of a screen to the next one of the same screen."""

    before: Snapshot
    after: Snapshot
    text: Text

    def rise(self, name: str) -> int:
        return max(0, self.after.param(name) - self.before.param(name))

    def money(self, minor: int) -> str:
        return self.text.money(minor, self.after.station.currency)


def sentences(change: Change) -> list[str]:
    """In the order in which they should be heard; mostly none."""
    return [
        *_money(change),
        *_typing(change),
        *_trouble(change),
        *_plug(change),
        *_choices(change),
    ]


def _money(change: Change) -> list[str]:
    """Coins are told as they fall, in both directions."""
    text, told = change.text, []
    if fell := change.rise("credit_minor"):
        total = change.money(change.after.param("credit_minor"))
        told.append(text("speech.coin_in", amount=change.money(fell), total=total))
    if fell := change.rise("paid_minor"):
        told.append(text("speech.coin_out", amount=change.money(fell)))
    return told


def _typing(change: Change) -> list[str]:
    """How many digits there are, never which."""
    before, after = change.before.params.get("typed"), change.after.param("typed")
    if before == after or "typed" not in change.after.params:
        return []
    length = change.after.param("length") or 4
    return [change.text("speech.typed", count=after, length=length)]


def _trouble(change: Change) -> list[str]:
    text, told = change.text, []
    if change.after.params.get("reason") == "plain_code" != change.before.params.get("reason"):
        told.append(text("code_set.plain"))
    if change.rise("wrong"):
        told.append(text("speech.wrong"))
    if change.after.param("locked_s") and not change.before.param("locked_s"):
        told.append(text("speech.locked", seconds=change.after.param("locked_s")))
    if change.after.param("low_s") and not change.before.param("low_s"):
        told.append(text("speech.low"))
    return told


def _plug(change: Change) -> list[str]:
    was, is_in = change.before.params.get("plugged"), change.after.params.get("plugged")
    if was is None or was == is_in:
        return []
    return [change.text("speech.plugged" if is_in else "speech.unplugged")]


def _choices(change: Change) -> list[str]:
    """A switch of the access screen, told by its new position."""
    if change.after.screen != "access":
        return []
    text, before, after = change.text, change.before.params, change.after.params
    told = [
        text("access.on" if after.get(name) else "access.off")
        for name in ("easy", "contrast", "slow", "low")
        if before.get(name) != after.get(name)
    ]
    if before.get("volume") != after.get("volume"):
        told.append(text("speech.volume", level=change.after.param("volume")))
    return told
