"""docs/ocpp16.md: every case for charge points is there, and every test that it names."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEDGER = (ROOT / "docs/ocpp16.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (TC_\d{3}(?:_\d)?)_CS \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
CASES = [
    "001",
    "002",
    "003",
    "004_1",
    "004_2",
    "068",
    "069",
    "005_1",
    "005_2",
    "005_3",
    "007",
    "061",
    "010",
    "011_1",
    "011_2",
    "012",
    "013",
    "014",
    "015",
    "016",
    "017_1",
    "017_2",
    "018_1",
    "018_2",
    "019",
    "021",
    "070",
    "071",
    "023",
    "024",
    "026",
    "027",
    "028",
    "030",
    "031",
    "032_1",
    "032_2",
    "034",
    "036",
    "037_1",
    "037_2",
    "037_3",
    "038",
    "039",
    "040_1",
    "040_2",
    "041",
    "042_1",
    "042_2",
    "043",
    "043_1",
    "043_2",
    "043_3",
    "008",
    "044_1",
    "044_2",
    "044_3",
    "045_1",
    "045_2",
    "046_1",
    "046_2",
    "047",
    "048_1",
    "048_2",
    "048_3",
    "048_4",
    "049",
    "050_1",
    "050_2",
    "050_3",
    "050_4",
    "051",
    "052",
    "053",
    "054",
    "055",
    "056",
    "057",
    "058_1",
    "058_2",
    "082",
    "066",
    "067",
    "072",
    "059",
    "060",
    "062",
    "073",
    "074",
    "075_1",
    "075_2",
    "076",
    "077",
    "078",
    "079",
    "080",
    "081",
    "083",
    "084",
    "085",
    "086",
    "087",
]


def test_every_case_has_one_row() -> None:
    rows = [case.removeprefix("TC_") for case, _, _ in ROW.findall(LEDGER)]
    assert sorted(rows) == sorted(CASES)


def test_every_row_names_tests_that_exist_or_says_why_not() -> None:
    for case, _, played in ROW.findall(LEDGER):
        named = TEST.findall(played)
        assert named or played.startswith("cannot apply: "), case
        for path, test in named:
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^(?:async )?def {test}\(", source, re.MULTILINE), f"{case}: {test}"


def test_every_test_of_a_case_stands_in_its_row() -> None:
    rows = {case: played for case, _, played in ROW.findall(LEDGER)}
    for file in sorted((ROOT / "tests/ocpp/compliance").glob("test_*.py")):
        source = file.read_text(encoding="utf-8")
        for test in re.findall(r"^(?:async )?def (test_tc_\w+)\(", source, re.MULTILINE):
            longest = max((c for c in rows if test.startswith(f"test_{c.lower()}_")), key=len)
            assert f"{file.name}::{test}`" in rows[longest], test


def test_the_counts_are_those_of_the_rows() -> None:
    counted: Counter[str] = Counter()
    for section in LEDGER.split("\n## ")[1:]:
        counted[section.splitlines()[0]] = len(ROW.findall(section))
    said = {
        name: int(count)
        for name, count in re.findall(r"^\| ([\w ]+) \| (\d+) \|$", LEDGER, re.MULTILINE)
    }
    assert said == {**counted, "all": counted.total()}
