"""What a member does with reservations: see free hours, reserve, cancel, list. Synchronous."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from central.clock import utc_text
from central.reservations import hours
from central.reservations.offers import Offers
from central.reservations.records import Bay, Holder, Kind, Reservation, State
from central.reservations.register import Hours, Register
from central.reservations.rules import Why


@dataclass(frozen=True, slots=True)
class Offered:
    """An hour of the page. `why`: what speaks against it; None: it can be had."""

    begin: datetime
    why: Why | None


class ReservationDesk:
    def __init__(self, register: Register, offers: Offers) -> None:
        self._register = register
        self._offers = offers

    # --- looking ------------------------------------------------------------------------------------

    def day(
        self, point: str, letter: str, day: date, minutes: int, *, but: int = 0
    ) -> list[Offered]:
        """Every hour of that day at which a reservation could begin; past and closed ones left out.

        `but`: a reservation whose own time is free for its holder, who changes it.
        """
        register = self._register
        rules, bays = register.rules, register.bays.of_point(point, letter)
        begin, end = hours.day_bounds(day, register.zone)
        length = timedelta(minutes=minutes)
        taken = register.rows.taken_quarters(point, begin, end + length, but=but)
        site, now = register.bays.site_of(point), register.now()
        found = []
        for moment in hours.moments_of(day, register.zone, timedelta(minutes=rules.step_minutes)):
            if rules.against(moment, minutes, now) is not None:
                continue
            if not rules.is_open(site, moment, moment + length, register.zone):
                continue
            is_free = any(_is_free(bay, moment, moment + length, taken) for bay in bays)
            found.append(Offered(moment, None if is_free else Why.TAKEN))
        return found

    def free_now(self, point: str, letter: str, minutes: int) -> list[Bay]:
        """Connectors that could be kept from this moment on."""
        register, now = self._register, self._register.now()
        bays = [bay for bay in register.bays.of_point(point, letter) if register.bays.is_free(bay)]
        return register.free_inside(bays, now, now + timedelta(minutes=minutes))

    def mine(self, member_id: int) -> list[Reservation]:
        return self._register.rows.of_member(member_id)

    def one_of(self, member_id: int, number: int) -> Reservation | None:
        """None of what is somebody else's."""
        found = self._register.rows.one(number)
        return found if found is not None and found.member_id == member_id else None

    # --- reserving ----------------------------------------------------------------------------------

    def reserve(
        self, holder: Holder, point: str, letter: str, begin: datetime, minutes: int
    ) -> Reservation | Why:
        """For a date and hour."""
        register = self._register
        why = register.rules.against(begin, minutes, register.now())
        if why is not None:
            return why
        end = begin + timedelta(minutes=minutes)
        arrive_by = min(begin + register.rules.grace, end)
        when = Hours(Kind.AHEAD, begin, end, arrive_by)
        return self._take(holder, point, register.bays.of_point(point, letter), when)

    def reserve_now(
        self, holder: Holder, point: str, letter: str, minutes: int
    ) -> Reservation | Why:
        """From this moment on; its point has still to be told, and may refuse."""
        register = self._register
        why = register.rules.against_now(minutes)
        if why is not None:
            return why
        free = [bay for bay in register.bays.of_point(point, letter) if register.bays.is_free(bay)]
        if not free:
            return Why.NOT_FREE
        begin = register.now()
        end = begin + timedelta(minutes=minutes)
        return self._take(holder, point, free, Hours(Kind.NOW, begin, end, end))

    def _take(self, holder: Holder, point: str, bays: list[Bay], when: Hours) -> Reservation | Why:
        register = self._register
        site = register.bays.site_of(point)
        if not register.rules.is_open(site, when.begin, when.end, register.zone):
            return Why.CLOSED
        with register.change(site, member_id=holder.member_id):
            why = self._against_inside(holder, when)
            if why is not None:
                return why
            free = register.free_inside(bays, when.begin, when.end)
            if not free:
                return Why.TAKEN
            made = register.take_inside(holder, free[0], when)
            if when.kind is Kind.AHEAD:
                register.tell_inside(made, "booked")
        return made

    def _against_inside(self, holder: Holder, when: Hours) -> Why | None:
        """What speaks against one more of this member's."""
        register, rules = self._register, self._register.rules
        card = register.store.card(holder.number)
        if card is None or card.state != "active":
            return Why.CARD
        theirs = register.rows.of_member(holder.member_id)
        standing = [each for each in theirs if each.is_open]
        if any(each.begins < when.end and when.begin < each.ends for each in standing):
            return Why.TWICE
        if len(standing) >= rules.per_member:
            return Why.LIMIT
        today, _ = hours.day_bounds(register.now().astimezone(register.zone).date(), register.zone)
        if register.rows.made_since(holder.member_id, utc_text(today)) >= rules.per_member_day:
            return Why.DAY_LIMIT
        since = utc_text(register.now() - timedelta(days=rules.marks_days))
        marks = register.rows.marks(holder.member_id, since)
        return Why.MARKS if marks >= rules.marks_most else None

    # --- cancelling ---------------------------------------------------------------------------------

    def cancel(self, member_id: int, number: int) -> Reservation | Why:
        """Before anybody waits in vain for its holder; asked again, the first answer stands."""
        register = self._register
        seen = self.one_of(member_id, number)
        if seen is None:
            return Why.OVER
        with register.step(seen) as found:
            if found.state is State.CANCELLED:
                return found
            if found.state is not State.BOOKED:
                return Why.OVER
            ended = register.end_inside(found, State.CANCELLED)
            register.tell_inside(ended, "cancelled")
            self._offers.serve_inside(register.bays.site_of(ended.point))
        return ended

    # --- members ------------------------------------------------------------------------------------

    def let_go(self, member_id: int) -> None:
        """A member leaves: what is still to come is cancelled, what was is nobody's."""
        for each in self.mine(member_id):
            if each.state is State.OFFERED:
                self._decline(each)
            elif each.is_open:
                self.cancel(member_id, each.id)
        with self._register.change(member_id=member_id):
            self._register.waits.let_go(member_id)
            self._register.rows.let_go(member_id)

    def _decline(self, offered: Reservation) -> None:
        wait = self._register.waits.of_reservation(offered.id)
        if wait is not None and wait.member_id is not None:
            self._offers.leave(wait.member_id, wait.id)


def _is_free(bay: Bay, begin: datetime, end: datetime, taken: AbstractSet[tuple[int, str]]) -> bool:
    return not any(
        (bay.connector, utc_text(quarter)) in taken for quarter in hours.quarters(begin, end)
    )
