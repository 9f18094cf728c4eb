"""From what a search found to lines of the site file; what it cannot know is told, not guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chargepoint.commission.finding import Finding, Step, bad, doubtful, good
from config.devices import Device
from drivers.port_kinds import baudrate_of
from drivers.probe.found import Found, PortFound, PortState

_SHARED = ("coin_acceptor", "note_validator", "card_reader", "bank_terminal", "printer", "cabinet")
_USUAL_ADDRESSES = {"cctalk": 2, "cctalk_notes": 40, "cctalk_hopper": 3}


@dataclass(slots=True)
class Proposal:
    """`values`: dotted keys of the site file; `findings`: what was found, and what is open."""

    values: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def propose(ports: Sequence[PortFound], hoppers: Mapping[int, int]) -> Proposal:
    """`hoppers`: value of the coins in cents by ccTalk address; a hopper does not say it itself."""
    made = Proposal()
    counts = dict.fromkeys(("evse", "meter", "lease_timer"), 0)
    for port in ports:
        if port.state is not PortState.ANSWERED:
            made.findings.append(_unanswered(port))
        for device in port.devices:
            made.findings.append(_heard(port, device))
            if device.role in counts:
                _connector(made, port, device, counts)
            elif device.role == "hopper":
                _hopper(made, port, device, hoppers)
            elif device.role in _SHARED:
                _shared(made, port, device)
    _require_as_many_of_each(made, counts)
    return made


def _unanswered(port: PortFound) -> Finding:
    match port.state:
        case PortState.IN_USE:
            remedy = "systemctl stop chargepoint, then again"
            return bad(Step.PORTS, port.path, "in use by another program", remedy)
        case PortState.UNUSABLE:
            remedy = "adapter, cable; is this user in group dialout?"
            return bad(Step.PORTS, port.path, port.why, remedy)
        case _:
            remedy = "supply of the device; A and B of RS-485; or nothing is meant to be there"
            return doubtful(Step.PORTS, port.path, "nobody answers", remedy)


def _heard(port: PortFound, device: Found) -> Finding:
    words = [
        f"{device.role}: {device.kinds[0]}" if device.kinds else "",
        device.words,
        f"serial {device.serial}" if device.serial else "",
        f"address {device.address}" if device.address else "",
    ]
    text = ", ".join(word for word in words if word)
    if not device.role:
        remedy = "not one of those in docs/bench.md: take it off this line"
        return doubtful(Step.PORTS, port.path, text, remedy)
    return good(Step.PORTS, port.path, text)


def _put(made: Proposal, key: str, port: PortFound, device: Found) -> None:
    kind, setting = device.kinds[0], device.setting
    made.values[f"devices.{key}.kind"] = kind
    made.values[f"devices.{key}.port"] = port.path
    if setting.baudrate != baudrate_of(Device(kind=kind)):
        made.values[f"devices.{key}.baudrate"] = str(setting.baudrate)
    if device.address and device.address != _USUAL_ADDRESSES.get(kind, 1):
        made.values[f"devices.{key}.address"] = str(device.address)


def _shared(made: Proposal, port: PortFound, device: Found) -> None:
    if f"devices.{device.role}.kind" in made.values:
        text = f"a second {device.role}: the one before is taken"
        made.findings.append(
            doubtful(Step.PORTS, port.path, text, "unplug one, or write it by hand")
        )
        return
    _put(made, device.role, port, device)


def _connector(made: Proposal, port: PortFound, device: Found, counts: dict[str, int]) -> None:
    """Numbered in the order they were found: which outlet is which, only a person can see."""
    counts[device.role] += 1
    number = counts[device.role]
    _put(made, f"{device.role}.{number}", port, device)
    if device.kinds[0] == "heidelberg":
        counts["lease_timer"] += 1
        made.values[f"devices.lease_timer.{counts['lease_timer']}.kind"] = "board"


def _hopper(made: Proposal, port: PortFound, device: Found, hoppers: Mapping[int, int]) -> None:
    value = hoppers.get(device.address)
    if value is None:
        remedy = f"--hopper {device.address}=50, if its coins are worth 50 cents"
        text = f"hopper at address {device.address}: it does not say what its coins are worth"
        made.findings.append(doubtful(Step.PORTS, port.path, text, remedy))
        return
    _put(made, f"hopper.{value}", port, device)


def _require_as_many_of_each(made: Proposal, counts: dict[str, int]) -> None:
    """One relay module has a relay for each connector, so it stands for several leases."""
    boards = counts["evse"]
    module = made.values.get("devices.lease_timer.1.kind")
    if module == "modbus_relay" and counts["lease_timer"] == 1:
        port = made.values["devices.lease_timer.1.port"]
        for number in range(2, boards + 1):
            key = f"devices.lease_timer.{number}"
            made.values |= {
                f"{key}.kind": module,
                f"{key}.port": port,
                f"{key}.relay": str(number - 1),
            }
        counts["lease_timer"] = max(1, boards)
    if boards:
        made.values["station.connectors"] = str(boards)
    if len(set(counts.values())) > 1:
        text = ", ".join(f"{count} {name}" for name, count in counts.items())
        remedy = "each connector needs a board, a meter and a lease: look at those that are missing"
        made.findings.append(bad(Step.PORTS, "connectors", text, remedy))
    elif boards:
        text = f"{boards}, numbered in the order found"
        remedy = "plug in at each outlet and see that its own number answers"
        made.findings.append(doubtful(Step.PORTS, "connectors", text, remedy))
