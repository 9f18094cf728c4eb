"""A holder takes another time, length or place: in one step, and what they had is given up only with it.

It stays the same reservation (its number, so the same entry in the holder's calendar), and its code
stays where it is nobody else's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from central.reservations.offers import Offers
from central.reservations.records import Bay, Kind, Reservation, State
from central.reservations.register import Hours, Register
from central.reservations.rules import Why


@dataclass(frozen=True, slots=True)
class Wanted:
    """Instead of what one has. `letter`: of the plug; empty: any."""

    point: str
    letter: str
    begin: datetime
    minutes: int


class Changing:
    def __init__(self, register: Register, offers: Offers) -> None:
        self._register = register
        self._offers = offers

    def may_change(self, one: Reservation) -> bool:
        return self._against_what_stands(one) is None

    def against(self, member_id: int, number: int, wanted: Wanted) -> Why | None:
        """What can be said beforehand; the last word is said when it is changed."""
        one = self._register.rows.one(number)
        if one is None or one.member_id != member_id:
            return Why.OVER
        why = self._against_what_stands(one) or self._against_the_wish(one, wanted)
        return why or (None if self._free_inside(one, wanted) else Why.TAKEN)

    def change(self, member_id: int, number: int, wanted: Wanted) -> Reservation | Why:
        """Asked again with the same wish, the answer is what stands already."""
        register = self._register
        seen = register.rows.one(number)
        if seen is None or seen.member_id != member_id:
            return Why.OVER
        with register.step(seen, register.bays.site_of(wanted.point)) as one:
            if _is_as_wanted(one, wanted):
                return one
            why = self._against_inside(one, wanted)
            if why is not None:
                return why
            free = self._free_inside(one, wanted)
            if not free:
                return Why.TAKEN
            before = register.bays.site_of(one.point)
            changed = register.rebook_inside(one, free[0], self._hours(wanted))
            register.tell_inside(changed, "changed")
            self._offers.serve_inside(before)
        return changed

    # --- what speaks against it ---------------------------------------------------------------------

    def _against_inside(self, one: Reservation, wanted: Wanted) -> Why | None:
        register, when = self._register, self._hours(wanted)
        why = self._against_what_stands(one) or self._against_the_wish(one, wanted)
        if why is not None:
            return why
        card = register.store.card(register.store.lineage.newest(one.number))
        if card is None or card.state != "active":
            return Why.CARD
        assert one.member_id is not None
        others = [x for x in register.rows.of_member(one.member_id) if x.is_open and x != one]
        is_elsewhere = any(x.begins < when.end and when.begin < x.ends for x in others)
        return Why.TWICE if is_elsewhere else None

    def _against_what_stands(self, one: Reservation) -> Why | None:
        """An hour ahead until it begins: then somebody waits for its holder. What is kept from now on,
        as long as it is.
        """
        ends = one.begins if one.kind is Kind.AHEAD else one.arrives_by
        if one.state is not State.BOOKED or self._register.now() >= ends:
            return Why.OVER
        return Why.MOVES if one.moves >= self._register.rules.changes_most else None

    def _against_the_wish(self, one: Reservation, wanted: Wanted) -> Why | None:
        register, when = self._register, self._hours(wanted)
        why = register.rules.against(wanted.begin, wanted.minutes, register.now())
        # Who keeps the hour and wants to stay longer, or stand elsewhere, is early enough.
        if why is Why.TOO_SOON and wanted.begin == one.begins:
            why = None
        if why is not None:
            return why
        site = register.bays.site_of(wanted.point)
        is_open = register.rules.is_open(site, when.begin, when.end, register.zone)
        return None if is_open else Why.CLOSED

    # --- where --------------------------------------------------------------------------------------

    def _free_inside(self, one: Reservation, wanted: Wanted) -> list[Bay]:
        """The own connector first. Where points are being told already, only what is free by now."""
        register, when = self._register, self._hours(wanted)
        bays = register.bays.of_point(wanted.point, wanted.letter)
        free = register.free_inside(bays, when.begin, when.end, but=one.id)
        if register.now() >= when.begin - register.rules.told_before:
            free = [bay for bay in free if bay == one.bay or register.bays.is_free(bay)]
        return sorted(free, key=lambda bay: (bay != one.bay, bay))

    def _hours(self, wanted: Wanted) -> Hours:
        end = wanted.begin + timedelta(minutes=wanted.minutes)
        arrive_by = min(wanted.begin + self._register.rules.grace, end)
        return Hours(Kind.AHEAD, wanted.begin, end, arrive_by)


def _is_as_wanted(one: Reservation, wanted: Wanted) -> bool:
    """The button was pressed twice."""
    is_there = one.state is State.BOOKED and one.point == wanted.point and one.moves > 0
    return is_there and (one.begins, one.minutes) == (wanted.begin, wanted.minutes)
