"""`python -m central.agents`, and what the provisioning file says of support."""

import io
import json
from pathlib import Path

import pytest

from central import agents
from central.errors import WrongProvisioning
from central.provisioning import read_provisioning
from central.storage.store import Store
from tests.support.central import FixedClock


def run(monkeypatch: pytest.MonkeyPatch, *words: str, password: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    return agents.main(words, FixedClock())


def test_agent_when_added_then_listed_and_gone_when_they_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "central.sqlite")
    Store(file).close()
    added = ("--db", file, "add", "Maite", "--name", "Maite E.")
    assert run(monkeypatch, *added, password="seven quiet herons") == 0
    assert run(monkeypatch, *added, password="seven quiet herons") == 2
    assert run(monkeypatch, "--db", file, "password", "maite", password="short") == 2
    assert run(monkeypatch, "--db", file, "password", "maite", password="nine loud herons") == 0
    capsys.readouterr()
    assert run(monkeypatch, "--db", file, "list") == 0
    assert capsys.readouterr().out == "maite\tagent\tMaite E.\n"
    assert run(monkeypatch, "--db", file, "leave", "maite") == 0
    assert run(monkeypatch, "--db", file, "leave", "maite") == 2
    assert run(monkeypatch, "--db", str(tmp_path / "none"), "list") == 1


def test_support_when_provisioned_then_hours_holidays_and_agents(tmp_path: Path) -> None:
    entry = {
        "hours": {"Monday": [{"from": "08:00", "until": "14:00"}]},
        "holidays": ["2026-12-25"],
        "agents": [{"login": "maite", "name": "Maite", "password": "seven quiet herons"}],
        "complaintDays": 10,
    }
    file = tmp_path / "cards.json"
    file.write_text(json.dumps({"support": entry}))
    options = read_provisioning(file).support.options(None)
    assert options.hours.days == {"Monday": (("08:00", "14:00"),)}
    assert options.hours.holidays == {"2026-12-25"}
    assert options.agents[0].login == "maite"
    assert options.complaint_days == 10


@pytest.mark.parametrize(
    "entry",
    [
        {"hours": {"Mon": []}},
        {"hours": {"Monday": [{"from": "25:00", "until": "14:00"}]}},
        {"holidays": ["2026-02-30"]},
        {"timezone": "Europe/Nowhere"},
        {"complaintDays": 60},
        {"agents": [{"login": "a", "name": "A", "password": "short"}]},
    ],
)
def test_support_when_wrong_then_refused_with_its_place(
    tmp_path: Path, entry: dict[str, object]
) -> None:
    file = tmp_path / "cards.json"
    file.write_text(json.dumps({"support": entry}))
    with pytest.raises(WrongProvisioning, match="support"):
        read_provisioning(file)
