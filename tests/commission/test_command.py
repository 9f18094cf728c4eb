"""`python -m chargepoint.commission` as an installer uses it, on real pseudo-terminals."""

import asyncio
import io
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chargepoint.app.clock import SystemEntropy
from chargepoint.commission import __main__ as command
from chargepoint.commission import doings
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.vault import FolderVault
from config.loader import load
from drivers.serial_port import serial_opener
from simulator.fitting import Choice, Wiring, fit
from simulator.pipes import Line, PtyLine
from simulator.world import World
from tests.support.commissioning import KEY, kernel_view, write_site
from tests.support.pki import a_root

pytestmark = pytest.mark.system
KEY_OF_ANOTHER = x509.new_key(bytes(range(48)))


@asynccontextmanager
async def on_terminals(file: Path) -> AsyncIterator[None]:
    """The devices of the site file, each behind a pseudo-terminal with the name it has there."""
    lines: list[PtyLine] = []
    config = load(file, environment={})

    def line(wiring: Wiring) -> Line:
        made = PtyLine(
            file.parent / wiring.name,
            SystemEntropy(),
            baudrate=wiring.baudrate,
            echo=wiring.echo,
        )
        lines.append(made)
        return made

    devices = fit(
        World([1]),
        line,
        {},
        SystemEntropy(),
        happened=lambda *_: None,
        choice=Choice(configured=config.devices),
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(devices.run())
            yield
            running.cancel()
    finally:
        for each in lines:
            each.close()


def test_devices_are_found_on_real_terminals_and_written_to_the_file(tmp_path: Path) -> None:
    file = write_site(tmp_path)
    other = tmp_path / "fresh.toml"
    other.write_text('[station]\nid = "CP-7"\n', "utf-8")

    async def story() -> doings.Told:
        async with on_terminals(file):
            ports = [str(tmp_path / "printer"), str(tmp_path / "evse:1")]
            return await doings.find(doings.Wish(ports, 1, [], other))

    told = asyncio.run(story())
    devices = load(other, environment={}).devices
    assert devices.printer is not None
    assert devices.printer.kind == "escpos80"
    assert devices.evse["1"].port == str(tmp_path / "evse:1")
    assert not told.is_good  # a board without meter and lease is told
    assert any("each connector needs" in line for line in told.lines)


def test_a_report_is_signed_kept_exported_and_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sys_folder = write_site(tmp_path), kernel_view(tmp_path)
    state = tmp_path / "state"
    state.mkdir()

    async def story() -> doings.Told:
        async with on_terminals(file):
            order = doings.Order("anna", 10.0, is_offline=True, sys=sys_folder)
            return await doings.report(file, state, order)

    told = asyncio.run(story())
    assert any(" ok   devices: evse.1: OpenEVSE" in line or "evse.1" in line for line in told.lines)
    out = tmp_path / "report.json"
    assert command.main(["export", str(file), "--state", str(state), "--out", str(out)]) == 0
    assert command.main(["verify", str(out)]) == 0
    assert "by anna" in capsys.readouterr().out
    changed = json.loads(out.read_text("utf-8"))
    changed["report"]["by"] = "bruno"
    out.write_text(json.dumps(changed), "utf-8")
    assert command.main(["verify", str(out)]) == 2
    assert "changed after it was signed" in capsys.readouterr().err


def test_two_programs_on_one_port_are_told_with_a_remedy(tmp_path: Path) -> None:
    file = write_site(tmp_path)

    async def story() -> doings.Told:
        async with on_terminals(file):
            port = await serial_opener(str(tmp_path / "printer"), 9_600)()
            try:
                return await doings.find(doings.Wish([str(tmp_path / "printer")], 1, [], None))
            finally:
                port.close()

    told = asyncio.run(story())
    assert not told.is_good
    assert "in use" in told.lines[0]
    assert "systemctl stop chargepoint" in told.lines[1]


# --- set, key, certificate ------------------------------------------------------------------------


def test_settings_are_changed_or_refused_as_a_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_site(tmp_path)
    before = file.read_text("utf-8")
    assert command.main(["set", str(file), "station.id=CP-9", "kiosk.size=800x1280"]) == 0
    assert load(file, environment={}).station.id == "CP-9"
    file.write_text(before, "utf-8")
    assert command.main(["set", str(file), "station.id=CP-9", "station.connectors=7"]) == 2
    assert "remedy" in capsys.readouterr().err
    assert file.read_text("utf-8") == before


def test_secrets_are_not_written_where_others_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_site(tmp_path)
    assert command.main(["set", str(file), "central.password=hunter2hunter2xx"]) == 2
    assert "CHARGEPOINT_CENTRAL_PASSWORD" in capsys.readouterr().err


@pytest.mark.parametrize("nonsense", ["", "zz", "00" * 16, "1234", "8f" * 17])
def test_a_key_that_is_none_is_refused_and_never_shown(
    tmp_path: Path,
    nonsense: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = write_site(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO(nonsense))
    assert command.main(["key", str(file)]) == 2
    told = capsys.readouterr()
    assert not nonsense or nonsense not in told.out + told.err
    assert (tmp_path / "cards.key").read_text("ascii") == KEY


def test_a_key_is_kept_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_site(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO("0123456789abcdef0f1e2d3c4b5a6978\n"))
    assert command.main(["key", str(file)]) == 0
    assert (tmp_path / "cards.key").stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_requested_signed_and_adopted(tmp_path: Path) -> None:
    file, state = write_site(tmp_path), tmp_path / "state"
    request, chain = tmp_path / "station.csr", tmp_path / "chain.pem"
    base = [str(file), "--state", str(state)]
    assert command.main(["adopt", *base, str(write(chain, "no certificate"))]) == 2
    assert command.main(["request", *base, "--out", str(request)]) == 0
    authority = a_root()
    other = x509.signing_request(KEY_OF_ANOTHER, organisation="Citere", serial="SN-8")
    assert command.main(["adopt", *base, str(write(chain, authority.sign(other)))]) == 2
    mine = authority.sign(request.read_text("ascii"))
    assert command.main(["adopt", *base, str(write(chain, mine))]) == 0
    assert FolderVault(state / "security").identity is not None


def write(path: Path, text: str) -> Path:
    path.write_text(text, "ascii")
    return path


@pytest.mark.parametrize(
    "words",
    [
        ["find", "--units", "0"],
        ["find", "--units", "300"],
        ["find", "--hopper", "x"],
        ["find", "--hopper", "4=0"],
        ["report", "SITE", "--by", ""],
        ["report", "SITE", "--by", "anna", "--seconds", "0"],
        ["export", "SITE", "--state", "/nowhere"],
        ["verify", "SITE"],
        ["key", "/nowhere/site.toml"],
    ],
)
def test_nonsense_is_refused_in_words(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_site(tmp_path)
    words = [str(file) if word == "SITE" else word for word in words]
    assert command.main(words) == 2
    told = capsys.readouterr().err
    assert told
    assert "Traceback" not in told
