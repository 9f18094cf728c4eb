"""Which board, with which lease, the configuration gives a connector."""

from typing import Any

import pytest

from chargepoint.app.clock import SystemClock
from config import loader
from drivers.factory import Surroundings, build_hardware
from drivers.heidelberg.driver import HeidelbergDriver
from drivers.lines import DeviceUnknown
from drivers.port import PortLost
from drivers.port_kinds import serial_line
from drivers.rapi.driver import OpenEvseDriver
from tests.support.surroundings import CountingEntropy


def built(**devices: str) -> Any:
    keys = {
        "station.connectors": "1",
        "devices.evse.1.kind": "openevse",
        "devices.lease_timer.1.kind": "modbus_relay",
        "devices.meter.1.kind": "sdm630",
        **{f"devices.{name}.1.kind": kind for name, kind in devices.items()},
    }

    async def open_port() -> Any:
        raise PortLost("not in this test")

    around = Surroundings(
        emit=lambda _event: None,
        clock=SystemClock(),
        entropy=CountingEntropy(),
        stored_cursor=lambda _serial: None,
        open_line=lambda _bus, _device: open_port,
    )
    return build_hardware(loader.load(None, keys), around).connectors[1]


def test_board_is_chosen_by_its_kind_and_brings_its_own_lease() -> None:
    assert isinstance(built().board, OpenEvseDriver)
    connector = built(evse="heidelberg", lease_timer="board")
    assert isinstance(connector.board, HeidelbergDriver)
    assert connector.lease is connector.board.lease


def test_lease_that_does_not_fit_its_board_is_refused() -> None:
    with pytest.raises(DeviceUnknown, match=r"needs devices\.evse\.1\.kind .heidelberg."):
        built(lease_timer="board")
    with pytest.raises(DeviceUnknown, match="its lease is 'board'"):
        built(evse="heidelberg")
    with pytest.raises(DeviceUnknown, match="is none of heidelberg, openevse"):
        built(evse="abl")


def test_line_of_a_heidelberg_is_told_of_its_even_parity() -> None:
    keys = {"devices.evse.1.kind": "heidelberg", "devices.evse.1.port": "/dev/null"}
    keys |= {"station.connectors": "1"}
    device = loader.load(None, keys).devices.evse["1"]
    assert serial_line("evse:1", device)  # opened only when it is used
