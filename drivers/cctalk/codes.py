"""Event and fault codes of coin acceptors in words (part 3, appendices 2 and 3)."""

NULL_EVENT = 0
INHIBITED_COIN = 2
CREDIT_SENSOR_BLOCKED = 14
SORTER_SENSOR_BLOCKED = 15
RETURN_LEVER = 254

BLOCKED = frozenset({CREDIT_SENSOR_BLOCKED, SORTER_SENSOR_BLOCKED})

INHIBITED = "inhibited"  # the reason of every code that means so

# Codes after which the coin is certainly back with the customer.
_RETURNED = {
    1: "rejected",
    INHIBITED_COIN: INHIBITED,
    3: "several kinds matched",
    8: "second coin too close",
    9: "gate not ready",
    10: "credit sensor not ready",
    11: "sorter not ready",
    12: "reject path not clear",
    13: "validation sensor not ready",
    CREDIT_SENSOR_BLOCKED: "credit sensor blocked",
    SORTER_SENSOR_BLOCKED: "sorter sensor blocked",
    22: "coin not seen by the entry sensor",
    24: "sensor tripped twice",
    25: "slug",
    30: "gate closed",
    37: "validated too fast",
    38: "validated too slowly",
}
_INHIBITED_KINDS = range(128, 160)

_FRAUD = {
    16: "credit sensor sequence",
    17: "coin going backwards",
    20: "coin on a string",
    40: "light attack",
}

_OTHER = {
    4: "wake-up timed out",
    5: "validation timed out",
    6: "credit sensor timed out",
    7: "sorter sensor timed out",
    18: "coin too fast",
    19: "coin too slow",
    21: "entry sensor timed out",
    23: "credit sensor too early",
    26: "reject sensor blocked",
    29: "gate open",
    34: "security event",
    35: "motor failed",
    36: "coin swallowed",
    39: "coin sorted wrongly",
    RETURN_LEVER: "return lever pressed",
    255: "unspecified",
}

_FAULTS = {
    1: "EEPROM checksum",
    2: "coils",
    3: "credit sensor",
    8: "sorter sensors",
    20: "string mechanism",
    30: "ROM checksum",
    33: "supply voltage",
    34: "temperature",
    41: "string sensor",
    42: "gate open",
    43: "gate closed",
    51: "door",
    55: "initialisation",
    255: "unspecified",
}


def reason_returned(code: int) -> str | None:
    """Why the coin went back, or None when the code does not prove that it did."""
    if code in _INHIBITED_KINDS:
        return INHIBITED
    return _RETURNED.get(code)


def fraud(code: int) -> str | None:
    return _FRAUD.get(code)


def other_event(code: int) -> str:
    return _OTHER.get(code, f"event {code}")


def fault(code: int) -> str:
    """A self-check result in words."""
    return f"fault {code}: {_FAULTS.get(code, 'unknown')}"
