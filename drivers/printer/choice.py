"""Which printer a site has, from its configuration."""

from dataclasses import replace

from config.devices import Device
from drivers.lines import DeviceUnknown
from drivers.printer.profiles import PROFILES, PrinterProfile


def printer_profile(device: Device, usual: PrinterProfile) -> PrinterProfile:
    if device.profile and device.profile not in PROFILES:
        known = ", ".join(PROFILES)
        raise DeviceUnknown(f"devices.printer.profile {device.profile!r} is none of {known}")
    found = PROFILES.get(device.profile, usual)
    return replace(found, code_page=device.address) if device.address else found
