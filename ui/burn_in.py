"""A still picture marks a panel: the whole of it wanders by two pixels every five minutes."""

_EVERY_S = 300
_ROUND = ((0, 0), (2, 0), (2, 2), (0, 2))  # one step at a time, round a square


def shift_at(now_s: float) -> tuple[int, int]:
    """How far right and down the picture lies at this moment."""
    return _ROUND[int(now_s // _EVERY_S) % len(_ROUND)]
