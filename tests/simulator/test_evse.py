"""The simulated board, line by line: what firmware 8.2 says and when it moves its relay."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.rapi.codec import xor_of
from simulator.devices.evse import SimulatedEvse
from simulator.entropy import SeededEntropy
from simulator.ev import Vehicle, VehicleChange
from simulator.pipes import MemoryLine
from simulator.vtime import run_virtual
from simulator.world import World


class Host:
    """A terminal at the board's line; checksums are added and taken away."""

    def __init__(self) -> None:
        self.world = World([1])
        self.world.set_lease(1, on=True)
        self.line = MemoryLine("evse", SeededEntropy(1, "evse"), baudrate=115_200)
        self.evse = SimulatedEvse(self.line, self.world, 1)
        self.moved: list[tuple[float, str]] = []
        self.world.observe(self._note)

    def _note(self, what: str, _connector: int, value: str) -> None:
        if what == "contactor":
            self.moved.append((asyncio.get_running_loop().time(), value))

    async def open(self) -> None:
        self.port = await self.line.open_port()
        await asyncio.sleep(1.1)

    def type(self, octets: bytes) -> None:
        self.port.write(octets)

    async def heard(self, for_s: float = 0.02) -> list[str]:
        """Lines said in the meantime, without `$` and checksum."""
        await asyncio.sleep(for_s)
        self.port.write(b"")
        lines = b""
        try:
            async with asyncio.timeout(0.001):
                while True:
                    lines += await self.port.read()
        except TimeoutError:
            pass
        return [_plain(line) for line in lines.split(b"\r") if line]

    async def ask(self, body: str) -> list[str]:
        octets = f"${body}".encode()
        self.type(octets + b"^%02X\r" % xor_of(octets))
        return await self.heard()


def _plain(line: bytes) -> str:
    body, mark, digits = line[:-3], line[-3:-2], line[-2:]
    assert mark == b"^"
    assert digits == b"%02X" % xor_of(body)
    return body[1:].decode()


def tell(story: Callable[[Host], Awaitable[None]], *, is_opened: bool = True) -> None:
    async def everything() -> None:
        host = Host()
        running = asyncio.get_running_loop().create_task(host.evse.run())
        if is_opened:
            await host.open()
        await story(host)
        running.cancel()

    run_virtual(everything())


def test_board_announces_its_start_and_its_state() -> None:
    async def story(host: Host) -> None:
        assert await host.heard() == ["AB 00 8.2.3", "AT 01 01 16 0200"]

    tell(story)


def test_charge_from_plug_to_plug_reads_like_the_protocol_s_example() -> None:
    async def story(host: Host) -> None:
        await host.heard()
        assert await host.ask("SY 30 6") == ["OK 30 6 0"]
        assert await host.ask("FS") == ["OK", "AT fe 01 16 0200"]
        host.world.plug(1, Vehicle())
        assert await host.heard(0.3) == ["AT fe 02 16 0300"]
        assert await host.ask("SC 16 V") == ["OK 16"]
        assert await host.ask("FE") == ["OK", "AT 02 02 16 0300"]
        assert await host.heard(1.0) == ["AT 03 03 16 0140"]
        assert await host.ask("GG") == ["OK 16000 230000"]
        assert await host.ask("GS") == ["OK 03 0 03 0540"]
        host.evse.fault("leakage_ac")
        assert await host.heard() == ["AT 06 03 16 0180"]
        assert (await host.heard(0.3))[0].startswith("AT 06 00 16")
        host.evse.clear("leakage_ac")
        host.world.unplug(1, forced=True)
        assert await host.heard(0.3) == ["AT 01 01 16 0280"]

    tell(story)


def test_relay_opens_within_a_tenth_of_a_second_when_the_car_stops_asking() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle())
        await asyncio.sleep(3)
        host.world.change_vehicle(1, ready=False)
        stopped_s = asyncio.get_running_loop().time() + 0.2  # it opens S2 by then
        await asyncio.sleep(1)
        (_, closed), (opened_s, opened) = host.moved
        assert (closed, opened) == ("closed", "open")
        assert opened_s - stopped_s <= 0.1

    tell(story)


@pytest.mark.parametrize(("kind", "within_s"), [("normal", 0.3), ("stubborn", 3.001)])
def test_sleep_opens_when_the_car_has_stopped_or_after_three_seconds(
    kind: str, within_s: float
) -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle(kind=kind))
        await asyncio.sleep(3)
        asked_s = asyncio.get_running_loop().time()
        await host.ask("FS")
        await asyncio.sleep(5)
        opened_s, value = host.moved[-1]
        assert value == "open"
        assert within_s - 0.1 < opened_s - asked_s <= within_s

    tell(story)


