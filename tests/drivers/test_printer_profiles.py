"""Our printers and bytes beside those of python-escpos, in a process of its own for its side effects."""

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from chargepoint.domain.money.paper import Paper, PaperLine, PaperQr
from drivers.printer import codec
from drivers.printer.layout import encode
from drivers.printer.profiles import PROFILES, PrinterProfile

ADDRESS = "https://receipts.example/r/abcdefghijklmnopqrstuvwx23"
WORDS = "Energía: señor, 12,30 €"
ASK = f"""
import json
from escpos.capabilities import CAPABILITIES
from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy

def out(*deeds):
    printer = Dummy(profile="TM-T20II", magic_encode_args={{"encoding": "CP858"}})
    for deed in deeds:
        deed(printer)
    return printer.output.hex()

print(json.dumps({{
    "profiles": CAPABILITIES["profiles"],
    "text": out(lambda p: p.text({WORDS!r})),
    "qr": out(lambda p: p.qr({ADDRESS!r}, ec=QR_ECLEVEL_M, size=5, native=True)),
    "cut": out(lambda p: p.cut(feed=False)),
}}))
"""


@cache
def library() -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, check=True, timeout=25, text=True
    )
    return dict(json.loads(told.stdout))


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_profile_is_that_of_the_library(name: str) -> None:
    known, ours = library()["profiles"][name], PROFILES[name]
    pages = {page.replace("CP", "cp"): int(number) for number, page in known["codePages"].items()}
    assert ours.columns == known["fonts"]["0"]["columns"]
    assert pages[ours.encoding] == ours.code_page
    assert ours.draws_qr == known["features"]["qrCode"]
    assert ours.has_knife == known["features"]["paperFullCut"]


def test_text_is_encoded_as_the_library_does() -> None:
    assert bytes.fromhex(library()["text"]) == codec.text(WORDS).rstrip(b"\n")


def test_qr_code_is_ordered_as_the_library_does() -> None:
    assert codec.qr(ADDRESS, module_dots=5) in bytes.fromhex(library()["qr"])


def test_cut_is_the_library_s_but_for_the_way_to_the_knife() -> None:
    assert bytes.fromhex(library()["cut"])[:2] == codec.CUT[:2] == b"\x1dV"


def test_what_a_printer_lacks_is_done_otherwise() -> None:
    plain = PrinterProfile(32, 53, draws_qr=False, has_knife=False)
    octets = encode(Paper((PaperLine("12 €"), PaperQr(ADDRESS))), plain)
    assert codec.code_page(53) in octets
    assert b"https://receipts.example/r/abcde" in octets
    assert b"\x1d(k" not in octets
    assert codec.CUT not in octets


def test_euro_has_its_place_on_another_code_page() -> None:
    octets = encode(Paper((PaperLine("12 €"),)), PROFILES["TM-T88II"])
    assert codec.code_page(16) + b"12 \x80\n" in octets
