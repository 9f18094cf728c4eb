"""Every incident that the code can report is in docs/incidents.md, and nothing else is."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from chargepoint.domain.devices import DeviceKind
from chargepoint.domain.faults import standing as faults

ROOT = Path(__file__).resolve().parents[2]
REPORTERS = {"Incident", "DeviceIncident", "LinkRefused", "incident", "_incident", "report"}
CODE = re.compile(r"[a-z_]+\.[a-z_]+")


def documented() -> set[str]:
    text = (ROOT / "docs" / "incidents.md").read_text("utf-8")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {code for cell in cells for code in re.findall(r"`([^`]+)`", cell)}


def reports(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in REPORTERS:
                yield node


def literal_codes() -> dict[str, str]:
    """Codes written out, by whoever reports them or anywhere in a known area: code to place."""
    areas = {code.partition(".")[0] for code in documented()}
    found = {}
    for package in ("chargepoint", "drivers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            place = str(path.relative_to(ROOT))
            for call in reports(path):
                found.update((text, place) for text in texts(call.args[:2]))
            everywhere = texts(ast.walk(ast.parse(path.read_text("utf-8"))))
            found.update((t, place) for t in everywhere if t.partition(".")[0] in areas)
    return found


def texts(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        value = getattr(node, "value", None)
        if isinstance(node, ast.Constant) and isinstance(value, str) and CODE.fullmatch(value):
            yield value


def cash_codes() -> set[str]:
    """The cash drivers name the kind of incident and add their device in front."""
    found = set()
    for path in sorted((ROOT / "drivers" / "cctalk").glob("*.py")):
        device = "note_validator" if path.name.startswith("note") else "coin_acceptor"
        for call in reports(path):
            value = getattr(call.args[0], "value", None) if call.args else None
            if isinstance(value, str) and "." not in value:
                found.add(f"{device}.{value}")
    return found


def derived_codes() -> set[str]:
    on_lines = [kind for kind in DeviceKind if kind is not DeviceKind.DISPLAY]  # it has a socket
    lines = {
        f"{k}.{word}"
        for k in on_lines
        for word in ("silent", "garbled", "unplugged", "port_in_use")
    }
    own = {faults.incident_of(key) for key in faults.FAULTS.keys() - faults.DEVICE_FAULTS}
    return lines | own


def test_every_code_in_the_source_is_documented() -> None:
    missing = {code: place for code, place in literal_codes().items() if code not in documented()}
    assert not missing
    assert not (cash_codes() | derived_codes()) - documented()


def test_every_documented_code_can_be_reported() -> None:
    assert not documented() - set(literal_codes()) - cash_codes() - derived_codes()
