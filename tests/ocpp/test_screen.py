"""Point.Screen and Screen.Stay: what support sees of the screen, and the time it may give."""

import json
from typing import Any

import pytest

from chargepoint.app.screen_desk import ScreenDesk
from chargepoint.contract import Button, Shown, Snapshot, Tab
from chargepoint.screen_ports import SeenButton, SeenScreen, SeenTab
from simulator.vtime import run_virtual
from tests.support.central import FixedClock
from tests.support.ocpp_peer import a_bench

SHOT = Snapshot(
    1,
    7,
    "start_fail",
    language="eu",
    connector=2,
    params={"reference": "07-1A2B", "charged_minor": 500},
    buttons=(Button("retry"), Button("other_method", enabled=False)),
    tabs=(Tab(1, "charging", "A"), Tab(2, "busy", "B")),
)
WORDS = Shown(7, "eu", "Ez da hasi", "Saiatu berriro\nDeitu", "retry\tBerriro\nother_method\tBeste")


class Desk:
    """A ScreenDesk with its pressed buttons written down."""

    def __init__(self, shot: Snapshot | None = SHOT, *, is_alive: bool = True) -> None:
        self.shot = shot
        self.pressed: list[tuple[str, int]] = []
        self.clock = FixedClock()
        self.desk = ScreenDesk(
            lambda: self.shot,
            lambda button, seq: self.pressed.append((button, seq)),
            self.clock,
            is_kiosk_alive=lambda: is_alive,
        )


async def ask(desk: ScreenDesk | None, message: str, data: str | None) -> dict[str, Any]:
    async with a_bench(screen=desk) as bench:
        payload = {"vendorId": "es.citere", "messageId": message}
        payload |= {} if data is None else {"data": data}
        answer: dict[str, Any] = (await bench.central.call("DataTransfer", payload))[2]
        return answer


def test_screen_when_asked_then_words_buttons_and_connectors_without_numbers_of_the_driver() -> (
    None
):
    under = Desk()
    under.desk.shown(WORDS)
    answer = run_virtual(ask(under.desk, "Point.Screen", None))
    assert answer["status"] == "Accepted"
    assert json.loads(answer["data"]) == {
        "screen": "start_fail",
        "connectorId": 2,
        "language": "eu",
        "kiosk": True,
        "title": "Ez da hasi",
        "texts": ["Saiatu berriro", "Deitu"],
        "buttons": [
            {"id": "retry", "label": "Berriro", "enabled": True},
            {"id": "other_method", "label": "Beste", "enabled": False},
        ],
        "connectors": [
            {"connectorId": 1, "state": "charging", "label": "A"},
            {"connectorId": 2, "state": "busy", "label": "B"},
        ],
        "reference": "07-1A2B",
    }


@pytest.mark.parametrize(("seq", "is_alive"), [(6, True), (7, False)])
def test_words_of_another_screen_or_of_a_dead_kiosk_are_not_told(seq: int, is_alive: bool) -> None:
    under = Desk(is_alive=is_alive)
    under.desk.shown(Shown(seq, "eu", "Old", "Old", "retry\tOld"))
    assert under.desk.screen() == SeenScreen(
        "start_fail",
        2,
        "eu",
        is_alive,
        buttons=(SeenButton("retry", "", True), SeenButton("other_method", "", False)),
        tabs=(SeenTab(1, "charging", "A"), SeenTab(2, "busy", "B")),
        reference="07-1A2B",
    )


def test_station_that_never_showed_anything_rejects() -> None:
    assert run_virtual(ask(Desk(None).desk, "Point.Screen", None)) == {"status": "Rejected"}


@pytest.mark.parametrize("message", ["Point.Screen", "Screen.Stay"])
def test_station_without_a_screen_knows_no_such_message(message: str) -> None:
    assert run_virtual(ask(None, message, "{}")) == {"status": "UnknownMessageId"}


@pytest.mark.parametrize(
    "data", [None, "", "{}", "[]", "x", '{"seconds":0}', '{"seconds":901}', '{"seconds":true}',
             '{"seconds":"60"}', '{"seconds":1.5}']
)  # fmt: skip
def test_stay_of_no_time_is_rejected(data: str | None) -> None:
    assert run_virtual(ask(Desk().desk, "Screen.Stay", data)) == {"status": "Rejected"}


def test_stay_when_given_then_the_question_after_more_time_answers_itself_until_it_is_over() -> (
    None
):
    async def story() -> None:
        under = Desk()
        asking = Snapshot(2, 8, "more_time", buttons=(Button("more_time"), Button("cancel")))
        under.desk.heard(asking)
        assert under.pressed == []
        under.desk.stay(60)
        under.desk.heard(SHOT)
        assert under.pressed == []
        under.desk.heard(asking)
        assert under.pressed == [("more_time", 8)]
        under.shot = asking
        under.desk.stay(60)
        assert len(under.pressed) == 2
        under.desk.stay(-1)
        under.desk.heard(asking)
        assert len(under.pressed) == 2

    run_virtual(story())
