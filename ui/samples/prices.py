"""Samples of the price screens at a tariff that has everything, and of prices about to change."""

from collections.abc import Mapping
from dataclasses import replace

from chargepoint.contract import Button, Params, Snapshot, Tab

_EVERYTHING: Params = {
    "price_charging": 5_000,
    "price_reservation": 2_500,
    "next_at": "22:00",
    "next_energy": 28_575,
    "next_charging": 0,
    "next_idle": 12_500,
    "next_session_minor": 20,
    "next_reservation": 1_500,
}
_CHEAPER: Params = {"next_at": "22:00", "next_energy": 29_000}
_BOTH: Params = {"next_at": "22:00", "next_energy": 28_575, "next_charging": 12_500}


def price_variants(screens: Mapping[str, Snapshot]) -> dict[str, Snapshot]:
    def told(name: str, params: Params) -> Snapshot:
        return replace(screens[name], params={**screens[name].params, **params})

    def beside_another(shot: Snapshot) -> Snapshot:
        tabs = (shot.tabs[0], Tab(2, "charging", "B"))
        both = (Button("connector_1"), Button("connector_2"))
        return replace(shot, tabs=tabs, buttons=(*shot.buttons, *both))

    return {
        "home_all_prices": beside_another(told("home", _EVERYTHING)),
        "home_next_price": told("home", _CHEAPER),
        "pay_all_prices": beside_another(told("pay", _EVERYTHING)),
        "pay_next_price": told("pay", _CHEAPER),
        "gc_ok_next_price": told("gc_ok", _CHEAPER),
        "charging_next_price": told("charging", _CHEAPER),
        "charging_next_prices": told("charging", _BOTH),
    }
