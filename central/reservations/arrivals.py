"""What points say of reservations: who claims one, who begins with one, whose charge has ended."""

from dataclasses import replace
from datetime import datetime, timedelta

from central.clock import utc_from_text, utc_text
from central.errors import CentralError
from central.greencard.book import AccountBook
from central.reservations.offers import Offers
from central.reservations.records import OPEN, Bay, Reservation, State
from central.reservations.register import Register

TRIES_MOST = 5
TRIES_FORGOTTEN = timedelta(minutes=10)
"""A million codes, thirty tries an hour: whoever guesses at a point needs years."""


class ClaimRefused(CentralError):
    """`unknown`, `early`, or `wait` after too many wrong codes."""


class Arrivals:
    def __init__(self, register: Register, offers: Offers, book: AccountBook) -> None:
        self._register = register
        self._offers = offers
        self._book = book

    # --- Reservation.Claim ----------------------------------------------------------------------------

    def claim(self, point: str, code: str, number: str) -> Reservation:
        """By the code, or by the card that it is for. Raises ClaimRefused."""
        register = self._register
        site = register.bays.site_of(point)
        with register.change(site, f"claims of {point}"):
            now = register.now()
            since = utc_text(now - TRIES_FORGOTTEN)
            if code and register.rows.tries(point, since) >= TRIES_MOST:
                raise ClaimRefused("wait")
            found = self._found_inside(point, code, number, now)
            if found is None and code:
                register.rows.tried(point, utc_text(now), since)
        if found is None:
            raise ClaimRefused("unknown")
        if now < found.begins - register.rules.told_before:
            raise ClaimRefused("early")
        return found

    def _found_inside(
        self, point: str, code: str, number: str, now: datetime
    ) -> Reservation | None:
        for each in self._register.rows.open(point):
            is_theirs = each.code == code if code else each.number == number
            if each.state is State.BOOKED and is_theirs and now < each.arrives_by:
                return each
        return None

    def group_of(self, point: str, id_tag: str) -> str | None:
        """`parentIdTag` of a card that somebody reserved for: its reservation carries the code as its
        token, and the card as the parent (OCPP 1.6 §5.13), so that both open it.
        """
        has_one = any(each.number == id_tag for each in self._register.rows.open(point))
        return id_tag if has_one else None

    # --- transactions -------------------------------------------------------------------------------

    def began(
        self, bay: Bay, id_tag: str, reservation_id: int | None, transaction_id: int, at: str
    ) -> None:
        """A charge began; also one that the point could tell only now."""
        seen = self._begun_with(bay, id_tag, reservation_id, utc_from_text(at))
        if seen is None:
            return
        with self._register.step(seen) as found:
            if found.transaction_id is not None:
                return
            was_missed = found.outcome in ("fee", "mark")
            came = self._forgive_inside(found) if was_missed else found
            used = replace(came, state=State.USED, transaction_id=transaction_id, over_at=None)
            self._register.save_inside(used)
            if found.state is State.OFFERED:
                self._offers.taken_inside(found)

    def _begun_with(
        self, bay: Bay, id_tag: str, number: int | None, at: datetime
    ) -> Reservation | None:
        """The one the point names; else the one of this card here and now."""
        register = self._register
        if number is not None:
            named = register.rows.one(number)
            if named is not None and named.point == bay.point:
                return named
        for each in register.rows.open(bay.point):
            is_time = each.begins - register.rules.told_before <= at < each.arrives_by
            if (each.bay, each.number) == (bay, id_tag) and is_time and each.state in OPEN:
                return each
        return None

    def _forgive_inside(self, missed: Reservation) -> Reservation:
        """They had come; the point was away and could not say so."""
        key = f"reservation:{missed.id}:missed:back"
        self._book.give_inside(key, missed.number, missed.fee_minor, "reservation fee back")
        forgiven = replace(missed, outcome="excused", fee_minor=0)
        self._register.tell_inside(forgiven, "forgiven")
        return forgiven

    def ended(self, point: str, transaction_id: int) -> None:
        """The charge is over: the rest of its time is free."""
        register = self._register
        seen = register.rows.of_transaction(transaction_id)
        if seen is None or seen.point != point or seen.state is not State.USED:
            return
        with register.step(seen) as found:
            if found.state is State.USED:
                register.end_inside(found, State.DONE)
                self._offers.serve_inside(register.bays.site_of(point))
