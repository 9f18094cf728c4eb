"""The command: exit codes, every mistake with file and line, progress, and reports that repeat."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.__main__ import main

SHORT = """\
title: A car is plugged in
given:
  config: {tariff.energy: 0.30, station.connectors: 1}
seed: 5
steps:
  - plug: {connector: 1, ev: {soc: 20}}
  - expect: {screen: pay, within: 5s}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_play_when_it_passes_then_zero_with_progress_and_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "out.json"
    assert main(["play", str(write(tmp_path, "a.yaml", SHORT)), "--report", str(report)]) == 0
    said = capsys.readouterr().out
    assert "line 6    plug: {connector: 1, ev: {soc: 20}}" in said
    assert "a.yaml: passed" in said
    written = json.loads(report.read_bytes())
    assert (written["passed"], written["seed"], written["wall_s"]) == (True, 5, None)
    assert written["ledger"] == {"balanced": True, "accounts": {}}
    assert {entry["id"] for entry in written["screens"]} >= {"home", "pay"}


def test_play_when_a_step_fails_then_one_with_file_line_expected_and_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = write(tmp_path, "b.yaml", SHORT.replace("screen: pay", "screen: oos"))
    assert main(["play", str(wrong), "--quiet", "--seed", "9"]) == 1
    said = capsys.readouterr().out
    assert f"{wrong}:7: step 2 failed" in said
    assert "expected  screen: oos" in said
    assert "was       screen pay with" in said
    assert "FAILED" in said


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (SHORT.replace("plug:", "plugg:"), "c.yaml:6: unknown step 'plugg'"),
        (SHORT.replace("tariff.energy", "tariff.energi"), "c.yaml:3: config tariff.energi: Extra"),
        (SHORT.replace("0.30", "cheap"), "c.yaml:3: config tariff.energy"),
        (SHORT.replace("tariff.energy", "tarif.energy"), "c.yaml:3: config tarif.energy: Extra"),
        (SHORT.replace("tariff.energy: 0.30", "ocpp.Nothing: 5"), "c.yaml:3: config ocpp.Nothing:"),
        (
            SHORT.replace("tariff.energy: 0.30", "devices.hopper.100.kind: toy"),
            "c.yaml:3: config devices.hopper.100.kind: 'toy' is none of cctalk_hopper",
        ),
    ],
)
def test_play_when_a_file_is_wrong_then_two_and_nothing_is_played(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, complaint: str
) -> None:
    good = write(tmp_path, "a.yaml", SHORT)
    assert main(["play", str(good), str(write(tmp_path, "c.yaml", text))]) == 2
    said = capsys.readouterr().out
    assert complaint in said
    assert "passed" not in said


@pytest.mark.parametrize(
    "options", [["--set", "tariff"], ["--set", "tariff.x=1"], ["--central", "ws://127.0.0.1:1"]]
)
def test_play_when_an_option_does_not_fit_then_two(tmp_path: Path, options: list[str]) -> None:
    assert main(["play", *options, str(write(tmp_path, "a.yaml", SHORT))]) == 2


def test_option_before_the_command_when_given_then_it_counts(tmp_path: Path) -> None:
    path = str(write(tmp_path, "a.yaml", SHORT))
    assert main(["--set", "station.connectors=99", "play", path]) == 2


def test_two_processes_when_hash_seeds_differ_then_reports_are_identical(tmp_path: Path) -> None:
    scenario = Path(__file__).parent.parent / "scenario" / "two_connectors_at_once.yaml"

    def report(hash_seed: str) -> bytes:
        out = tmp_path / f"{hash_seed}.json"
        command = ["-m", "simulator", "play", "--quiet", str(scenario), "--report", str(out)]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([sys.executable, *command], env=environment, check=True, capture_output=True)
        return out.read_bytes()

    assert report("1") == report("2")
