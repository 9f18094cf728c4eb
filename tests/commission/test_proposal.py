"""From what was found to lines of the site file; what nobody can know is asked, never guessed."""

from chargepoint.commission.finding import Mark
from chargepoint.commission.proposal import propose
from drivers.probe.found import Found, LineSetting, PortFound, PortState

SLOW, FAST, EVEN = LineSetting(9_600), LineSetting(115_200), LineSetting(19_200, "E")


def port(path: str, *devices: Found) -> PortFound:
    return PortFound(path, PortState.ANSWERED, devices)


RELAYS = port("/dev/chargepoint/relays", Found("lease_timer", ("modbus_relay",), SLOW, 1))
METERS = port(
    "/dev/chargepoint/meters",
    Found("meter", ("sdm630",), SLOW, 1),
    Found("meter", ("sdm630",), SLOW, 2),
)
BOARDS = [port(f"/dev/chargepoint/evse-{n}", Found("evse", ("openevse",), FAST)) for n in (1, 2)]


def test_two_boards_two_meters_and_one_relay_module_are_two_connectors() -> None:
    values = propose([*BOARDS, METERS, RELAYS], {}).values
    assert values["station.connectors"] == "2"
    assert values["devices.evse.2.port"] == "/dev/chargepoint/evse-2"
    assert values["devices.meter.2.address"] == "2"
    assert "devices.meter.1.address" not in values  # the usual one
    assert values["devices.lease_timer.2.relay"] == "1"


def test_a_unit_with_a_watchdog_of_its_own_is_its_lease() -> None:
    unit = port("/dev/chargepoint/unit", Found("evse", ("heidelberg",), EVEN, 1))
    values = propose([unit, METERS], {}).values
    assert values["devices.lease_timer.1.kind"] == "board"
    assert "devices.evse.1.baudrate" not in values  # the kind's own


def test_connectors_that_lack_something_are_told() -> None:
    told = propose([*BOARDS, METERS], {}).findings
    assert [each.subject for each in told if each.mark is Mark.BAD] == ["connectors"]


def test_a_hopper_is_asked_what_its_coins_are_worth() -> None:
    hopper = port("/dev/chargepoint/coins", Found("hopper", ("cctalk_hopper",), SLOW, 4))
    unknown = propose([hopper], {})
    assert unknown.values == {}
    assert any("--hopper 4=" in each.remedy for each in unknown.findings)
    values = propose([hopper], {4: 50}).values
    assert values["devices.hopper.50.kind"] == "cctalk_hopper"
    assert values["devices.hopper.50.address"] == "4"


def test_another_speed_than_the_kinds_own_is_written() -> None:
    printer = port("/dev/chargepoint/printer", Found("printer", ("escpos80",), LineSetting(19_200)))
    assert propose([printer], {}).values["devices.printer.baudrate"] == "19200"


def test_a_second_reader_is_told_and_does_not_replace_the_first() -> None:
    readers = [port(f"/dev/r{n}", Found("card_reader", ("pn532",), FAST)) for n in (1, 2)]
    made = propose(readers, {})
    assert made.values["devices.card_reader.port"] == "/dev/r1"
    assert any("second card_reader" in each.text for each in made.findings)


def test_silent_and_busy_ports_are_told_with_a_remedy() -> None:
    states = [PortState.SILENT, PortState.IN_USE, PortState.UNUSABLE]
    told = propose([PortFound("/dev/x", state, why="gone") for state in states], {}).findings
    assert all(each.remedy and each.mark is not Mark.OK for each in told)
