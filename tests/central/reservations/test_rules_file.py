"""The operator's rule in the provisioning file."""

import json
from pathlib import Path

import pytest

from central.errors import WrongProvisioning
from central.provisioning import Provisioning, read_provisioning
from central.reservations.rules import NoShow, Opening, Rules


def written(folder: Path, entry: object) -> Path:
    path = folder / "rules.json"
    path.write_text(json.dumps({"reservations": entry}), encoding="utf-8")
    return path


def test_nothing_written_is_the_rule_of_the_code() -> None:
    assert Provisioning().reservations.value() == Rules()


def test_what_is_written_counts(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {
            "noShow": "fee",
            "noShowFeeMinor": 300,
            "nowMinutes": [20],
            "sites": {"Harbour": {"since": "06:00", "until": "23:00", "days": ["Monday"]}},
        },
    )
    rules = read_provisioning(path).reservations.value()
    assert (rules.no_show, rules.no_show_fee_minor, rules.now_minutes) == (NoShow.FEE, 300, (20,))
    assert rules.sites == {"Harbour": Opening("06:00", "23:00", ("Monday",))}


@pytest.mark.parametrize(
    "entry",
    [
        {"noShow": "prison"},
        {"nowMinutes": [90]},
        {"lengthsMinutes": [50]},
        {"lengthsMinutes": []},
        {"opening": {"since": "25:00"}},
        {"lookBeforeMinutes": 20, "tellBeforeMinutes": 10},
        {"unknown": 1},
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, entry: object) -> None:
    with pytest.raises(WrongProvisioning, match="reservations"):
        read_provisioning(written(tmp_path, entry))
