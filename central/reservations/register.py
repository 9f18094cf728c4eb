"""Where bays change hands. Every step is a part of a caller's `change`, which names what it is about.

Of two steps about one site the second begins when the first has ended, in whichever process; so what
is read inside is still so when it is written. The key of `reservation_quarter` stands behind it.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from central.clock import Clock, utc_text
from central.feed import Feed
from central.reservations.bays import Bays
from central.reservations.records import Bay, Holder, Kind, Reservation, State, Told
from central.reservations.rows import ReservationRows
from central.reservations.rules import Rules
from central.reservations.waiting_rows import WaitingRows
from central.storage.store import Store

FEED = "reservation"
CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Hours:
    """When; `arrive_by`: unused, it ends then."""

    kind: Kind
    begin: datetime
    end: datetime
    arrive_by: datetime


class Register:
    """`code`: a number of six digits that nobody can foresee, another one each time."""

    def __init__(  # noqa: PLR0913 -- what all parts of this area stand on
        self,
        store: Store,
        clock: Clock,
        feed: Feed,
        bays: Bays,
        *,
        rules: Rules,
        timezone: str,
        code: Callable[[], str],
    ) -> None:
        self.store = store
        self.clock = clock
        self.bays = bays
        self.rules = rules
        self.zone = ZoneInfo(timezone)
        self.rows = ReservationRows(store.database)
        self.waits = WaitingRows(store.database)
        self._feed = feed
        self._code = code

    def now(self) -> datetime:
        return self.clock.utc()

    def change(
        self, *sites: str, member_id: int | None = None, number: str = ""
    ) -> AbstractContextManager[None]:
        """A durable step about these sites, this member, and this card's money."""
        names = {f"site:{site}" for site in sites}
        if member_id is not None:
            names.add(f"member:{member_id}")
        if number:
            names.add(f"card:{number}")
        return self.store.change(*sorted(names))

    @contextmanager
    def step(self, seen: Reservation, *sites: str) -> Iterator[Reservation]:
        """A durable step about one reservation, as it is now; `sites`: others that it may go to."""
        newest = self.store.lineage.newest
        while True:
            site, number = self.bays.site_of(seen.point), newest(seen.number)
            with self.change(site, *sites, member_id=seen.member_id, number=number):
                found = self.rows.one(seen.id)
                assert found is not None, "reservations are never deleted"
                is_same = (found.point, newest(found.number)) == (seen.point, number)
                if is_same:
                    yield found
                    return
            seen = found  # it was moved meanwhile, and our names were those of its old place

    # --- inside a change ----------------------------------------------------------------------------

    def free_inside(
        self, bays: Collection[Bay], begin: datetime, end: datetime, *, but: int = 0
    ) -> list[Bay]:
        """Those that are nobody's in all of that time, or the reservation's `but`."""
        taken = self.rows.taken({bay.point for bay in bays}, begin, end, but=but)
        return [bay for bay in bays if bay not in taken]

    def take_inside(
        self,
        holder: Holder,
        bay: Bay,
        when: Hours,
        *,
        state: State = State.BOOKED,
        offer_until: datetime | None = None,
    ) -> Reservation:
        made = self.rows.make(
            member_id=holder.member_id,
            number=holder.number,
            point=bay.point,
            connector=bay.connector,
            kind=when.kind,
            state=state,
            begins_at=utc_text(when.begin),
            ends_at=utc_text(when.end),
            arrive_by=utc_text(when.arrive_by),
            code=self._free_code(bay.point),
            made_at=utc_text(self.now()),
            offer_until=None if offer_until is None else utc_text(offer_until),
        )
        self.rows.take(bay, when.begin, when.end, made.id)
        self._changed(made)
        return made

    def save_inside(self, changed: Reservation) -> Reservation:
        self.rows.save(changed)
        self._changed(changed)
        return changed

    def end_inside(self, one: Reservation, state: State, outcome: str = "") -> Reservation:
        """Its time from now on is free, and its point will be told to forget it."""
        self.rows.give_back(one.id, self.now())
        self.rows.withdraw(one)
        ended = replace(
            one, state=state, outcome=outcome or one.outcome, over_at=utc_text(self.now())
        )
        return self.save_inside(ended)

    def move_inside(self, one: Reservation, bay: Bay) -> Reservation:
        """To another connector at the same time; the code changes only where it is somebody's."""
        self.rows.give_back(one.id)
        if bay.point != one.point:
            self.rows.withdraw(one)  # within a point the new one replaces it (OCPP 1.6 §5.13)
        code = self._code_at(bay.point, one)
        self.rows.take(bay, max(one.begins, self.now()), one.ends, one.id)
        moved = replace(
            one,
            point=bay.point,
            connector=bay.connector,
            code=code,
            told=Told.NO,
            answer="",
            moves=one.moves + 1,
        )
        self._changed(one)
        return self.save_inside(moved)

    def rebook_inside(self, one: Reservation, bay: Bay, when: Hours) -> Reservation:
        """To another time, and perhaps another connector, as its holder wishes.

        A point that keeps it is to forget it, before it is told of the new hour.
        """
        changed = replace(
            one,
            point=bay.point,
            connector=bay.connector,
            code=self._code_at(bay.point, one),
            kind=when.kind,
            begins_at=utc_text(when.begin),
            ends_at=utc_text(when.end),
            arrive_by=utc_text(when.arrive_by),
            outcome="",
            moves=one.moves + 1,
        )
        self.rows.give_back(one.id)
        self.rows.take(bay, when.begin, when.end, one.id)
        if (changed.bay, changed.arrive_by) != (one.bay, one.arrive_by):
            self.rows.withdraw(one)
            changed = replace(changed, told=Told.NO, answer="")
        self._changed(one)
        return self.save_inside(changed)

    def tell_inside(self, one: Reservation, kind: str, **more: str) -> None:
        """Its holder, by mail and on the page."""
        facts = {
            "point": one.point,
            "place": self.bays.site_of(one.point),
            "connector": str(one.connector),
            "begins_at": one.begins_at,
            "ends_at": one.ends_at,
            "arrive_by": one.arrive_by,
            "code": one.code,
            "fee_minor": str(one.fee_minor),
            "compensated_minor": str(one.compensated_minor),
            "offer_until": one.offer_until or "",
        }
        self.rows.notify(one, kind, facts | more, utc_text(self.now()))

    def _code_at(self, point: str, one: Reservation) -> str:
        is_taken = self.rows.open_with_code(point, one.code) not in (None, one)
        return self._free_code(point) if is_taken else one.code

    def _free_code(self, point: str) -> str:
        while True:
            code = self._code()
            if self.rows.open_with_code(point, code) is None:
                return code

    def _changed(self, one: Reservation) -> None:
        self._feed.changed(FEED, one.point)
