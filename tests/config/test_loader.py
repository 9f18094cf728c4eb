"""A wrong configuration is told at once and whole; a right one is exact."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.__main__ import main
from config.loader import ConfigurationWrong, load, overrides_of
from config.schema import Config, tariff_of
from config.sections import Section, minor

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config" / "site.example.toml"
NOTHING: dict[str, str] = {}


def site(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems_of(
    file: Path | None = None, overrides: dict[str, str] | None = None
) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationWrong) as caught:
        load(file, overrides, NOTHING)
    assert all(problem.reason and problem.remedy for problem in caught.value.problems)
    return [(problem.origin, problem.key) for problem in caught.value.problems]


def test_every_error_is_told_at_once_with_file_key_and_remedy(tmp_path: Path) -> None:
    file = site(
        tmp_path,
        """
        [station]
        id = "has space"
        connectors = 9
        timezone = "Mars/Olympus"
        [tariff]
        energy = -1
        session = 0.005
        [cash]
        change_unit = 0
        [central]
        url = "http://central"
        """,
    )
    assert problems_of(file, {"session.minimum": "lots"}) == [
        (str(file), "station.id"),
        (str(file), "station.connectors"),
        (str(file), "station.timezone"),
        (str(file), "central.url"),
        (str(file), "tariff.energy"),
        (str(file), "tariff.session"),
        ("--set", "session.minimum"),
        (str(file), "cash.change_unit"),
    ]


def test_unknown_key_lists_what_there_is(tmp_path: Path) -> None:
    file = site(tmp_path, "[cash]\nchange_units = 0.10\n[wallet]\nx = 1\n")
    with pytest.raises(ConfigurationWrong) as caught:
        load(file, None, NOTHING)
    text = str(caught.value)
    assert "cash.change_units" in text
    assert "change_unit, denominations, id_tag" in text
    assert "bank, cards, cash, central" in text


@pytest.mark.parametrize("amount", ["abc", "NaN", "Infinity", "1e999", "", "0,45", "1.123456"])
def test_price_that_is_no_amount_is_told(amount: str) -> None:
    assert problems_of(None, {"tariff.energy": amount}) == [("--set", "tariff.energy")]


@pytest.mark.parametrize("key", ["session.minimum", "bank.hold", "cards.offline_per_day"])
def test_amounts_are_whole_cents(key: str) -> None:
    assert problems_of(None, {key: "1.005"}) == [("--set", key)]


def test_language_must_be_offered(tmp_path: Path) -> None:
    assert problems_of(site(tmp_path, '[station]\nlanguage = "fr"\nlanguages = ["es", "en"]\n'))


def test_board_without_the_others_is_refused(tmp_path: Path) -> None:
    file = site(tmp_path, '[devices.evse.1]\nkind = "openevse"\n')
    with pytest.raises(ConfigurationWrong, match=r"devices.evse.*\['1'\].*\['1', '2'\]"):
        load(file, None, NOTHING)


def test_file_that_is_missing_or_no_toml_is_told(tmp_path: Path) -> None:
    assert problems_of(tmp_path / "missing.toml") == [(str(tmp_path / "missing.toml"), "file")]
    assert problems_of(site(tmp_path, "[station\n"))[0][1] == "syntax"
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"\xff\xfe\x00")
    assert problems_of(broken)[0][1] == "syntax"


def test_override_without_value_or_below_a_value_is_told() -> None:
    with pytest.raises(ConfigurationWrong, match="KEY=VALUE"):
        overrides_of(["station.id=CP-7", "nonsense"])
    assert overrides_of(["a=b=c"]) == {"a": "b=c"}
    file_free = {"station.id": "CP-7", "station.id.more": "1"}
    assert problems_of(None, file_free) == [("--set", "station.id.more")]


@given(st.decimals(0, 10_000, places=5))
def test_price_is_exact(amount: Decimal) -> None:
    tariff = tariff_of(load(None, {"tariff.energy": str(amount)}, NOTHING))
    assert Decimal(tariff.energy_milli_per_kwh) == amount * 100_000


def test_prices_in_a_file_never_pass_through_a_float(tmp_path: Path) -> None:
    file = site(tmp_path, "[tariff]\nenergy = 0.07\nsession = 1\nidle_minute = 0.10007\n")
    tariff = tariff_of(load(file, None, NOTHING))
    assert tariff.energy_milli_per_kwh == 7000
    assert tariff.session_minor == 100
    assert tariff.idle_milli_per_minute == 10_007


def test_fraction_of_a_cent_is_no_amount() -> None:
    assert minor(Decimal("0.35")) == 35
    with pytest.raises(ValueError, match="whole number of cents"):
        minor(Decimal("0.355"))


def test_overrides_win_over_the_file_and_secrets_come_from_the_environment(tmp_path: Path) -> None:
    file = site(tmp_path, '[station]\nid = "FILE"\nconnectors = 1\n')
    secret = {"CHARGEPOINT_CENTRAL_PASSWORD": "from environment"}
    config = load(file, {"station.id": "SET", "cards.uid_tokens": "true"}, secret)
    assert config.station.id == "SET"
    assert config.station.connectors == 1
    assert config.cards.uid_tokens is True
    assert config.central.password == "from environment"


def test_text_of_a_command_line_becomes_the_right_kind_or_is_told() -> None:
    assert load(None, {"station.connectors": "3"}, NOTHING).station.connectors == 3
    assert problems_of(None, {"station.connectors": "three"})
    assert problems_of(None, {"cards.uid_tokens": "perhaps"})


# --- files that come with the project ------------------------------------------------------------


@pytest.mark.parametrize("file", sorted((ROOT / "config").glob("*.toml")), ids=lambda f: f.name)
def test_every_sample_loads(file: Path) -> None:
    load(file, None, NOTHING)


def keys_of(section: type[Section], prefix: str = "") -> list[str]:
    found = []
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            found += keys_of(kind, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def test_example_names_every_key_with_its_default() -> None:
    config = load(EXAMPLE, None, NOTHING)
    defaults = load(None, None, NOTHING)
    text = EXAMPLE.read_text("utf-8")
    for key in keys_of(Config):
        section, _, name = key.rpartition(".")
        if section == "devices":
            assert f"[{key}" in text, key
            continue
        assert f"\n{name} = " in text or f"\n[{name}]" in text, key
    assert config.model_copy(update={"devices": defaults.devices, "ocpp": {}}) == defaults


# --- command line --------------------------------------------------------------------------------


def test_check_prints_what_the_station_would_run_with(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARGEPOINT_CENTRAL_PASSWORD", "secret")
    monkeypatch.setenv("CHARGEPOINT_BANK_PASSWORD", "123456")
    assert main(["check", str(EXAMPLE), "--set", "station.id=CP-7"]) == 0
    printed = capsys.readouterr().out
    assert '"CP-7"' in printed
    assert "secret" not in printed
    assert "123456" not in printed


def test_check_of_a_wrong_file_exits_with_two(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", str(site(tmp_path, "[station]\nid = 5\n"))]) == 2
    assert main(["check", str(EXAMPLE), "--set", "nonsense"]) == 2
    assert "1 error(s)" in capsys.readouterr().err


# --- receipts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("nif", ["89890001K", "X1234567L", "B12345674", "Q2826000H"])
def test_tax_numbers_with_a_right_control_character_are_taken(nif: str) -> None:
    keys = {"receipt.mode": "kiosk", "receipt.nif": nif, "receipt.issuer": "Plaza SL"}
    assert load(None, keys, NOTHING).receipt.nif == nif


@pytest.mark.parametrize("nif", ["89890001L", "B12345675", "b12345674", "12345674", "B1234567"])
def test_tax_number_with_a_typing_error_is_told(nif: str) -> None:
    assert problems_of(None, {"receipt.nif": nif})


@pytest.mark.parametrize("missing", ["receipt.nif", "receipt.issuer"])
def test_invoices_need_their_issuer(missing: str) -> None:
    keys = {"receipt.mode": "kiosk", "receipt.nif": "B12345674", "receipt.issuer": "Plaza SL"}
    assert problems_of(None, {k: v for k, v in keys.items() if k != missing})


@pytest.mark.parametrize(
    ("key", "value"),
    [("series", "P 7"), ("series", "x" * 21), ("link", "receipts.example"), ("link", "ftp://x"), ("mode", "none")],
)  # fmt: skip
def test_receipt_settings_have_their_form(key: str, value: str) -> None:
    assert problems_of(None, {f"receipt.{key}": value}) == [("--set", f"receipt.{key}")]


@pytest.mark.parametrize("text", ["L1,L2", "[L1, L2]", " L1 , L2 "])
def test_a_list_on_the_command_line_is_one_of_a_file(text: str) -> None:
    config = load(None, {"station.phases": "1", "site.connector_phases": text}, {})
    assert config.site.connector_phases == ("L1", "L2")
    assert load(None, {"cash.denominations": "50, 100"}, {}).cash.denominations == (50, 100)


def test_a_word_that_the_list_does_not_know_is_refused_by_its_key() -> None:
    with pytest.raises(ConfigurationWrong, match=r"site.connector_phases"):
        load(None, {"station.phases": "1", "site.connector_phases": "L1,L4"}, {})
