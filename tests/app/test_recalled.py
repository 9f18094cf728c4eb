"""A card that recalls its holder: language and easy mode at every point, until the holder has gone."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.vtime import run_virtual
from tests.support.live_core import LiveStation, a_live_station

EURO = "EUR"
ACCOUNT = {
    "state": "active",
    "balance": {"amount": 2350, "currency": EURO},
    "plan": {"kind": "prepaid"},
    "tariff": {"currency": EURO, "vatPercent": 21, "energyMilliPerKwh": 41000,
               "chargingMilliPerMinute": 0, "idleMilliPerMinute": 0, "idleGraceMinutes": 0,
               "sessionMinor": 0},
    "spendLimit": {"amount": 2350, "currency": EURO},
}  # fmt: skip


def knows(station: LiveStation, preference: object) -> None:
    content = json.dumps(ACCOUNT | {"preference": preference})
    station.central.answers["DataTransfer"] = {"status": "Accepted", "data": content}
    station.central.answers["Authorize"] = {"idTagInfo": {"status": "Accepted"}}


def talk(station: LiveStation) -> Any:
    return station.core.station.dialogue.data


def test_card_when_tapped_then_its_holder_is_spoken_to_and_the_next_driver_as_before(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            before = talk(station).language
            knows(station, {"language": "en", "easy": True})
            await station.card()
            await asyncio.sleep(5)
            assert (talk(station).language, talk(station).easy) == ("en", True)
            await station.press("cancel")
            await asyncio.sleep(400)
            assert (talk(station).language, talk(station).easy) == (before, False)

    run_virtual(story())


@pytest.mark.parametrize(
    "preference", [{"language": "xx"}, {"language": 7, "easy": "yes"}, {}, None, []]
)
def test_card_when_what_it_recalls_cannot_be_used_then_nothing_changes(
    tmp_path: Path, preference: object
) -> None:
    async def story() -> None:
        async with a_live_station(tmp_path) as station:
            before = talk(station).language
            knows(station, preference)
            await station.card()
            await asyncio.sleep(5)
            assert (talk(station).language, talk(station).easy) == (before, False)

    run_virtual(story())
