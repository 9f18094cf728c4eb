"""Reservations as one object: what members, points and time do with them."""

import hashlib
from collections.abc import Callable

from central.clock import Clock
from central.feed import Feed
from central.fleet.calendars import Calendars
from central.fleet.registry import Registry
from central.greencard.book import AccountBook
from central.reservations.arrivals import Arrivals
from central.reservations.bays import Bays
from central.reservations.changing import Changing
from central.reservations.desk import ReservationDesk
from central.reservations.offers import Offers
from central.reservations.register import CODE_DIGITS, Register
from central.reservations.rules import Rules
from central.reservations.telling import Call, Teller
from central.reservations.watch import Watch
from central.storage.store import Store


class Reservations:
    def __init__(  # noqa: PLR0913 -- the parts of the central system that it stands on
        self,
        store: Store,
        clock: Clock,
        feed: Feed,
        registry: Registry,
        book: AccountBook,
        *,
        rules: Rules,
        timezone: str,
        id_generator: Callable[[], str],
        call: Call,
        held: Callable[[], list[str]],
        calendars: Calendars,
    ) -> None:
        self.rules = rules
        self.register = Register(
            store,
            clock,
            feed,
            Bays(registry),
            rules=rules,
            timezone=timezone,
            code=lambda: code_from(id_generator()),
        )
        self.offers = Offers(self.register)
        self.desk = ReservationDesk(self.register, self.offers)
        self.changing = Changing(self.register, self.offers)
        self.arrivals = Arrivals(self.register, self.offers, book)
        self.watch = Watch(self.register, self.offers, book)
        self.teller = Teller(
            self.register, self.watch, feed, call=call, held=held, calendars=calendars
        )


def code_from(identifier: str) -> str:
    """Six digits, as hard to foresee as the identifier is."""
    digest = hashlib.sha256(f"reservation code {identifier}".encode()).digest()
    return f"{int.from_bytes(digest[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}}"
