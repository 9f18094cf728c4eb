"""What the lines of a `Session.Receipt` say. Of what is no such line nothing is read."""

from typing import Any

from central.clock import utc_from_text, utc_text

Content = dict[str, Any]


def sum_minor(lines: object) -> int | None:
    """The sum of `lines` where each carries its `amount`; None where they do not."""
    if not isinstance(lines, list) or not lines:
        return None
    total = 0
    for line in lines:
        amount = line.get("amount") if isinstance(line, dict) else None
        if isinstance(amount, dict):
            amount = amount.get("amount")
        if not isinstance(amount, int):
            return None
        total += amount
    return total


def rates(lines: object) -> tuple[tuple[int, int], ...]:
    """Energy and its price of each line that says both."""
    return tuple(
        (line["energyWh"], line["milliPerKwh"])
        for line in _objects(lines)
        if is_integer(line.get("energyWh")) and is_integer(line.get("milliPerKwh"))
    )


def reserved_s(lines: object) -> int:
    return sum(int(line["seconds"]) for line in _timed(lines, "reservation"))


def charging_s(lines: object) -> int:
    """With the second that has begun: prices with conditions are billed by the millisecond."""
    return sum(
        int(line["seconds"]) + is_integer(line.get("milliPerMinute"))
        for line in _timed(lines, "charging")
    )


def idle(lines: object) -> tuple[tuple[int, bool], ...]:
    """Seconds of each line of idle time, and whether they are what is billed: a line with a price
    of its own leaves out the grace, another contains it.
    """
    return tuple(
        (int(line["seconds"]), is_integer(line.get("milliPerMinute")))
        for line in _timed(lines, "idle")
    )


def made_at(receipt: Content) -> str | None:
    """When, by the point's clock; None where it does not say."""
    try:
        return utc_text(utc_from_text(str(receipt.get("time"))))
    except ValueError:
        return None


def _timed(lines: object, item: str) -> list[Content]:
    return [
        line
        for line in _objects(lines)
        if line.get("item") == item and is_integer(line.get("seconds"))
    ]


def _objects(lines: object) -> list[Content]:
    listed = lines if isinstance(lines, list) else []
    return [line for line in listed if isinstance(line, dict)]


def is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
