"""Every key of docs/ocpp.md: both ends of its range, what lies outside, access, restart (§5.3, §9)."""

import asyncio
import re
from pathlib import Path

import pytest

from chargepoint.ocpp.key_catalogue import station_keys
from chargepoint.ocpp.keys import Change, Keys
from simulator.vtime import run_virtual
from tests.ocpp.test_documentation import rows
from tests.support.fakes import MemorySettings
from tests.support.live_core import LiveStation, a_live_station

_PRICE = '{"priceText": "0.45 EUR/kWh"}'
_ROTATIONS = ("0.RST,1.RTS,2.NotApplicable", "")
_MEASURANDS = ("Energy.Active.Import.Register,Temperature", "")
_GOOD = {
    "true, false": ("true", "false"),
    "hex of 16 to 20 bytes": ("0A" * 16, "FF" * 20),
    "text of at most 64": ("x" * 64, ""),
    "JSON of at most 500": (_PRICE, ""),
    "list of measurands": _MEASURANDS,
    "list of rotations": _ROTATIONS,
    "fixed": (),
}
_BAD = {
    "true, false": ("yes", "1", "", "truefalse"),
    "hex of 16 to 20 bytes": ("0A" * 15, "0A" * 21, "0A" * 16 + "0", "XY" * 16, ""),
    "text of at most 64": ("x" * 65, "a\nb"),
    "JSON of at most 500": ("[]", "{", "{}", '{"priceText": 5}', '{"priceText": "' + "x" * 500),
    "list of measurands": ("SoC", "Voltage,Voltage", "Voltage;Temperature"),
    "list of rotations": ("3.RST", "1.ABC", "1"),
    "fixed": ("0", "true", ""),
}
_RANGE = re.compile(r"(\d+)\.\.(\d+)( s| Wh)?")
TABLE = {name: (values, access) for name, values, _, access in rows("Configuration keys")}
CHANGEABLE = [name for name, (_, access) in TABLE.items() if access.split(",")[0] != "R"]


def good(name: str) -> tuple[str, ...]:
    values = TABLE[name][0]
    ends = _RANGE.fullmatch(values)
    return (ends[1], ends[2]) if ends else _GOOD[values]


def bad(name: str) -> tuple[str, ...]:
    values = TABLE[name][0]
    ends = _RANGE.fullmatch(values)
    if not ends:
        return _BAD[values]
    return (str(int(ends[1]) - 1), str(int(ends[2]) + 1), "", "1.5", "1e2", "0x1", "many", "٣")


def a_keyring(settings: MemorySettings) -> Keys:
    return Keys(settings, connectors=2, configured={}, overrides={})


def change(keys: Keys, name: str, value: str) -> Change:
    return asyncio.run(keys.change(name, value))


def test_the_table_names_every_key_of_the_catalogue() -> None:
    assert sorted(TABLE) == sorted(key.name for key in station_keys(2))


@pytest.mark.parametrize("name", CHANGEABLE)
def test_what_the_table_allows_is_accepted_durable_and_read_again(name: str) -> None:
    accepted = Change.REBOOT_REQUIRED if "next link" in TABLE[name][1] else Change.ACCEPTED
    for value in good(name):
        settings = MemorySettings()
        keys = a_keyring(settings)
        assert change(keys, name.swapcase(), value) is accepted
        assert keys.text(name) == value
        assert a_keyring(settings).text(name) == value


@pytest.mark.parametrize("name", CHANGEABLE)
def test_what_the_table_does_not_allow_is_rejected_and_changes_nothing(name: str) -> None:
    settings = MemorySettings()
    keys = a_keyring(settings)
    before = keys.text(name)
    for value in bad(name):
        assert change(keys, name, value) is Change.REJECTED, value
    assert (keys.text(name), settings.writes) == (before, 0)


@pytest.mark.parametrize("name", sorted(set(TABLE) - set(CHANGEABLE)))
def test_what_can_only_be_read_is_rejected_whatever_the_value(name: str) -> None:
    settings = MemorySettings()
    keys = a_keyring(settings)
    before = keys.text(name)
    for value in (before, *bad(name)):
        assert change(keys, name, value) is Change.REJECTED
    assert (keys.text(name), settings.writes) == (before, 0)


# What it takes to raise SecurityProfile is played in test_security_journey.py.
OVER_THE_WIRE = [name for name in CHANGEABLE if name != "SecurityProfile"]


async def _listed(station: LiveStation) -> dict[str, dict[str, str | bool]]:
    told = await station.asks("GetConfiguration")
    return {each["key"]: each for each in told["configurationKey"]}


@pytest.mark.parametrize("end", [0, -1])
def test_every_key_is_set_over_the_wire_listed_and_still_there_after_a_restart(
    end: int, tmp_path: Path
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            for name in OVER_THE_WIRE:
                status = await station.says("ChangeConfiguration", key=name, value=good(name)[end])
                wanted = "RebootRequired" if "next link" in TABLE[name][1] else "Accepted"
                assert status == wanted, name
            await station.restart()
            listed = await _listed(station)
            assert set(listed) == set(TABLE)
            for name in OVER_THE_WIRE:
                if name == "AuthorizationKey":
                    assert "value" not in listed[name]
                elif name != "HeartbeatInterval":  # BootNotification.conf has set it again (§4.2)
                    assert listed[name]["value"] == good(name)[end], name

    run_virtual(story())


def test_access_is_told_as_the_table_says(tmp_path: Path) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            listed = await _listed(station)
            for name, (_, access) in TABLE.items():
                assert listed[name]["readonly"] == (access.split(",")[0] == "R")
                assert ("value" in listed[name]) == (access != "W")
                status = await station.says("ChangeConfiguration", key=name, value="\x00no")
                assert status == "Rejected", name
            assert await station.says("ChangeConfiguration", key="Nonsense", value="1") == (
                "NotSupported"
            )

    run_virtual(story())
