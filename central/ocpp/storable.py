"""What a point may say that can be kept: numbers within reason, text of whole characters. Pure.

JSON knows numbers of any length, NUL and halves of characters; no database keeps these, and a number
such as 1e999999 would keep the whole process busy.
"""

from collections.abc import Iterator

WHOLE_MOST = 10**15  # a petawatt-hour, counted in Wh


def unusable(content: object) -> str:
    """Why `content`, as JSON gave it, cannot be kept; nothing where it can."""
    return next((wrong for each in _leaves(content) if (wrong := _wrong(each))), "")


def _leaves(content: object) -> Iterator[object]:
    """Without recursion: how deep it nests is somebody else's choice."""
    waiting = [content]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            waiting += each
        else:
            yield each


def _wrong(value: object) -> str:
    if isinstance(value, (int, float)) and not -WHOLE_MOST <= value <= WHOLE_MOST:
        return "a number is out of all reason"
    if isinstance(value, str) and ("\x00" in value or not _is_whole(value)):
        return "a text has NUL or half a character"
    return ""


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= each <= "\udfff" for each in text)
