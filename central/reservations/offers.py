"""The waiting list of a full site: first come, first offered; an offer has a deadline and is taken once.

An offer holds its bay: it is a reservation that its holder has still to accept.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from central.clock import utc_from_text, utc_text
from central.reservations.records import (
    OPEN,
    Holder,
    Kind,
    Queue,
    Reservation,
    State,
    Wait,
)
from central.reservations.register import Hours, Register
from central.reservations.rules import Why

_HELD_ONCE_ACCEPTED = timedelta(minutes=30)  # to come, when something became free now


class Offers:
    def __init__(self, register: Register) -> None:
        self._register = register

    # --- the member ---------------------------------------------------------------------------------

    def join(
        self, holder: Holder, site: str, letter: str, begin: datetime | None, minutes: int
    ) -> Wait | Why:
        """For an hour, or (None) for whatever becomes free first."""
        register, rules = self._register, self._register.rules
        now = register.now()
        why = rules.against(begin, minutes, now) if begin else rules.against_now(minutes)
        if why is not None:
            return why
        if begin and not rules.is_open(
            site, begin, begin + timedelta(minutes=minutes), register.zone
        ):
            return Why.CLOSED
        begins_at = "" if begin is None else utc_text(begin)
        with register.change(site, member_id=holder.member_id):
            standing = register.waits.of_member(holder.member_id)
            if any((w.site, w.begins_at) == (site, begins_at) for w in standing):
                return Why.TWICE
            if len(standing) >= rules.per_member:
                return Why.LIMIT
            made = register.waits.make(
                member_id=holder.member_id,
                number=holder.number,
                site=site,
                letter=letter,
                begins_at=begins_at,
                minutes=minutes,
                state=Queue.WAITING,
                made_at=utc_text(now),
            )
            self.serve_inside(site)
            return register.waits.one(made.id) or made

    def leave(self, member_id: int, number: int) -> bool:
        """Out of the line; an offer that stands is declined."""
        register = self._register
        found = register.waits.one(number)
        if found is None or found.member_id != member_id:
            return False
        with register.change(found.site, member_id=member_id):
            found = register.waits.one(number)
            if found is None or found.state not in (Queue.WAITING, Queue.OFFERED):
                return False
            register.waits.save(replace(found, state=Queue.LEFT))
            offered = self._offer_of(found)
            if offered is not None:
                register.end_inside(offered, State.LAPSED)
                self.serve_inside(found.site)
        return True

    def accept(self, member_id: int, number: int) -> Reservation | Why:
        """Once, and before the deadline."""
        register = self._register
        seen = register.rows.one(number)
        if seen is None or seen.member_id != member_id:
            return Why.OVER
        with register.step(seen) as offered:
            if offered.state is not State.OFFERED or offered.offer_until is None:
                return Why.OVER
            if utc_from_text(offered.offer_until) <= register.now():
                return Why.OVER
            booked = register.save_inside(replace(offered, state=State.BOOKED))
            wait = register.waits.of_reservation(number)
            if wait is not None:
                register.waits.save(replace(wait, state=Queue.ACCEPTED))
            register.tell_inside(booked, "booked")
        return booked

    # --- inside a change of the site ----------------------------------------------------------------

    def serve_inside(self, site: str) -> None:
        """What is free is offered to whoever came first and can use it."""
        for wait in self._register.waits.line(site):
            self._offer_inside(wait)

    def lapsed_inside(self, offered: Reservation) -> None:
        """Its deadline has passed: the next one's turn."""
        self._register.end_inside(offered, State.LAPSED)
        wait = self._register.waits.of_reservation(offered.id)
        if wait is not None:
            self._register.waits.save(replace(wait, state=Queue.OVER))
        self._register.tell_inside(offered, "lapsed")

    def taken_inside(self, offered: Reservation) -> None:
        """Its holder came and charges, without a word before."""
        wait = self._register.waits.of_reservation(offered.id)
        if wait is not None:
            self._register.waits.save(replace(wait, state=Queue.ACCEPTED))

    def back_inside(self, offered: Reservation) -> None:
        """The point would not keep what was offered: they stay first in line."""
        wait = self._register.waits.of_reservation(offered.id)
        if wait is not None and wait.state is Queue.OFFERED:
            waiting = replace(wait, state=Queue.WAITING, reservation_id=None)
            self._register.waits.save(waiting)

    def _offer_inside(self, wait: Wait) -> None:
        register = self._register
        when = self._hours(wait)
        if when is None:
            register.waits.save(replace(wait, state=Queue.OVER))
            return
        bays = register.bays.of_site(wait.site, wait.letter)
        if when.kind is Kind.NOW:
            bays = [bay for bay in bays if register.bays.is_free(bay)]
        free = register.free_inside(bays, when.begin, when.end)
        if not free or wait.member_id is None:
            return
        until = min(register.now() + register.rules.offered_for, when.arrive_by)
        holder = Holder(wait.member_id, wait.number)
        made = register.take_inside(holder, free[0], when, state=State.OFFERED, offer_until=until)
        register.waits.save(replace(wait, state=Queue.OFFERED, reservation_id=made.id))
        register.tell_inside(made, "offered")

    def _hours(self, wait: Wait) -> Hours | None:
        """None: too late for what they waited for."""
        now, rules = self._register.now(), self._register.rules
        if not wait.begins_at:
            end = now + rules.offered_for + _HELD_ONCE_ACCEPTED
            return Hours(Kind.NOW, now, end, end)
        begin = utc_from_text(wait.begins_at)
        if begin <= now:
            return None
        end = begin + timedelta(minutes=wait.minutes)
        return Hours(Kind.AHEAD, begin, end, min(begin + rules.grace, end))

    def _offer_of(self, wait: Wait) -> Reservation | None:
        number = wait.reservation_id
        found = None if number is None else self._register.rows.one(number)
        return found if found is not None and found.state in OPEN else None
