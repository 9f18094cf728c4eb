"""What `python -m config check` finds beyond single values."""

from pathlib import Path

import pytest

from config.__main__ import main
from config.loader import load
from config.site_check import flaws
from drivers.lines import require_lines_that_fit
from drivers.modbus.models import MODELS

EXAMPLE = Path(__file__).parents[2] / "config" / "site.example.toml"


def found(here: bool = False, /, **changes: str) -> dict[str, str]:
    config = load(EXAMPLE, {key.replace("__", "."): value for key, value in changes.items()})
    return {flaw.key: flaw.text for flaw in flaws(config, here=here) if flaw.is_error}


def test_the_example_is_flawless_but_for_what_only_the_board_has() -> None:
    assert found() == {}
    assert "devices.evse.1.port" in found(True)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"devices__evse__2__port": "/dev/serial/by-id/usb-evse-1"}, "devices.evse.2.port"),
        ({"devices__card_reader__port": "/dev/serial/by-id/usb-coins"}, "devices.card_reader.port"),
        ({"devices__meter__2__address": "1"}, "devices.meter.2.address"),
        ({"devices__lease_timer__2__relay": "0"}, "devices.lease_timer.2.address"),
        ({"devices__meter__2__port": "/dev/serial/by-id/usb-evse-1"}, "devices.meter.2.port"),
        ({"devices__lease_timer__1__kind": "none"}, "devices.lease_timer.1"),
        ({"devices__meter__1__port": ""}, "devices.meter.1.port"),
        ({"devices__meter__1__ocmf_required": "true"}, "devices.meter.1.ocmf_required"),
    ],
)
def test_flaw_is_found_at_its_key(changes: dict[str, str], key: str) -> None:
    assert key in found(**changes)


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_meters_of_every_kind_share_a_line(kind: str) -> None:
    assert found(devices__meter__1__kind=kind, devices__meter__2__kind=kind) == {}


@pytest.mark.parametrize(
    ("device", "kind"), [("note_validator", "cctalk_notes"), ("hopper.50", "cctalk_hopper")]
)
def test_money_devices_share_the_line_of_the_coins(device: str, kind: str) -> None:
    coins = load(EXAMPLE).devices.coin_acceptor
    assert coins is not None
    beside = {f"devices.{device}.kind": kind, f"devices.{device}.port": coins.port}
    config = load(EXAMPLE, beside)
    require_lines_that_fit(config)
    assert not any(flaw.is_error for flaw in flaws(config, here=False))


def test_files_that_are_named_must_be_what_they_should(tmp_path: Path) -> None:
    root, key = tmp_path / "root.pem", tmp_path / "key"
    root.write_text("no certificate")
    key.write_text("0" * 32)
    key.chmod(0o644)
    told = found(True, central__root_file=str(root), cards__key_file=str(key))
    assert {"central.root_file", "cards.key_file"} <= set(told)
    root.unlink()
    assert "cannot be read" in found(True, central__root_file=str(root))["central.root_file"]


def test_command_says_what_to_do_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    same = "devices.evse.2.port=/dev/serial/by-id/usb-evse-1"
    assert main(["check", str(EXAMPLE), "--set", same]) == 2
    told = capsys.readouterr().err
    assert "devices.evse.2.port: error" in told
    assert "remedy: give it a port of its own" in told
    assert main(["check", str(EXAMPLE)]) == 0
