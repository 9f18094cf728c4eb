"""What `config check` knows of devices and OCPP keys is what drivers and the station know of them."""

from pathlib import Path

import pytest

from chargepoint.ocpp.key_catalogue import station_keys
from chargepoint.ocpp.keys import check_configured
from config import known_names
from config.__main__ import main
from config.schema import Config
from config.site_check import flaws
from simulator.site_check import OPENERS

SAMPLES = ("true", "FALSE", "", "abc", "-1", "0", "1", "30", "31", "100", "86400", "99999999999")
KNOWN = {*known_names.OCPP_SWITCHES, *known_names.OCPP_NUMBERS, *known_names.OCPP_TEXTS}


def test_kinds_are_those_that_can_be_opened() -> None:
    assert {name: set(kinds) for name, kinds in known_names.KINDS.items()} == {
        name: {str(kind) for kind in openers} for name, openers in OPENERS.items()
    }


def test_keys_are_those_that_a_site_file_may_set() -> None:
    may = {key.name for key in station_keys(2) if not key.is_read_only or key.is_of_site}
    of_language = {name for name in may if name.startswith(known_names.OCPP_TEXT_OF_LANGUAGE)}
    assert may - of_language == KNOWN


@pytest.mark.parametrize("name", sorted(KNOWN - known_names.OCPP_TEXTS))
def test_value_is_refused_where_the_station_would_not_start(name: str) -> None:
    for value in SAMPLES:
        _, wrong = check_configured({name: value}, 2)
        found = [each for each in flaws(Config(ocpp={name: value}), here=False) if each.is_error]
        assert bool(found) == bool(wrong), (value, wrong)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[ocpp]\nHeartbeatIntervall = "60"\n', "HeartbeatInterval is meant?"),
        ('[ocpp]\nNumberOfConnectors = "3"\n', "no key that a site file may set"),
        ('[devices.coin_acceptor]\nkind = "cctalc"\nport = "/dev/x"\n', "one of cctalk, or none"),
        ("a = " + "[" * 5000 + "]" * 5000, "too deep"),
        ("[[station]]\n", "see [station] in config/site.example.toml"),
        ("[receipt]\nmode = 'kiosk'\n", "see [receipt] in config/site.example.toml"),
        ("[tariff]\nenergy = nan\n", "tariff.energy"),
    ],
)
def test_wrong_file_is_told_with_its_remedy(
    text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, "utf-8")
    assert main(["check", str(file)]) == 2
    assert told in capsys.readouterr().err


def test_file_of_another_editor_is_read_or_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked, latin = tmp_path / "marked.toml", tmp_path / "latin.toml"
    marked.write_bytes(b"\xef\xbb\xbf[station]\r\nid = 'CP-7'\r\n")
    latin.write_bytes("[station]\nname = 'Ñ'\n".encode("latin-1"))
    assert main(["check", str(marked)]) == 0
    assert main(["check", str(latin)]) == 2
    assert "save it as UTF-8" in capsys.readouterr().err
