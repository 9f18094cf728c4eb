"""The receipt printer: what is proved, what is not, and the bytes of the field notes."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.devices import DeviceOffline, DeviceOnline
from chargepoint.domain.money.paper import (
    Letterhead,
    Paper,
    PaperLine,
    PaperQr,
    PaperRow,
    PaperRule,
    receipt_paper,
)
from chargepoint.ports import DeviceUnavailable
from drivers.printer import codec
from drivers.printer.codec import Align, Condition
from drivers.printer.driver import EscPosPrinterDriver, Proof
from drivers.printer.layout import encode
from drivers.printer.profiles import MM_58, MM_80, PrinterProfile
from drivers.trace import Trace
from simulator.devices.printer import SimulatedPrinter
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual
from tests.support.transports import BYTE_BY_BYTE, NORMAL, Transport, on_every_transport

PAPER = Paper((PaperLine("Plaza", centred=True, bold=True), PaperRow("Total", "1,50"), PaperQr("https://r.example/r/x")))  # fmt: skip
DOCUMENT = {
    "receiptNumber": "CP-1-1-000001",
    "connectorId": 1,
    "lines": [
        {"item": "energy", "amount": 153, "energyWh": 3400},
        {"item": "rounding", "amount": -3},
    ],
    "vat": {"percent": 21, "amount": 26},
    "total": {"amount": 150},
    "means": "bank",
    "hold": {"amount": 4000},
    "captured": {"amount": 150},
    "released": {"amount": 3850},
    "maskedPan": "559883******8074",
    "terminalId": "52523535",
}
HEAD = Letterhead("CP-1", "+34 900 000 000", "2027-03-01 09:00", "https://r.example/r/abc")


class Desk:
    def __init__(self, transport: Transport, width: PrinterProfile, proof: Proof) -> None:
        self.transport = transport
        self.line: MemoryLine = transport.line("printer")
        self.printer = SimulatedPrinter(self.line)
        self.said: list[object] = []
        loop = asyncio.get_running_loop()
        self.driver = EscPosPrinterDriver(
            self.line.open_port,
            self.said.append,
            Trace("printer", loop.time),
            profile=width,
            proof=proof,
        )

    @property
    def reasons(self) -> list[str]:
        return [e.reason if isinstance(e, DeviceOffline) else "" for e in self.said if isinstance(e, DeviceOffline | DeviceOnline)]  # fmt: skip

    @property
    def printed(self) -> list[str]:
        return [line for sheet in self.printer.cut_off for line in sheet.lines]


async def is_refused(desk: Desk, meanwhile: Callable[[], None]) -> bool:
    """Whether a document that something happens to is not claimed as printed."""

    async def attempt() -> bool:
        try:
            await desk.driver.print(PAPER)
        except DeviceUnavailable:
            return True
        return False

    async with asyncio.TaskGroup() as tasks:
        printing = tasks.create_task(attempt())
        await asyncio.sleep(0.06)
        meanwhile()
    return printing.result()


def play(
    story: Callable[[Desk], Awaitable[None]],
    transport: Transport = NORMAL,
    width: PrinterProfile = MM_58,
    proof: Proof = Proof.PROCESSED,
) -> None:
    async def live() -> None:
        desk = Desk(transport, width, proof)
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(desk.printer.run()), tasks.create_task(desk.driver.run())]
            await asyncio.sleep(1)
            await story(desk)
            for task in running:
                task.cancel()

    run_virtual(live())


# --- bytes ---------------------------------------------------------------------------------------


def test_commands_are_those_of_the_field_notes() -> None:
    assert codec.INIT.hex(" ") == "1b 40"
    assert codec.code_page(19).hex(" ") == "1b 74 13"
    assert codec.align(Align.CENTRE).hex(" ") == "1b 61 01"
    assert codec.bold(on=True).hex(" ") == "1b 45 01"
    assert codec.double(on=True).hex(" ") == "1d 21 11"
    assert codec.feed(2).hex(" ") == "1b 64 02"
    assert codec.CUT.hex(" ") == "1d 56 41 03"
    assert codec.text("1 €").hex(" ") == "31 20 d5 0a"


def test_qr_code_is_told_in_five_steps() -> None:
    assert codec.qr("AB", module_dots=5).hex(" ") == (
        "1d 28 6b 04 00 31 41 32 00 1d 28 6b 03 00 31 43 05 1d 28 6b 03 00 31 45 31"
        " 1d 28 6b 05 00 31 50 30 41 42 1d 28 6b 03 00 31 51 30"
    )


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        ((0x12, 0x12, 0x12), ""),
        ((0x12, 0x12, 0x1E), ""),  # near the end of the roll
        ((0x1A, 0x32, 0x72), "paper_out"),
        ((0x12, 0x12, 0x72), "paper_out"),
        ((0x1A, 0x16, 0x12), "cover_open"),
        ((0x1A, 0x52, 0x12), "error"),
        ((0x1A, 0x12, 0x12), "error"),
    ],
)
def test_status_says_why_it_cannot_print(octets: tuple[int, int, int], why: str) -> None:
    assert codec.condition(*octets).why_not == why
    assert Condition().why_not == ""


@given(st.binary(max_size=40))
def test_status_is_found_among_noise_or_not_at_all(noise: bytes) -> None:
    found = codec.status_in(noise)
    assert found is None or found & 0x93 == 0x12


@given(st.text(max_size=200))
def test_whatever_is_printed_no_command_can_be_smuggled_in(words: str) -> None:
    octets = codec.text(words)
    assert min(octets[:-1], default=0x20) >= 0x20
    assert octets.count(b"\n") == 1


# --- layout --------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [MM_58, MM_80])
@pytest.mark.parametrize("language", ["es", "en", "xx"])
def test_receipt_fits_its_paper(width: PrinterProfile, language: str) -> None:
    async def story(desk: Desk) -> None:
        await desk.driver.print(receipt_paper(DOCUMENT, HEAD, language))
        assert max(len(line) for line in desk.printed) <= width.columns
        assert desk.printer.violations == []
        assert [sheet.qr_codes for sheet in desk.printer.cut_off] == [[HEAD.qr]]

    play(story, width=width)


def test_receipt_says_what_was_paid_and_how() -> None:
    parts = receipt_paper(DOCUMENT, HEAD, "es").parts
    assert PaperRow("TOTAL", "1,50 EUR", bold=True) in parts
    assert PaperRow("Reserva anulada", "38,50") in parts
    assert PaperRow("Redondeo", "-0,03") in parts
    assert PaperRow("Tarjeta", "559883******8074") in parts


def test_invoice_names_its_issuer_and_a_copy_says_so() -> None:
    invoice = {**DOCUMENT, "invoice": "P07-000001", "issuer": "Plaza SL", "nif": "B12345674"}
    head = Letterhead("CP-1", "", "", "https://www2.agenciatributaria.gob.es/x", is_copy=True)
    texts = [part.text for part in receipt_paper(invoice, head, "es").parts if isinstance(part, PaperLine)]  # fmt: skip
    assert texts[:5] == ["Plaza SL", "NIF B12345674", "FACTURA SIMPLIFICADA", "P07-000001", "COPIA"]
    assert "No es una factura" not in texts


@given(st.text(max_size=60), st.text(max_size=60))
def test_rows_that_do_not_fit_take_two_lines(left: str, right: str) -> None:
    octets = encode(Paper((PaperRow(left, right), PaperRule())), MM_58)
    lines = octets.split(b"\n")
    assert all(len(line) <= 40 for line in lines)


# --- proof ---------------------------------------------------------------------------------------


@on_every_transport
def test_document_comes_out_once_or_is_not_claimed(transport: Transport) -> None:
    async def story(desk: Desk) -> None:
        proved = 0
        for _ in range(3):
            try:
                async with asyncio.TaskGroup() as tasks:
                    printing = tasks.create_task(desk.driver.print(PAPER))
                    await asyncio.sleep(0.05)
                    await transport.disturb(desk.line)
                    await printing
                proved += 1
            except* DeviceUnavailable:
                await asyncio.sleep(3)
        assert len(desk.printer.cut_off) >= proved or transport.name in {"loss", "garbage"}
        if transport in (NORMAL, BYTE_BY_BYTE):
            assert proved == 3
            assert desk.printed[:2] == ["Plaza", f"Total{'1,50':>27}"]

    play(story, transport)


@pytest.mark.parametrize("trouble", ["paper_out", "cover_open", "error"])
def test_printer_in_trouble_says_so_and_claims_nothing(trouble: str) -> None:
    async def story(desk: Desk) -> None:
        desk.printer.fault(trouble)
        with pytest.raises(DeviceUnavailable, match=trouble):
            await desk.driver.print(PAPER)
        assert desk.reasons == ["", trouble]
        assert desk.printed == []
        desk.printer.clear(trouble)
        await asyncio.sleep(6)
        assert desk.reasons == ["", trouble, ""]
        await desk.driver.print(PAPER)

    play(story)


def test_paper_that_ends_midway_is_no_proof() -> None:
    async def story(desk: Desk) -> None:
        assert await is_refused(desk, lambda: desk.printer.fault("paper_out"))
        assert desk.printer.cut_off == []

    play(story)


def test_low_paper_still_prints() -> None:
    async def story(desk: Desk) -> None:
        desk.printer.fault("paper_low")
        await desk.driver.print(PAPER)
        assert len(desk.printer.cut_off) == 1

    play(story)


def test_silence_is_a_fault() -> None:
    async def story(desk: Desk) -> None:
        desk.printer.fault("silent")
        with pytest.raises(DeviceUnavailable):
            await desk.driver.print(PAPER)
        await asyncio.sleep(10)
        assert "no answer" in desk.reasons[-1]
        with pytest.raises(DeviceUnavailable, match="offline"):
            await desk.driver.print(PAPER)
        desk.printer.clear("silent")
        await asyncio.sleep(40)
        await desk.driver.print(PAPER)

    play(story)


def test_power_cut_in_the_middle_is_no_proof() -> None:
    async def story(desk: Desk) -> None:
        assert await is_refused(desk, desk.printer.power_cut)
        desk.printer.power_on()
        await asyncio.sleep(40)
        await desk.driver.print(PAPER)
        assert len(desk.printer.cut_off) == 1

    play(story)


@pytest.mark.parametrize(("proof", "is_believed"), [(Proof.STATUS, True), (Proof.PROCESSED, False)])
def test_printer_that_answers_no_gs_r_is_believed_by_its_status_alone(
    proof: Proof, *, is_believed: bool
) -> None:
    async def story(desk: Desk) -> None:
        desk.printer.answers_processed = False
        assert await is_refused(desk, lambda: None) is not is_believed
        desk.printer.fault("paper_out")
        assert await is_refused(desk, lambda: None)

    play(story, proof=proof)
