"""What time brings: offers lapse, nobody came, a bay is still blocked when its holder is about to come.

Every process of the system looks; each step reads inside its change whether it is still to be done.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from central.clock import utc_from_text
from central.fleet.availability import OUT, TAKEN
from central.greencard.book import AccountBook
from central.reservations.bays import BLOCKED
from central.reservations.offers import Offers
from central.reservations.records import (
    Kind,
    Reservation,
    State,
    Told,
)
from central.reservations.register import Register
from central.reservations.rules import NoShow

_BLOCKED = "blocked"  # its holder was told, and given what the operator promises


class Watch:
    def __init__(self, register: Register, offers: Offers, book: AccountBook) -> None:
        self._register = register
        self._offers = offers
        self._book = book

    def look(self) -> None:
        """Do what is due."""
        register = self._register
        for each in register.rows.open():
            self._look_at(each)
        for site in register.waits.sites():
            with register.change(site):
                self._offers.serve_inside(site)

    def due(self) -> datetime | None:
        """When something is due next by itself."""
        now = self._register.now()
        moments = (at for each in self._register.rows.open() for at in self._moments(each))
        return min((at for at in moments if at > now), default=None)

    def _moments(self, one: Reservation) -> Iterator[datetime]:
        yield one.arrives_by
        if one.offer_until is not None and one.state is State.OFFERED:
            yield utc_from_text(one.offer_until)
        if one.kind is Kind.AHEAD:
            yield one.begins - self._register.rules.told_before
            yield one.begins - self._register.rules.looked_before
            yield one.begins

    def _look_at(self, one: Reservation) -> None:
        now = self._register.now()
        if one.state is State.OFFERED and one.offer_until is not None:
            if utc_from_text(one.offer_until) <= now:
                self._lapse(one)
            return
        if one.arrives_by <= now:
            self._miss(one)
            return
        if one.told is Told.YES and self._is_lost(one):
            one = self._lose(one)
        if self._is_blocked(one, now):
            self._find_another(one)

    def _lapse(self, seen: Reservation) -> None:
        with self._register.step(seen) as one:
            if one.state is not State.OFFERED or one.offer_until is None:
                return
            if utc_from_text(one.offer_until) <= self._register.now():
                self._offers.lapsed_inside(one)
                self._offers.serve_inside(self._register.bays.site_of(one.point))

    # --- nobody came --------------------------------------------------------------------------------

    def _miss(self, seen: Reservation) -> None:
        register = self._register
        with register.step(seen) as one:
            if one.state is not State.BOOKED or one.arrives_by > register.now():
                return
            missed = self._by_the_rule_inside(one)
            missed = register.end_inside(missed, State.MISSED, missed.outcome)
            register.tell_inside(missed, "missed", outcome=missed.outcome)
            self._offers.serve_inside(register.bays.site_of(one.point))

    def _by_the_rule_inside(self, one: Reservation) -> Reservation:
        """Nobody pays for what the point did not keep, or could not tell us of."""
        rules = self._register.rules
        was_kept = one.told is Told.YES and self._register.bays.is_in_reach(one.point)
        if not was_kept or one.outcome == _BLOCKED or rules.no_show is NoShow.NOTHING:
            return replace(one, outcome="excused")
        if rules.no_show is NoShow.MARK:
            return replace(one, outcome="mark")
        key = f"reservation:{one.id}:missed"
        taken = self._book.fee_inside(
            key, one.number, rules.no_show_fee_minor, "reservation not used"
        )
        return replace(one, outcome="fee" if taken else "mark", fee_minor=taken)

    # --- a bay that is blocked ------------------------------------------------------------------------

    def _is_lost(self, one: Reservation) -> bool:
        """The point ended it by itself: the connector went out of order (OCPP 1.6 §5.13)."""
        return self._register.bays.state(one.bay) == OUT

    def _lose(self, seen: Reservation) -> Reservation:
        with self._register.step(seen) as one:
            if one.told is not Told.YES or one.state is not State.BOOKED:
                return one
            return self._register.save_inside(replace(one, told=Told.NO))

    def _is_blocked(self, one: Reservation, now: datetime) -> bool:
        """Soon needed, not kept by its point, and in use or out of reach."""
        if one.state is not State.BOOKED or one.told is Told.YES:
            return False
        if one.kind is Kind.NOW and one.answer in ("", "Accepted") and one.told is Told.UNSURE:
            return False  # it is just being told
        if one.kind is Kind.AHEAD and now < one.begins - self._register.rules.looked_before:
            return False
        if one.kind is Kind.NOW and not one.answer:
            return False
        if one.answer == "Rejected":
            return True
        return self._register.bays.state(one.bay) in BLOCKED

    def _find_another(self, seen: Reservation) -> None:
        register = self._register
        near = register.bays.instead_of(seen.bay, register.rules.move_within_m)
        sites = {register.bays.site_of(bay.point) for bay in near}
        with register.step(seen, *sites) as one:
            if one.state is not State.BOOKED or one.told is Told.YES or one.bay != seen.bay:
                return
            begin = max(one.begins, register.now())
            free = register.free_inside(near, begin, one.ends)
            if free:
                before = register.bays.site_of(one.point)
                moved = register.move_inside(one, free[0])
                register.tell_inside(moved, "moved", from_place=before)
                self._offers.serve_inside(before)
            elif one.outcome != _BLOCKED and not self._is_about_to_leave(one):
                self._compensate_inside(one)

    def _is_about_to_leave(self, one: Reservation) -> bool:
        """In use by whoever reserved the time before: theirs ends when this begins."""
        register = self._register
        if register.now() >= one.begins or register.bays.state(one.bay) != TAKEN:
            return False
        quarter = register.rules.looked_before
        before = register.rows.taken({one.point}, one.begins - quarter, one.begins)
        return one.bay in before

    def _compensate_inside(self, one: Reservation) -> None:
        """Once; told before they set out in vain. Should the bay become free in time, it is theirs."""
        promised = self._register.rules.compensation_minor
        key = f"reservation:{one.id}:blocked"
        is_given = self._book.give_inside(key, one.number, promised, "reserved place was blocked")
        told = replace(one, outcome=_BLOCKED, compensated_minor=promised if is_given else 0)
        self._register.save_inside(told)
        self._register.tell_inside(told, _BLOCKED)

    # --- what the point answered --------------------------------------------------------------------

    def answered(self, number: int, bay_point: str, answer: str, moves: int) -> None:
        """ReserveNow's status; empty: no answer was heard. `moves`: of what was asked."""
        register = self._register
        seen = register.rows.one(number)
        if seen is None or seen.point != bay_point:
            return
        with register.step(seen) as one:
            if (one.point, one.moves) != (bay_point, moves) or not one.is_open:
                if answer in ("Accepted", ""):  # it was asked before that was so
                    register.rows.withdraw(replace(one, point=bay_point, told=Told.YES))
                return
            told = {"Accepted": Told.YES, "": Told.UNSURE}.get(answer, Told.NO)
            if (told, answer) == (one.told, one.answer):
                return
            heard = register.save_inside(replace(one, told=told, answer=answer))
            is_first = one.answer == "" and one.told is not Told.YES and one.moves == 0
            if one.kind is not Kind.NOW or not is_first:
                return
            if told is Told.YES and heard.state is State.BOOKED:
                register.tell_inside(heard, "booked")
            elif told is not Told.YES:
                self._refuse_inside(heard)

    def _refuse_inside(self, one: Reservation) -> None:
        """What its point does not keep from the first moment was never reserved."""
        register = self._register
        if one.state is State.OFFERED:
            self._offers.back_inside(one)
        register.end_inside(one, State.REFUSED)
