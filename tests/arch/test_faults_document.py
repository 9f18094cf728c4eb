"""docs/faults.md and the fault table say the same, and every reference on the screen is explained."""

import re
from pathlib import Path
from typing import get_args

import pytest

from chargepoint.domain.faults import standing as faults
from chargepoint.domain.faults.table import ROWS, Clears, Fault
from config.schema import Language

ROOT = Path(__file__).parents[2]
GOES = {
    Clears.GONE: "by itself, with its cause",
    Clears.UNPLUGGED: "with the vehicle",
    Clears.SERVICE: "by a technician's reset",
}
SECTION = re.compile(
    r"^## (?P<ref>F\d\d) `(?P<key>\w+)`\n\n(?P<behaviour>Goes: .+)\n\nCause: .+\n\n"
    r"1\. .+\n2\. .+\n3\. .+\n\nPart: .+\n",
    re.MULTILINE,
)


def sections() -> dict[str, tuple[str, str]]:
    text = (ROOT / "docs" / "faults.md").read_text("utf-8")
    found = {m["ref"]: (m["key"], m["behaviour"]) for m in SECTION.finditer(text)}
    assert len(found) == text.count("\n## "), "a section without cause, three checks and a part"
    return found


def behaviour(fault: Fault) -> str:
    codes = f"`{fault.ocpp_code}`" + (f" `{fault.mrec}`" if fault.mrec else "")
    status = "beside its status" if fault.of_vehicle else "Faulted"
    return f"Goes: {GOES[fault.clears]}. Told as {codes}, {status}; reason {fault.reason}."


def test_document_has_each_reference_and_no_other() -> None:
    assert set(sections()) == {row.ref for row in ROWS} | {faults.INOPERATIVE_REF}


@pytest.mark.parametrize("fault", ROWS, ids=lambda row: row.ref)
def test_document_says_what_the_table_says(fault: Fault) -> None:
    assert sections()[fault.ref] == (fault.key, behaviour(fault))


@pytest.mark.parametrize("language", get_args(Language))
def test_driver_and_technician_have_words_for_each_fault(language: str) -> None:
    folder = ROOT / "ui" / "assets" / "locale" / language
    for_drivers = (folder / "kiosk.po").read_text("utf-8")
    for_technicians = (folder / "service.po").read_text("utf-8")
    assert not [row.ref for row in ROWS if not has_words(for_drivers, row.text)]
    assert not [row.ref for row in ROWS if not has_words(for_technicians, f"svc.fault.{row.key}")]


def has_words(catalogue: str, key: str) -> bool:
    """A translation that says something."""
    return (
        re.search(rf'^msgid "{re.escape(key)}"\nmsgstr "[^"]', catalogue, re.MULTILINE) is not None
    )