def test_board_when_woken_while_its_pilot_still_moves_then_closes_once() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle())
        await asyncio.sleep(3)
        await host.ask("FS")
        await asyncio.sleep(0.4)  # the car has gone to B, and the board has not yet seen that
        await host.ask("FE")
        await asyncio.sleep(3)
        assert [value for _, value in host.moved] == ["closed", "open", "closed"]

    tell(story)


def test_state_change_shorter_than_the_debounce_is_not_seen() -> None:
    async def story(host: Host) -> None:
        await host.heard()
        host.world.plug(1, Vehicle())
        await asyncio.sleep(0.2)
        host.world.unplug(1)
        assert await host.heard(1.0) == []

    tell(story)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"$GV\r", ["OK 8.2.3 5.2.1"]),
        (b"$GV^35\r", ["OK 8.2.3 5.2.1"]),
        (b"$GV*%02X\r" % (sum(b"$GV") & 0xFF), ["OK 8.2.3 5.2.1"]),
        (b"$GV^36\r", ["NK"]),
        (b"$GV :0A^%02X\r" % xor_of(b"$GV :0A"), ["OK 8.2.3 5.2.1 :0A"]),
        (b"$XX\r", ["NK"]),
        (b"$FF\r", ["NK"]),
        (b"$SC\r", ["NK"]),
        (b"$SC six\r", ["NK"]),
        (b"$FP 0 0 a text that does not fit\r", []),
        (b"$FP 0$GV\r", ["OK 8.2.3 5.2.1"]),
        (b"$GC\r", ["OK 6 32 16 32"]),
        (b"$GE\r", ["OK 16 0021"]),
        (b"$G0\r", ["OK 0"]),
        (b"$GU\r", ["OK 0 0"]),
        (b"$GP\r", ["OK 251 -2560 -2560"]),
        (b"$GF\r", ["OK 0 0 0"]),
        (b"$GI\r", ["OK 53494D000001"]),
        (b"$G5\r", ["OK 0 A"]),
        (b"$GY\r", ["OK 0 0 0"]),
        (b"$S5 1\r", ["NK"]),
        (b"$S5 M\r", ["OK"]),
        (b"$SC 80\r", ["NK 32", "AT 01 01 32 0200"]),
        (b"$SC 5 V\r", ["NK 6", "AT 01 01 6 0200"]),
        (b"$FD\r", ["OK", "AT ff 01 16 0200"]),
        (b"$FF V 0\r", ["OK"]),
    ],
)
def test_board_answers_like_the_firmware(octets: bytes, said: list[str]) -> None:
    async def story(host: Host) -> None:
        await host.heard()
        host.type(octets)
        assert await host.heard() == said

    tell(story)


def test_volatile_current_is_forgotten_by_a_restart_and_saved_current_is_not() -> None:
    async def story(host: Host) -> None:
        await host.ask("SC 20")
        await host.ask("SC 10 V")
        assert await host.ask("FR") == ["OK"]
        assert (await host.heard(1.1))[-1] == "AT 01 01 20 0200"

    tell(story)


def test_missed_pulse_lowers_the_current_until_acknowledged() -> None:
    async def story(host: Host) -> None:
        await host.ask("SY 10 6")
        assert await host.ask("SY") == ["OK 10 6 0"]
        assert await host.heard(11) == ["AT 01 01 6 0200"]
        assert await host.ask("SY") == ["NK 10 6 2"]
        assert await host.ask("SY 165") == ["OK 10 6 1"]
        assert await host.ask("SY") == ["OK 10 6 1"]
        assert await host.ask("SY 0 0") == ["OK 0 0 0"]

    tell(story)


def test_lock_needs_manual_mode_and_its_travel_time() -> None:
    async def story(host: Host) -> None:
        await host.ask("S5 M")
        await host.ask("S5 1")
        assert await host.ask("G5") == ["OK 0 M"]
        await asyncio.sleep(0.7)
        assert await host.ask("G5") == ["OK 1 M"]
        host.evse.power_cut()
        host.evse.power_on()
        assert host.world.is_locked(1)

    tell(story)


def test_automatic_lock_follows_the_plug() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle())
        await asyncio.sleep(2)
        assert host.world.is_locked(1)
        host.world.unplug(1, forced=True)
        await asyncio.sleep(2)
        assert not host.world.is_locked(1)

    tell(story)


def test_power_cut_drops_the_relay_and_silences_the_board() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle())
        await asyncio.sleep(3)
        await host.heard()
        host.evse.power_cut()
        assert not host.world.is_contactor_closed(1)
        assert await host.ask("GS") == []
        host.evse.power_on()
        assert (await host.heard(1.1))[0] == "AB 00 8.2.3"

    tell(story)


