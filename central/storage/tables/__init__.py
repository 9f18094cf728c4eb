"""Every table of the central system, a module for each area; whoever imports one has them all.

A new area: its own module beside these, imported here, and a revision in `central/migrations`.
"""

from central.storage.tables import (
    accounts,
    brakes,
    issue,
    members,
    offers,
    outgoing,
    phones,
    points,
    reservations,
    shops,
    support,
)
from central.storage.tables.columns import METADATA

__all__ = [
    "METADATA",
    "accounts",
    "brakes",
    "issue",
    "members",
    "offers",
    "outgoing",
    "phones",
    "points",
    "reservations",
    "shops",
    "support",
]
