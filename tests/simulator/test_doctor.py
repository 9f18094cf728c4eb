import socket
from dataclasses import replace
from pathlib import Path

import pytest

from simulator import doctor
from simulator.doctor import Finding, Health, Machine, examine, report


def _machine() -> Machine:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Machine(
        python=(3, 12),
        has_module=lambda _: True,
        port=port,
        environment={"DISPLAY": ":0"},
        devices=(),
        platform="linux",
    )


def _sick(machine: Machine) -> list[Finding]:
    return [each for each in examine(machine) if each.health is Health.SICK]


def test_healthy_machine_has_no_problem() -> None:
    findings = examine(_machine())
    assert {each.health for each in findings} == {Health.GOOD}
    assert "The bench can run here" in report(findings)


def test_old_python_is_named_with_the_one_that_is_needed() -> None:
    (found,) = _sick(replace(_machine(), python=(3, 9)))
    assert "3.9 is too old: 3.11" in found.what
    assert "apt-get" in found.remedy


def test_missing_packages_are_listed_by_the_name_that_installs_them() -> None:
    machine = replace(_machine(), has_module=lambda name: name not in {"serial", "yaml"})
    (found,) = _sick(machine)
    assert found.what == "packages are missing: pyserial, pyyaml"


def test_every_required_module_can_be_imported_here() -> None:
    assert _sick(replace(_machine(), has_module=lambda name: bool(__import__(name)))) == []


def test_busy_port_names_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (found,) = _sick(replace(_machine(), port=taken.getsockname()[1]))
    assert "--port" in found.remedy


def test_missing_display_is_a_note_for_the_bench_runs_without() -> None:
    findings = examine(replace(_machine(), environment={}))
    (note,) = [each for each in findings if each.health is Health.NOTE]
    assert "no display" in note.what
    assert note.remedy


def test_device_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    machine = replace(_machine(), devices=(("coin_acceptor", f"{tmp_path}/ttyUSB0"),))
    (found,) = _sick(machine)
    assert found.what == f"coin_acceptor: {tmp_path}/ttyUSB0 does not exist"


def test_device_that_is_no_serial_port_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (found,) = _sick(replace(_machine(), devices=(("meter:1", f"{tmp_path}/file"),)))
    assert "no serial port" in found.what


def test_device_without_permission_names_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "access", lambda path, _: str(path) != "/dev/null")
    (found,) = _sick(replace(_machine(), devices=(("meter:1", "/dev/null"),)))
    assert "no permission" in found.what
    assert "usermod -aG" in found.remedy


def test_full_or_forbidden_state_folder_is_a_problem(tmp_path: Path) -> None:
    machine = replace(_machine(), environment={"DISPLAY": ":0", "TMPDIR": f"{tmp_path}/none"})
    (found,) = _sick(machine)
    assert "--state" in found.remedy


def test_exit_code_says_whether_the_bench_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main(["coin_acceptor=/dev/ttyNONE"], port=0) == 1
    assert "/dev/ttyNONE does not exist" in capsys.readouterr().out
