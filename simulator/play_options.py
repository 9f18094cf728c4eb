"""What the command line says about the station, for the bench and for plays alike."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StationOptions:
    """`overrides` are dotted keys; `devices` are real ones, by the name of their line."""

    config: Path | None = None
    overrides: tuple[tuple[str, str], ...] = ()
    state: Path | None = None
    central_url: str | None = None
    devices: tuple[tuple[str, str], ...] = ()
    security_profile: int = 0


class OptionWrong(ValueError):
    """An option of the command line that cannot be understood."""


def station_options(options: argparse.Namespace) -> StationOptions:
    """Raises OptionWrong."""
    return StationOptions(
        options.config,
        tuple(_pair("--set", each) for each in options.set),
        options.state,
        options.central,
        tuple(_pair("--device", each) for each in options.device),
        options.central_tls or 0,
    )


def _pair(option: str, written: str) -> tuple[str, str]:
    name, equals, value = written.partition("=")
    if not equals or not name:
        raise OptionWrong(f"{option} needs NAME=VALUE, not {written!r}")
    return name, value
