"""The files for the operating system: well formed, sandboxed, and of one mind with the software."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chargepoint.__main__ import HELD_S
from chargepoint.app import health

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "config" / "system"
UNITS = ("chargepoint.service", "chargepoint-kiosk.service")


def unit(name: str) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for number, line in enumerate((FOLDER / name).read_text("utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            found[section] = {}
            continue
        key, equals, value = line.partition("=")
        assert equals, f"{name}:{number}: {line}"
        found[section].setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("name", UNITS)
def test_unit_restarts_is_watched_and_is_sandboxed(name: str) -> None:
    service = unit(name)["Service"]
    assert service["Type"] == ["notify"]
    assert service["Restart"] == ["always"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["NoNewPrivileges"] == ["yes"]
    assert service["CapabilityBoundingSet"] == [""]
    assert service["DevicePolicy"] == ["closed"]
    assert service["User"] != ["root"]
    assert int(service["WatchdogSec"][0]) >= 8
    assert unit(name)["Install"]["WantedBy"] == ["multi-user.target"]


def test_watchdog_waits_as_long_as_the_core_is_patient() -> None:
    """A stall of the disk for 5 s is none; 8 s are one (and the ping comes every half second)."""
    assert unit("chargepoint.service")["Service"]["WatchdogSec"] == [str(int(health.LIMIT_S))]


def test_wrong_configuration_never_restarts_the_board() -> None:
    limits = unit("chargepoint.service")["Unit"]
    (seconds,), (burst,) = limits["StartLimitIntervalSec"], limits["StartLimitBurst"]
    assert int(seconds) / int(burst) < HELD_S


def test_each_kind_of_serial_adapter_has_its_driver_before_the_core_starts() -> None:
    modules = (FOLDER / "chargepoint-modules.conf").read_text("utf-8").splitlines()
    of_adapters = {"char-ttyUSB rw": "usbserial", "char-ttyACM rw": "cdc_acm"}
    allowed = unit("chargepoint.service")["Service"]["DeviceAllow"]
    assert of_adapters.keys() <= set(allowed)
    assert set(of_adapters.values()) <= set(modules)
    (after,) = unit("chargepoint.service")["Unit"]["After"]
    assert "systemd-modules-load.service" in after.split()


def test_screen_has_no_network_and_hears_of_devices() -> None:
    service = unit("chargepoint-kiosk.service")["Service"]
    assert service["RestrictAddressFamilies"] == ["AF_UNIX AF_NETLINK"]
    assert service["IPAddressDeny"] == ["any"]
    assert "PrivateNetwork" not in service


def test_what_units_name_is_what_the_install_guide_makes() -> None:
    guide = (ROOT / "docs" / "install.md").read_text("utf-8")
    users = (FOLDER / "sysusers.conf").read_text("utf-8")
    for name in UNITS:
        service = unit(name)["Service"]
        assert f"u {service['User'][0]} " in users
        assert name in guide
    for file in FOLDER.iterdir():
        if file.suffix in {".conf", ".rules", ".service"} or file.name == "switch_slot.py":
            assert file.name in guide, file.name
    assert "Has it not said READY after three starts" in guide


@pytest.mark.parametrize("name", ["journald.conf", "watchdog.conf"])
def test_limits_are_readable(name: str) -> None:
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(FOLDER / name)
    assert parser.sections()


def test_device_rules_are_well_formed_and_lead_to_their_end() -> None:
    lines = [
        line
        for line in (FOLDER / "60-chargepoint.rules").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    part = r'[A-Z_]+(\{[^}]+\})?(==|!=|\+=|=)"[^"]*"'
    assert all(re.fullmatch(rf"{part}(, ?{part})*", line) for line in lines), lines
    gotos = {m for line in lines for m in re.findall(r'GOTO="(\w+)"', line)}
    assert gotos == {"chargepoint_end"}
    assert lines[-1] == 'LABEL="chargepoint_end"'


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_itself_reads_the_units(tmp_path: Path) -> None:
    """With programs that are there, so that only the units are judged."""
    for name in UNITS:
        text = (FOLDER / name).read_text("utf-8")
        text = re.sub(r"^(Exec\w+=\+?)\S+", r"\1/bin/true", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "chargepoint" in line]
    assert not ours, done.stderr
