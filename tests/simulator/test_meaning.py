"""The words that the bench puts beside frames; the bytes are from the specifications."""

import asyncio

from drivers.cctalk.codec import Frame, Header
from drivers.cctalk.codec import encode as cctalk
from drivers.rapi.codec import Command, Event, Reply
from drivers.rapi.codec import encode as rapi
from simulator.entropy import SeededEntropy
from simulator.line_faults import LineFault
from simulator.meaning import READERS, Said, watch
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual
from simulator.wiretap import TappedLine

READ_CREDIT = cctalk(Frame(2, 1, Header.READ_CREDIT))


def _credit(*payload: int) -> bytes:
    return cctalk(Frame(1, 2, Header.REPLY, bytes(payload)))


def _words(bus: str, *said: tuple[str, bytes]) -> list[str]:
    reader = READERS[bus]()
    return [found.meaning for direction, chunk in said for found in reader.heard(direction, chunk)]


def test_coin_is_named_by_the_value_that_the_acceptor_gave_it() -> None:
    words = _words(
        "coin_acceptor",
        ("tx", cctalk(Frame(2, 1, Header.COIN_ID, b"\x06"))),
        ("rx", cctalk(Frame(1, 2, Header.REPLY, b"EU200A"))),
        ("tx", READ_CREDIT),
        ("rx", _credit(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        ("tx", READ_CREDIT),
        ("rx", _credit(6, 0, 2, 6, 1, 0, 0, 0, 0, 0, 0)),
    )
    assert words[1] == "coin number 6 is 2.00 €"
    assert words[3] == "nothing new, event counter 4"
    assert words[5] == "coin 2.00 € accepted, coin returned: inhibited · event counter 6"


def test_event_counter_of_the_acceptor_wraps_and_restarts() -> None:
    none = (0,) * 10
    words = _words(
        "coin_acceptor",
        ("tx", READ_CREDIT),
        ("rx", _credit(255, *none)),
        ("rx", _credit(1, 3, 1, *none[2:])),
        ("rx", _credit(0, *none)),
    )
    assert words[2] == "coin of unknown value accepted · event counter 1"
    assert words[3] == "the acceptor has started again"


def test_board_lines_say_what_the_board_is_told_and_what_it_sees() -> None:
    words = _words(
        "evse:1".partition(":")[0],
        ("tx", rapi(Command("FE", sequence=7))),
        ("rx", rapi(Reply(ok=True, sequence=7))),
        ("rx", rapi(Event("AT", ("03", "03", "16", "0140")))),
        ("tx", rapi(Command("GS"))),
        ("rx", rapi(Reply(ok=True, arguments=("FE", "0", "01", "0000")))),
        ("rx", rapi(Reply(ok=False))),
        ("rx", b"$OK^00\r"),
    )
    assert words == [
        "$FE: let the car have power",
        "$OK",
        "$AT 03 03 16 0140: now car takes power, 16 A offered",
        "$GS: what is your state?",
        "$OK FE 0 01 0000: asleep, no car",
        "$NK: GS refused",
        "no frame: bad checksum",
    ]


def test_meter_answer_is_read_with_its_question() -> None:
    # Eastron SDM protocol: 230.2 V of the first phase is 43 66 33 33.
    assert _words(
        "meter",
        ("tx", bytes.fromhex("010400000002 71CB")),
        ("rx", bytes.fromhex("010404 43663333 5AFA")),
        ("tx", bytes.fromhex("010400000002 71CB")),
        ("rx", bytes.fromhex("010404 43663333 5AFB")),
        ("tx", bytes.fromhex("010400000002 71CB")),
    ) == [
        "unit 1: read 2 registers from 0000h (voltage)",
        "voltage 230.2 V",
        "unit 1: read 2 registers from 0000h (voltage)",
        "no frame",
        "unit 1: read 2 registers from 0000h (voltage)",
    ]


def test_lease_is_told_with_its_time() -> None:
    assert _words("lease_timer", ("tx", bytes.fromhex("01050201001E 1DBA"))) == [
        "relay 2 on for 3.0 s"
    ]


def test_card_reader_masks_what_is_secret() -> None:
    reader = READERS["card_reader"]()
    (said,) = reader.heard("tx", bytes.fromhex("0000FF04FCD44A0100E100"))
    assert said.meaning == "in list passive target"
    assert reader.heard("rx", bytes.fromhex("0000FF00FF00")) == [
        Said("00 00 FF 00 FF 00", "received")
    ]


def test_tapped_line_tells_both_directions_and_passes_everything() -> None:
    heard: list[dict[str, str]] = []

    async def exchange() -> bytes:
        inner = MemoryLine("evse:1", SeededEntropy(1))
        line = TappedLine(inner, watch("evse:1", heard.append).heard)
        port = await inner.open_port()
        port.write(b"$GS^30\r")
        await line.read()
        line.fault(LineFault.SLOW)
        line.clear(LineFault.SLOW)
        line.write(b"$OK^20\r")
        await asyncio.sleep(0.1)
        return await port.read()

    assert run_virtual(exchange()) == b"$OK^20\r"
    assert [(event["bus"], event["dir"]) for event in heard] == [("evse:1", "tx"), ("evse:1", "rx")]
    assert heard[0]["hex"] == "24 47 53 5E 33 30 0D"


def test_note_is_followed_from_the_mouth_to_the_stacker() -> None:
    def to(header: int, payload: bytes = b"") -> tuple[str, bytes]:
        return "tx", cctalk(Frame(40, None, header, payload))

    def back(*payload: int) -> tuple[str, bytes]:
        return "rx", cctalk(Frame(1, None, Header.REPLY, bytes(payload)))

    none = (0,) * 10
    words = _words(
        "note_validator",
        to(Header.BILL_ID, b"\x03"),
        back(*b"EU0020A"),
        to(Header.READ_BILL_EVENTS),
        back(0, *none),
        to(Header.READ_BILL_EVENTS),
        back(1, 3, 1, *none[2:]),
        to(Header.ROUTE_BILL, b"\x01"),
        back(),
        to(Header.READ_BILL_EVENTS),
        back(4, 0, 14, 0, 1, 3, 0, 3, 1, *none[8:]),
        to(Header.READ_BILL_EVENTS),
        back(0, *none),
        ("rx", b"\x02"),
    )
    assert words[1:] == [
        "note number 3 is 20 €",
        "any notes?",
        "nothing new, event counter 0",
        "any notes?",
        "note 20 € in escrow · event counter 1",
        "keep the note",
        "yes",
        "any notes?",
        "note 20 € kept, note returned: returned, stacker full · event counter 4",
        "any notes?",
        "the validator has started again",
    ]


def test_payout_is_followed_coin_by_coin() -> None:
    def to(header: int, payload: bytes = b"") -> tuple[str, bytes]:
        return "tx", cctalk(Frame(3, 1, header, payload))

    def back(*payload: int, header: int = Header.REPLY) -> tuple[str, bytes]:
        return "rx", cctalk(Frame(1, 3, header, bytes(payload)))

    assert _words(
        "hopper",
        to(Header.TEST_HOPPER),
        back(0xC0),
        back(0x20),
        to(Header.ENABLE_HOPPER, b"\xa5"),
        to(Header.DISPENSE_COINS, bytes(8) + b"\x05"),
        back(1),
        back(header=Header.NAK),
        to(Header.HOPPER_STATUS),
        back(1, 3, 2, 0),
        back(1, 0, 3, 2),
        to(Header.DISPENSE_COUNT),
        back(0xE8, 3, 0),
        to(Header.ENABLE_HOPPER, b"\x00"),
    ) == [
        "test hopper",
        "ready",
        "blocked",
        "be ready to pay",
        "pay 5 coins",
        "paying, command number 1",
        "NAK",
        "how far is the payout?",
        "2 paid, 3 to go",
        "3 paid, 0 to go, 2 not paid",
        "how many coins in your life?",
        "1000 coins",
        "do not pay",
    ]


def test_printer_is_asked_and_answers_in_words() -> None:
    words = _words(
        "printer",
        ("tx", b"\x10\x04\x04"),
        ("rx", b"\x1e"),
        ("tx", b"\x10\x04\x02"),
        ("rx", b"\x32"),
        ("tx", b"\x1b@Plaza\n\x1dr\x01"),
        ("rx", b"\x00"),
    )
    assert words == [
        "status: paper?",
        "paper is nearly used up",
        "status: offline cause?",
        "paper out",
        "print: @Plaza r",
        "printed so far",
    ]
