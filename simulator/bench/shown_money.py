"""What lies in tray, hoppers, note slot, terminal and printer now, and what customers were shown."""

from collections.abc import Mapping
from typing import Any

from simulator.devices.bank_terminal import SimulatedBankTerminal
from simulator.devices.hopper import SimulatedHopper
from simulator.devices.note_validator import SimulatedNoteValidator
from simulator.devices.printer import SimulatedPrinter
from simulator.hardware import Device
from simulator.station import Codes

Fitted = Mapping[tuple[str, int], Device]


def shown_money(fitted: Fitted, tray_minor: int) -> dict[str, Any]:
    """The physical truth behind the money devices; a part that is not fitted is null."""
    shown: dict[str, Any] = {
        "tray": tray_minor,
        "hoppers": {},
        "notes": None,
        "terminal": None,
        "paper": None,
    }
    for (_, place), device in fitted.items():
        match device:
            case SimulatedHopper():
                shown["hoppers"][str(place)] = {"coins": device.coins}
            case SimulatedNoteValidator():
                shown["notes"] = _notes(device)
            case SimulatedBankTerminal():
                shown["terminal"] = _terminal(device)
            case SimulatedPrinter():
                shown["paper"] = _paper(device)
            case _:
                pass
    return shown


def _notes(device: SimulatedNoteValidator) -> dict[str, Any]:
    return {
        "escrow": device.escrow,
        "stacker": sum(device.stacker_minor),
        "stacked": len(device.stacker_minor),
    }


def _terminal(device: SimulatedBankTerminal) -> dict[str, Any]:
    return {
        "waits": device.is_waiting_for_card,
        "reserved": sum(device.open_reservations.values()),
        "captured": device.captured_minor,
    }


def _paper(device: SimulatedPrinter) -> dict[str, Any]:
    last = device.cut_off[-1] if device.cut_off else None
    return {
        "sheets": len(device.cut_off),
        "lines": [] if last is None else list(last.lines),
        "qr": [] if last is None else list(last.qr_codes),
    }


def shown_memory(codes: Codes) -> dict[str, Any]:
    """What a customer wrote down: stop codes by connector, vouchers."""
    return {
        "codes": {str(connector): code for connector, code in codes.shown.items()},
        "vouchers": dict(codes.vouchers),
    }
