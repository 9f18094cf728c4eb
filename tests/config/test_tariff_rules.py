"""Prices with conditions: exact from the file to the domain, forbidden ones told with a remedy."""

from pathlib import Path

import pytest

from chargepoint.domain.pricing.tariff_conditions import ConditionalPrice, Conditions
from config.__main__ import main
from config.loader import ConfigurationWrong, load
from config.price_rules import PriceRule, ReservationRule, SessionRule
from config.schema import tariff_findings, tariff_of

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "site.example.toml"
NOTHING: dict[str, str] = {}
BY_NIGHT = """
[tariff]
energy = 0.45
[[tariff.energy_rules]]
price = 0.30
start_time_of_day = "22:00"
end_time_of_day = "06:00"
day_of_week = ["Saturday", "Sunday"]
valid_from_date = "2026-12-24"
max_power_w = 11000
[[tariff.session_rules]]
price = 0.20
start_time_of_day = "22:00"
"""


def site(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    return file


def texts_of(file: Path) -> str:
    with pytest.raises(ConfigurationWrong) as caught:
        load(file, None, NOTHING)
    return str(caught.value)


def test_rules_reach_the_domain_exactly(tmp_path: Path) -> None:
    tariff = tariff_of(load(site(tmp_path, BY_NIGHT), None, NOTHING))
    weekend = Conditions(
        start_time_of_day="22:00",
        end_time_of_day="06:00",
        day_of_week=("Saturday", "Sunday"),
        valid_from_date="2026-12-24",
        max_power_w=11_000,
    )
    assert tariff.energy == (ConditionalPrice(30_000, weekend),)
    assert tariff.fixed_fee == (ConditionalPrice(20_000, Conditions(start_time_of_day="22:00")),)
    assert tariff.zone == "Europe/Madrid"
    assert tariff.energy_milli_per_kwh == 45_000


def test_site_without_rules_has_the_simple_tariff() -> None:
    assert not tariff_of(load(None, None, NOTHING)).has_conditions


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('price = 0.30\nstart_time_of_day = "25:00"', "is no time of day"),
        ('price = 0.30\nday_of_week = ["Lunes"]', "is none of Monday"),
        ("price = 0.30\nmin_energy_wh = 5\nmax_energy_wh = 5", "is no range"),
        ("price = -0.30", "energy_rules.0.price"),
        ('start_time_of_day = "22:00"', "EUR/kWh or EUR/min"),
        ("price = 0.30\nfrom = 5", "use one of: day_of_week, end_time_of_day"),
    ],
)
def test_rule_that_makes_no_sense_is_told(tmp_path: Path, rule: str, told: str) -> None:
    assert told in texts_of(site(tmp_path, f"[[tariff.energy_rules]]\n{rule}\n"))


def test_fee_of_a_session_knows_no_power(tmp_path: Path) -> None:
    text = "[[tariff.session_rules]]\nprice = 0.20\nmin_power_w = 5\n"
    assert "session_rules.0.min_power_w" in texts_of(site(tmp_path, text))


# --- AFIR Art. 5(4): 50 kW and more --------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "told"),
    [
        ("session = 0.50", "tariff.session: no fee for a session at connector 1 (50 kW) and 2"),
        ("charging_minute = 0.05", "tariff.charging_minute: no price for the time of charging"),
        ("energy = 0\nidle_minute = 0.10", "tariff.energy: an occupancy fee"),
        (
            "[[tariff.charging_rules]]\nprice = 0.10\nstart_time_of_day = '08:00'",
            "only an occupancy fee may be per minute",
        ),
        (
            "[[tariff.session_rules]]\nprice = 0.20\nend_time_of_day = '08:00'",
            "no fee for a session",
        ),
    ],
)
def test_fast_charger_asks_per_kwh(tmp_path: Path, prices: str, told: str) -> None:
    fast = f"[station]\nmax_power_w = 50000\n[tariff]\n{prices}\n"
    assert told in texts_of(site(tmp_path, fast))
    slow = site(tmp_path, fast.replace("50000", "49999"))
    assert load(slow, None, NOTHING).station.max_power_w == 49_999


