"""docs/ocpp.md says what the code does."""

import re
from pathlib import Path

from chargepoint.ocpp.frames import ErrorCode
from chargepoint.ocpp.key_catalogue import station_keys
from chargepoint.ocpp.key_types import Key

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ocpp.md").read_text(encoding="utf-8")
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "chargepoint" / "ocpp").rglob("*.py"))
)


def rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_key_is_listed_with_its_factory_value_and_access() -> None:
    listed = [
        (name, value, access.split(",")[0]) for name, _, value, access in rows("Configuration keys")
    ]
    keys = [(key.name, key.default, _access(key)) for key in station_keys(2)]
    assert sorted(listed) == sorted(keys)


def _access(key: Key) -> str:
    if key.is_write_only:
        return "W"
    return "R" if key.is_read_only else "RW"


def test_every_incident_is_listed() -> None:
    raised = set(re.findall(r'"((?:ocpp|central)\.[a-z_]+)"', SOURCE))
    assert {row[0].strip("`") for row in rows("Incidents")} == raised


def test_every_error_code_named_is_one_of_the_version() -> None:
    named = {
        code for row in rows("A malformed frame") for code in re.findall(r"`([A-Z]\w+)`", row[1])
    }
    assert named <= {code.value for code in ErrorCode}