def test_board_that_starts_onto_welded_contacts_says_so() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle())
        await asyncio.sleep(3)
        host.evse.fault("weld")
        await host.heard()
        assert await host.ask("FR") == ["OK"]
        assert (await host.heard(1.1))[0] == "AB 08 8.2.3"

    tell(story)


def test_residual_current_trip_is_retried_six_times_then_stays() -> None:
    async def story(host: Host) -> None:
        host.evse.fault("leakage_dc")
        host.world.plug(1, Vehicle())
        await asyncio.sleep(7 * 301 + 5)
        await host.heard()
        assert await host.ask("GF") == ["OK 7 0 0"]
        await asyncio.sleep(3600)
        assert await host.ask("GF") == ["OK 7 0 0"]

    tell(story)


def test_residual_current_trip_ends_by_its_own_retry_when_the_leak_is_gone() -> None:
    async def story(host: Host) -> None:
        host.evse.fault("leakage_ac")
        host.world.plug(1, Vehicle())
        await asyncio.sleep(5)
        host.evse.clear("leakage_ac")
        await asyncio.sleep(301)
        assert host.world.current_ma(1) == 16_000

    tell(story)


def test_car_that_draws_too_much_is_stopped_after_ten_seconds() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle(draw_a=22))
        await asyncio.sleep(3)
        await host.heard()
        assert (await host.heard(10))[0].startswith("AT 0b")
        await asyncio.sleep(2)
        assert not host.world.is_contactor_closed(1)

    tell(story)


def test_brief_excess_is_forgiven() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle(draw_a=22))
        await asyncio.sleep(5)
        host.world.change_vehicle(1, draw_a=None)
        await asyncio.sleep(60)
        assert host.world.current_ma(1) == 16_000

    tell(story)


def test_contactor_without_its_lease_is_a_closure_fault() -> None:
    async def story(host: Host) -> None:
        host.world.set_lease(1, on=False)
        host.world.plug(1, Vehicle())
        await host.heard(2.5)
        (report,) = await host.ask("GS")
        assert report.startswith("OK 0e")

    tell(story)


def test_diode_fault_of_the_car_is_found_while_it_charges() -> None:
    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle())
        await host.heard(3)
        host.world.change_vehicle(1, diode_shorted=True)
        assert (await host.heard())[0].startswith("AT 05")
        assert not host.world.is_contactor_closed(1)

    tell(story)


@pytest.mark.parametrize(
    ("change", "given_a"),
    [({"cable_a": 13}, 13), ({"proximity": "open"}, 6), ({"proximity": "short"}, 6)],
)
def test_plug_that_says_another_cable_while_it_charges_has_less_at_once(
    change: VehicleChange, given_a: int
) -> None:
    """Firmware 8 knows no fault of the proximity contact: what cannot be told carries the least."""

    async def story(host: Host) -> None:
        host.world.plug(1, Vehicle(max_a=16))
        await host.heard(3)
        host.world.change_vehicle(1, **change)
        assert (await host.heard())[0] == f"AT 03 03 {given_a} 0140"
        assert host.world.current_ma(1) == given_a * 1000
        host.world.change_vehicle(1, cable_a=32, proximity="ok")
        assert host.world.current_ma(1) == 16_000

    tell(story)


@pytest.mark.parametrize(("proximity", "code"), [("short", "0f"), ("open", "10")])
def test_newer_firmware_stops_when_the_proximity_contact_fails(proximity: str, code: str) -> None:
    async def story(host: Host) -> None:
        host.evse.speaks("9.0.1", "6.0.0")
        host.world.plug(1, Vehicle())
        await host.heard(3)
        host.world.change_vehicle(1, proximity=proximity)
        assert (await host.heard())[0].startswith(f"AT {code} ")
        assert not host.world.is_contactor_closed(1)
        host.world.unplug(1, forced=True)
        await host.heard(1)
        assert (await host.ask("GS"))[0].startswith("OK 01 ")

    tell(story)


def test_ventilated_site_charges_a_car_that_needs_it() -> None:
    async def story(host: Host) -> None:
        await host.ask("FF V 0")
        host.world.plug(1, Vehicle(ventilation=True))
        await host.heard(3)
        assert await host.ask("GS") == ["OK 03 0 04 0540"]
        assert host.world.current_ma(1) == 16_000

    tell(story)


def test_ground_lost_is_found_a_second_after_closing() -> None:
    async def story(host: Host) -> None:
        host.evse.fault("ground_lost")
        host.world.plug(1, Vehicle())
        await asyncio.sleep(5)
        (closed_s, _), (opened_s, _) = host.moved
        assert opened_s - closed_s == pytest.approx(1.0)

    tell(story)


def test_wrong_fault_name_is_refused() -> None:
    async def story(host: Host) -> None:
        with pytest.raises(ValueError, match="earthquake"):
            host.evse.fault("earthquake")

    tell(story)