def test_fast_charger_may_ask_an_occupancy_fee(tmp_path: Path) -> None:
    text = """
    [station]
    max_power_w = 150000
    [tariff]
    energy = 0.60
    idle_minute = 0.10
    idle_grace = 5
    [[tariff.charging_rules]]
    price = 0.10
    min_charging_time_s = 2700
    """
    assert tariff_findings(load(site(tmp_path, text), None, NOTHING)) == ()


def test_connectors_that_share_their_power_are_not_fast(tmp_path: Path) -> None:
    text = """
    [station]
    max_power_w = 90000
    connector_power_w = [45000, 45000]
    [tariff]
    session = 0.50
    """
    assert tariff_findings(load(site(tmp_path, text), None, NOTHING)) == ()
    one_fast = site(tmp_path, text.replace("[45000, 45000]", "[22000, 60000]"))
    assert "no fee for a session at connector 2 (60 kW)" in texts_of(one_fast)


@pytest.mark.parametrize(
    ("powers", "told"),
    [
        ("[22000]", "1 values for station.connectors = 2"),
        ("[22000, 22001]", "more than station.max_power_w = 22000"),
        ("[22000, 10]", "greater than or equal to 1000"),
    ],
)
def test_powers_that_cannot_be_are_told(tmp_path: Path, powers: str, told: str) -> None:
    assert told in texts_of(site(tmp_path, f"[station]\nconnector_power_w = {powers}\n"))


def test_check_explains_which_connector_is_too_fast(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = "[station]\nmax_power_w = 150000\nconnector_power_w = [22000, 150000]\n"
    assert main(["check", str(site(tmp_path, text + "[tariff]\ncharging_minute = 0.05\n"))]) == 2
    told = capsys.readouterr().err
    assert "at connector 2 (150 kW), because it gives 50 kW and more" in told


# --- reservations --------------------------------------------------------------------------------


def test_time_of_a_reservation_has_its_price_and_its_hours(tmp_path: Path) -> None:
    text = """
    [tariff]
    reservation_minute = 0.05
    [[tariff.reservation_rules]]
    price = 0.01
    start_time_of_day = "22:00"
    """
    tariff = tariff_of(load(site(tmp_path, text), None, NOTHING))
    assert tariff.reservation_milli_per_minute == 5_000
    assert tariff.reservation_time == (
        ConditionalPrice(1_000, Conditions(start_time_of_day="22:00")),
    )


# --- a card's money is taxed once ----------------------------------------------------------------


def test_taxed_top_ups_need_somebody_who_invoices_them(tmp_path: Path) -> None:
    text = '[greencard]\nvat = "at_topup"\n'
    assert "greencard.vat: at_topup needs a receipt.mode" in texts_of(site(tmp_path, text))
    central = site(tmp_path, text + '[receipt]\nmode = "central"\n')
    assert load(central, None, NOTHING).greencard.vat == "at_topup"
    assert load(None, None, NOTHING).greencard.vat == "at_use"
    assert "greencard.vat" in texts_of(site(tmp_path, '[greencard]\nvat = "both"\n'))


# --- command line --------------------------------------------------------------------------------


def test_check_tells_warnings_and_passes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = BY_NIGHT + '[[tariff.session_rules]]\nprice = 0.10\nstart_time_of_day = "23:00"\n'
    assert main(["check", str(site(tmp_path, text))]) == 0
    told = capsys.readouterr()
    assert "tariff.session_rules.1: warning: unreachable" in told.err
    assert "remedy: put the narrower price first" in told.err
    assert '"energy_rules"' in told.out


def test_example_says_how_every_condition_is_written() -> None:
    text = EXAMPLE.read_text("utf-8")
    for name in {*PriceRule.model_fields, *SessionRule.model_fields, *ReservationRule.model_fields}:
        assert f"#     {name} = " in text, name
