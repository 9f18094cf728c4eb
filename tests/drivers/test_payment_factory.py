"""From the configuration to the payment devices: what is fitted, and what is refused."""

import asyncio

import pytest

from chargepoint.domain.payments import BankResult
from chargepoint.payment_ports import PaymentHardware
from config import loader
from drivers.factory import Surroundings, build_payment_hardware
from drivers.lines import DeviceUnknown
from drivers.port import OpenPort, PortLost
from drivers.port_kinds import serial_line
from simulator.entropy import SeededEntropy
from simulator.vtime import VirtualClock, run_virtual

NOTES = {"devices.note_validator.kind": "cctalk_notes", "devices.note_validator.port": "notes"}
HOPPERS = {
    "devices.hopper.10.kind": "cctalk_hopper",
    "devices.hopper.10.port": "tens",
    "devices.hopper.100.kind": "cctalk_hopper",
    "devices.hopper.100.port": "euros",
    "devices.hopper.50.kind": "none",
}
BANK = {"devices.bank_terminal.kind": "zvt", "devices.bank_terminal.port": "bank"}


async def _persist(_result: BankResult) -> None:
    """Kept."""


def _line(bus: str, _device: object) -> OpenPort:
    async def open_port() -> None:
        raise PortLost(bus)

    return open_port  # type: ignore[return-value]


def built(*keys: dict[str, str]) -> PaymentHardware:
    async def main() -> PaymentHardware:
        around = Surroundings(
            emit=lambda _fact: None,
            clock=VirtualClock(),
            entropy=SeededEntropy(1),
            stored_cursor=lambda _serial: None,
            open_line=_line,
            stored_note_cursor=lambda _serial: None,
        )
        config = loader.load(None, {name: text for each in keys for name, text in each.items()})
        return build_payment_hardware(config, around, _persist)

    return run_virtual(main())


def test_nothing_is_fitted_unless_the_configuration_has_it() -> None:
    assert built() == PaymentHardware()


def test_everything_is_fitted_and_hoppers_come_by_falling_value() -> None:
    hardware = built(NOTES, HOPPERS, BANK)
    assert hardware.note_validator is not None
    assert hardware.bank_terminal is not None
    assert [hopper.value for hopper in hardware.hoppers] == [100, 10]


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"devices.note_validator.kind": "mdb"}, "note_validator.kind 'mdb' is none of cctalk_no"),
        ({"devices.hopper.20.kind": "x"}, "devices.hopper.20.kind 'x' is none of cctalk_hopper"),
        ({"devices.bank_terminal.kind": "x"}, "bank_terminal.kind 'x' is none of zvt, zvt_tcp"),
        (
            {
                **NOTES,
                **HOPPERS,
                "devices.hopper.10.port": "till",
                "devices.hopper.100.port": "till",
            },
            "address 3 is that of devices.hopper.10 on till",
        ),
        (
            {**NOTES, "devices.bank_terminal.kind": "zvt", "devices.bank_terminal.port": "notes"},
            "devices.bank_terminal.port notes is that of devices.note_validator",
        ),
    ],
)
def test_what_no_driver_knows_or_two_devices_share_is_refused(
    keys: dict[str, str], reason: str
) -> None:
    with pytest.raises(DeviceUnknown, match=reason):
        built(keys)


@pytest.mark.parametrize("port", ["", ":20007", "terminal:x", "terminal:"])
def test_a_network_terminal_without_a_host_or_with_a_wrong_port_is_refused(port: str) -> None:
    keys = {"devices.bank_terminal.kind": "zvt_tcp", "devices.bank_terminal.port": port}
    device = loader.load(None, keys).devices.bank_terminal
    assert device is not None
    with pytest.raises(DeviceUnknown, match="is no host:port"):
        serial_line("bank_terminal", device)


def test_a_network_terminal_is_reached_over_tcp() -> None:
    async def main() -> bytes:
        heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.set_result(await reader.read(16))
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            number = server.sockets[0].getsockname()[1]
            keys = {
                "devices.bank_terminal.kind": "zvt_tcp",
                "devices.bank_terminal.port": f"127.0.0.1:{number}",
            }
            device = loader.load(None, keys).devices.bank_terminal
            assert device is not None
            port = await serial_line("bank_terminal", device)()
            port.write(b"\x06\x00\x00")
            octets = await heard
            port.close()
            return octets

    assert asyncio.run(main()) == b"\x06\x00\x00"


def test_note_validator_may_be_on_the_line_of_the_hoppers_at_its_own_address() -> None:
    shared = {
        **NOTES,
        "devices.hopper.100.kind": "cctalk_hopper",
        "devices.hopper.100.port": "notes",
    }
    assert len(built(shared).hoppers) == 1
    with pytest.raises(DeviceUnknown, match="is that of"):
        built({**shared, "devices.hopper.100.address": "40"})
