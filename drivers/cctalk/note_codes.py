"""Event codes of note validators, header 159, in words (part 2; kind 0 unless said otherwise)."""

STACKED = 0  # code of a note's own event: it is in the stacker
IN_ESCROW = 1  # and of one that waits for a decision
BARCODE = 255  # kind: a coupon, no money

MASTER_INHIBIT = 0
RETURNED = 1
INHIBITED_SERIAL = 4
JAM_UNSAFE = 6
PULLED_BACK = 8
STACKER_OK = 10
STACKER_REMOVED = 11
STACKER_INSERTED = 12
UNKNOWN_STACKED = 21

# Codes after which the note is with the customer.
_RETURNED = {
    RETURNED: "returned",
    2: "not recognised",
    3: "transport problem",
    INHIBITED_SERIAL: "inhibited",
    5: "inhibited by switch",
    JAM_UNSAFE: "jammed at the mouth",
    PULLED_BACK: "pulled back",
}

# Codes after which no note waits in escrow any more.
EMPTIES_ESCROW = frozenset({RETURNED, JAM_UNSAFE, PULLED_BACK, UNKNOWN_STACKED})

_FRAUD = {
    PULLED_BACK: "note pulled backwards",
    9: "tampered with",
    17: "light in the transport",
    18: "note on a string",
}

_OTHER = {
    JAM_UNSAFE: "note jammed, the customer can reach it",
    7: "note jammed in the stacker",
    STACKER_REMOVED: "stacker removed",
    13: "stacker faulty",
    14: "stacker full",
    15: "stacker jammed",
    16: "note jammed, nobody can reach it",
    19: "string detector faulty",
    20: "barcode seen",
    UNKNOWN_STACKED: "a note of unknown kind was stacked",
}

# Said by every sound validator in its daily life.
_ROUTINE = frozenset({MASTER_INHIBIT, STACKER_OK, STACKER_INSERTED, 20})

# After these the validator may have been told anything before: it forgets, or a person was inside.
FORGETS = frozenset({MASTER_INHIBIT, INHIBITED_SERIAL, STACKER_OK, STACKER_INSERTED})

# A sound device does not report these: look whether it still is one.
SUSPICIOUS = frozenset({3, JAM_UNSAFE, 7, 9, STACKER_REMOVED, 13, 14, 15, 16, 17, 18, 19})

_FAULTS = {
    1: "EEPROM checksum",
    20: "string mechanism",
    30: "ROM checksum",
    33: "supply voltage",
    34: "temperature",
    36: "note sensors",
    37: "transport motor",
    38: "stacker",
    39: "note jammed",
    41: "string sensor",
    44: "stacker missing",
    45: "stacker full",
    51: "door",
    55: "initialisation",
    255: "unspecified",
}


def reason_returned(code: int) -> str | None:
    """Why the note went back, or None when the code does not say that it did."""
    return _RETURNED.get(code)


def fraud(code: int) -> str | None:
    return _FRAUD.get(code)


def trouble(code: int) -> str | None:
    """What a technician should know of; None for the daily life of a validator."""
    if code in _ROUTINE:
        return None
    return _OTHER.get(code, f"event {code}")


def fault(code: int) -> str:
    """A self-check result in words."""
    return f"fault {code}: {_FAULTS.get(code, 'unknown')}"
