"""What a note validator says, and what is concluded from it: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chargepoint.domain.devices import DeviceIncident
from chargepoint.domain.payments import (
    NoteCursorMoved,
    NoteInEscrow,
    NoteReturned,
    NoteStacked,
)
from chargepoint.domain.units import Minor
from drivers.cctalk import note_codes as codes
from drivers.cctalk.codec import Decoder, Frame, Header, encode
from drivers.cctalk.escrow import Escrow, Route, in_escrow
from drivers.cctalk.events import Past, Result, baseline, compare, parse_reading, parse_results
from drivers.cctalk.note_booking import NoteBooker, from_cursor, to_cursor
from drivers.cctalk.note_identity import NoteIdentity
from drivers.cctalk.note_values import Scaling, parse_scaling, value_of_bill
from simulator.entropy import SeededEntropy
from simulator.meaning.cctalk_hopper import HopperReader
from simulator.meaning.cctalk_notes import NoteReader

VALUES = {1: Minor(500), 2: Minor(1000), 3: Minor(2000)}
BOOKER = NoteBooker("77", VALUES)
EMPTY = Past(1, 0, 0, (Result(0, 0),) * 5)
X100 = Scaling(100, 2)

# --- bytes by hand, from the reference --------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "crc", "frame"),
    [
        ("28 00 01 9F 38", False, Frame(40, 1, Header.READ_BILL_EVENTS)),
        ("28 01 01 9A 01 3B", False, Frame(40, 1, Header.ROUTE_BILL, b"\x01")),
        ("28 02 01 9C 45 55 9F", False, Frame(40, 1, Header.COUNTRY_SCALING, b"EU")),
        ("28 00 31 9F 5D", True, Frame(40, None, Header.READ_BILL_EVENTS)),
        ("28 01 BC 9A 01 62", True, Frame(40, None, Header.ROUTE_BILL, b"\x01")),
        ("28 00 46 01 3F", True, Frame(40, None, Header.RESET_DEVICE)),
    ],
)
def test_commands_are_these_bytes(octets: str, crc: bool, frame: Frame) -> None:
    assert encode(frame) == bytes.fromhex(octets)
    assert Decoder(crc=crc).feed(bytes.fromhex(octets)) == [frame]


def facts_of(*readings: str) -> list[object]:
    """From replies in format A, as they come from the wire, each after the one before."""
    past, facts = EMPTY, []
    for octets in readings:
        (frame,) = Decoder().feed(bytes.fromhex(octets))
        assert isinstance(frame, Frame)
        news = compare(past, parse_reading(frame.payload))
        past = news.past
        facts += list(BOOKER.facts(news))
    return facts


def test_a_note_is_credited_when_it_is_stacked_and_not_before() -> None:
    escrow, stacked = facts_of(
        "01 0B 28 00 01 03 01 00 00 00 00 00 00 00 00 C7",
        "01 0B 28 00 02 03 00 03 01 00 00 00 00 00 00 C3",
    )
    assert isinstance(escrow, NoteInEscrow)
    assert isinstance(stacked, NoteStacked)
    assert (escrow.value, stacked.value) == (2000, 2000)
    assert (stacked.cursor.epoch, stacked.cursor.sequence) == (1, 2)


def test_a_note_that_has_left_escrow_is_not_announced_any_more() -> None:
    facts = facts_of("01 0B 28 00 04 00 01 00 02 03 00 03 01 00 00 BE")
    assert [type(fact) for fact in facts] == [
        NoteCursorMoved,
        NoteStacked,
        NoteReturned,
        NoteReturned,
    ]


def test_master_inhibit_after_five_seconds_is_no_incident() -> None:
    facts = facts_of("01 0B 28 00 03 00 00 00 01 00 02 00 00 00 00 C6")
    assert [type(fact) for fact in facts] == [NoteReturned, NoteReturned, NoteCursorMoved]


# --- values -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bill_id", "scaling", "minor"),
    [
        ("EU0005A", X100, 500),
        ("EU0500A", X100, 50_000),
        ("EU0500A", Scaling(1, 2), 500),
        ("EU0005A", Scaling(1, 0), 500),
        ("EU0001A", Scaling(1, 3), None),
        ("EU0000A", X100, None),
        ("GB0005A", X100, None),
        (".......", X100, None),
        ("EU00\xb25A", X100, None),
        ("EU5A", X100, None),
        ("", X100, None),
    ],
)
def test_value_of_a_bill(bill_id: str, scaling: Scaling, minor: int | None) -> None:
    assert value_of_bill(bill_id, "EU", scaling) == minor


def test_scaling_of_an_unknown_country_is_none() -> None:
    assert parse_scaling(b"\x64\x00\x02") == X100
    assert parse_scaling(b"\xe8\x03\x00") == Scaling(1000, 0)
    assert parse_scaling(bytes(3)) is None


def test_masks_have_a_bit_for_each_wanted_type() -> None:
    identity = NoteIdentity("1", "", {1: Minor(500), 3: Minor(2000), 12: Minor(500)})
    assert identity.masks({Minor(500)}) == b"\x01\x08"
    assert identity.masks({Minor(2000), Minor(700)}) == b"\x04\x00"
    assert identity.masks(()) == b"\x00\x00"


# --- codes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", range(256))
def test_every_status_moves_the_cursor_and_credits_nothing(code: int) -> None:
    reading = parse_reading(bytes([1, 0, code, *bytes(8)]))
    facts = list(BOOKER.facts(compare(EMPTY, reading)))
    assert not any(isinstance(fact, NoteStacked | NoteInEscrow) for fact in facts)
    assert sum(isinstance(fact, NoteCursorMoved | NoteReturned) for fact in facts) == 1
    incidents = [fact.code for fact in facts if isinstance(fact, DeviceIncident)]
    quiet = {0, 1, 2, 3, 4, 5, codes.STACKER_OK, codes.STACKER_INSERTED, 20}
    assert bool(incidents) is (code not in quiet)


def test_fault_codes_have_words() -> None:
    assert codes.fault(45) == "fault 45: stacker full"
    assert codes.fault(200) == "fault 200: unknown"


# --- the escrow ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("buffer", "kind"),
    [
        ("00 00 00 00 00 00 00 00 00 00", 0),
        ("03 01 00 00 00 00 00 00 00 00", 3),
        ("00 10 00 02 03 01 00 00 00 00", 3),
        ("03 00 03 01 00 00 00 00 00 00", 0),
        ("00 01 03 01 00 00 00 00 00 00", 0),
        ("00 08 03 01 00 00 00 00 00 00", 0),
        ("02 01 03 00 03 01 00 00 00 00", 2),
        ("FF 01 00 00 00 00 00 00 00 00", 255),
    ],
)
def test_what_a_buffer_leaves_in_escrow(buffer: str, kind: int) -> None:
    assert in_escrow(parse_results(bytes.fromhex(buffer))) == kind


def test_a_note_seen_again_keeps_its_cursor() -> None:
    past = baseline(parse_reading(bytes.fromhex("01 03 01 00 00 00 00 00 00 00 00")))
    (fact,) = BOOKER.held(past)
    assert fact == NoteInEscrow(Minor(2000), to_cursor("77", past))
    assert from_cursor(to_cursor("77", past)) == past
    assert list(BOOKER.held(EMPTY)) == []


class EscrowMachine(RuleBasedStateMachine):
    """Whatever happens: at most one route is decided for a note, and told twice at most."""

    def __init__(self) -> None:
        super().__init__()
        self.escrow = Escrow()
        self.now_s = 0.0
        self.told: list[Route] = []

    @rule(kind=st.integers(1, 255))
    def enters(self, kind: int) -> None:
        self.escrow.happened(Result(kind, codes.IN_ESCROW), self.now_s)
        self.told = []

    @precondition(lambda self: self.escrow.kind)
    @rule(result=st.sampled_from([Result(3, 0), Result(0, 1), Result(0, 6), Result(0, 21)]))
    def leaves(self, result: Result) -> None:
        self.escrow.happened(result, self.now_s)
        self.told = []
        assert not self.escrow.kind
        assert self.escrow.due(self.now_s + 1000) is None

    @rule(code=st.sampled_from([0, 2, 7, 14, 16]))
    def something_else_happens(self, code: int) -> None:
        before = self.escrow.kind
        self.escrow.happened(Result(0, code), self.now_s)
        assert self.escrow.kind == before

    @rule(route=st.sampled_from([Route.STACK, Route.RETURN]))
    def is_decided(self, route: Route) -> None:
        taken = self.escrow.decide(route)
        decided = [one for one in self.told if one is not Route.EXTEND]
        assert taken is (bool(self.escrow.kind) and (not decided or decided[0] is route))

    @rule(passed_s=st.floats(0.1, 30))
    def time_passes(self, passed_s: float) -> None:
        self.now_s += passed_s
        route = self.escrow.due(self.now_s)
        if route is not None:
            self.escrow.told(route, self.now_s)
            self.told.append(route)

    @precondition(lambda self: self.told)
    @rule()
    def is_answered(self) -> None:
        self.escrow.answered()

    @invariant()
    def told_little_and_one_thing_only(self) -> None:
        decided = [route for route in self.told if route is not Route.EXTEND]
        assert len(decided) <= 2
        assert len(set(decided)) <= 1
        assert self.told.count(Route.EXTEND) <= 3


TestEscrow = EscrowMachine.TestCase

# --- anything at all ------------------------------------------------------------------------------


@given(st.lists(st.binary(min_size=11, max_size=11), max_size=8))
def test_any_readings_are_facts_whose_cursors_never_go_back(readings: list[bytes]) -> None:
    past, places, keys = EMPTY, [(1, 0)], set()
    for payload in readings:
        news = compare(past, parse_reading(payload))
        for fact in BOOKER.facts(news):
            if not isinstance(fact, DeviceIncident):
                places.append((fact.cursor.epoch, fact.cursor.sequence))
            if isinstance(fact, NoteStacked):
                assert places[-1] not in keys
                keys.add(places[-1])
        past = news.past
    assert places == sorted(places)


def test_hundred_thousand_random_streams_break_nothing() -> None:
    entropy = SeededEntropy(159, "streams")
    past, readers = EMPTY, (NoteReader(), HopperReader())
    escrow = Escrow()
    noise = entropy.token(1 << 16)
    for number in range(100_000):
        start = entropy.below(len(noise) - 11)
        octets = noise[start : start + 11]
        news = compare(past, parse_reading(octets))
        for fact in BOOKER.facts(news) if number % 10 == 0 else ():
            assert fact is not None
        for event in news.events:
            escrow.happened(event.result, float(number))
        escrow.due(float(number))
        past = news.past
        value_of_bill(octets[:7].decode("latin-1"), "EU", parse_scaling(octets[7:10]) or X100)
        if number % 10 == 0:
            for reader in readers:
                for direction in ("tx", "rx"):
                    reader.heard(direction, octets)
                assert all(decoder.held < 300 for decoder in reader._decoders.values())
