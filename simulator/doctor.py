"""`./run doctor`: what keeps the bench from running on this machine, each with its remedy.

It only looks: it installs nothing, changes nothing, and opens no device for longer than a glance.
It must itself run where packages are missing, so it imports the standard library alone.
"""

import grp
import importlib.util
import os
import pwd
import re
import socket
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 11)
DEFAULT_PORT = 8080
SHORTEST_FREE_MB = 50
EXIT_OK, EXIT_SICK = 0, 1

# Packages whose module has another name.
_MODULES = {"pygame-ce": "pygame", "pyserial": "serial", "pyyaml": "yaml"}
_MODULES |= {"jsonschema-rs": "jsonschema_rs", "typing_extensions": "typing_extensions"}
_MODULES |= {"argon2-cffi": "argon2"}


class Health(Enum):
    GOOD = "ok"
    NOTE = "note"  # the bench runs, and something is less than it could be
    SICK = "PROBLEM"


@dataclass(frozen=True, slots=True)
class Finding:
    health: Health
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the doctor looks at; given by value so that every illness can be shown in a test."""

    python: tuple[int, int]
    has_module: Callable[[str], bool]
    port: int
    environment: Mapping[str, str]
    devices: tuple[tuple[str, str], ...]
    platform: str


def main(arguments: Sequence[str] = (), *, port: int = DEFAULT_PORT) -> int:
    """`arguments`: `NAME=PATH` of real devices, as for `--device`."""
    devices = tuple((name, path) for name, _, path in (each.partition("=") for each in arguments))
    machine = Machine(
        python=sys.version_info[:2],
        has_module=lambda name: importlib.util.find_spec(name) is not None,
        port=port,
        environment=os.environ,
        devices=devices,
        platform=sys.platform,
    )
    findings = examine(machine)
    sys.stdout.write(report(findings))
    return EXIT_SICK if any(each.health is Health.SICK for each in findings) else EXIT_OK


def examine(machine: Machine) -> list[Finding]:
    findings = [_python(machine), _packages(machine), _port(machine), _display(machine)]
    findings += [examine_device(name, path) for name, path in machine.devices]
    findings += [_state_folder(machine), _pseudo_terminals()]
    return findings


def report(findings: Sequence[Finding]) -> str:
    lines = []
    for each in findings:
        lines.append(f"{each.health.value:>8}  {each.what}")
        lines += [f"          -> {line}" for line in each.remedy.splitlines()]
    sick = sum(each.health is Health.SICK for each in findings)
    lines.append("" if sick else "\nThe bench can run here: ./run")
    if sick:
        lines.append(f"{sick} problem{'s' if sick > 1 else ''} to solve before the bench can run.")
    return "\n".join(lines).lstrip("\n") + "\n"


# --- the machine ----------------------------------------------------------------------------------


def _python(machine: Machine) -> Finding:
    version = ".".join(map(str, machine.python))
    if machine.python >= OLDEST_PYTHON:
        return Finding(Health.GOOD, f"Python {version}")
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Finding(
        Health.SICK,
        f"Python {version} is too old: {wanted} or newer is needed",
        "sudo apt-get install python3 python3-venv   (Debian 12, Ubuntu 23.04 or newer)\n"
        "or name a newer one: PYTHON=/path/to/python3 ./run; then remove .venv and start again",
    )


def required_modules() -> list[tuple[str, str]]:
    """(package, module) of everything that the bench imports, from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["bench"]]
    names = [re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in wanted]
    return [(name, _MODULES.get(name, name.replace("-", "_"))) for name in names]


def _packages(machine: Machine) -> Finding:
    wanted = required_modules()
    missing = [package for package, module in wanted if not machine.has_module(module)]
    if not missing:
        return Finding(Health.GOOD, f"all {len(wanted)} packages are installed")
    return Finding(
        Health.SICK,
        f"packages are missing: {', '.join(missing)}",
        "rm -rf .venv && ./run doctor   (installs them again from requirements.lock;\n"
        "needs a network or a package mirror in pip's configuration)",
    )


def _port(machine: Machine) -> Finding:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", machine.port))
        except OSError as error:
            return Finding(
                Health.SICK,
                f"port {machine.port} on 127.0.0.1 cannot be used: {error.strerror}",
                "is another bench running? End it, or choose another port: ./run --port 8081",
            )
    return Finding(Health.GOOD, f"port {machine.port} on 127.0.0.1 is free")


def _display(machine: Machine) -> Finding:
    found = next(
        (name for name in ("WAYLAND_DISPLAY", "DISPLAY") if machine.environment.get(name)), None
    )
    if found is not None:
        return Finding(Health.GOOD, f"display: {found}={machine.environment[found]}")
    if machine.platform in {"darwin", "win32"}:
        return Finding(Health.GOOD, "display: the desktop's own")
    return Finding(
        Health.NOTE,
        "no display: the kiosk gets no window, its screen is on the bench page all the same",
        "for a window: start ./run inside a desktop session, or with ssh -X",
    )


def _state_folder(machine: Machine) -> Finding:
    folder = Path(machine.environment.get("TMPDIR") or "/tmp")  # noqa: S108 - only looked at
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return Finding(
            Health.SICK,
            f"the journal cannot be written to {folder}",
            "name a folder of your own: ./run --state ~/charge-point",
        )
    room = os.statvfs(folder)
    free_mb = room.f_bavail * room.f_frsize // 1_000_000
    if free_mb < SHORTEST_FREE_MB:
        return Finding(
            Health.SICK,
            f"only {free_mb} MB are free in {folder}",
            "free some space, or name another folder: ./run --state DIR",
        )
    return Finding(Health.GOOD, f"room for the journal in {folder}")


def _pseudo_terminals() -> Finding:
    try:
        master, slave = os.openpty()
    except OSError as error:
        return Finding(
            Health.SICK,
            f"no pseudo-terminal for the simulated serial lines: {error.strerror}",
            "in a container: mount /dev/pts   (docker run mounts it by itself)",
        )
    os.close(master)
    os.close(slave)
    return Finding(Health.GOOD, "pseudo-terminals for the simulated serial lines")


# --- a real device --------------------------------------------------------------------------------


def examine_device(name: str, written: str) -> Finding:
    """A serial adapter named with --device."""
    path = Path(written)
    if not written or not path.exists():
        return Finding(
            Health.SICK,
            f"{name}: {written or 'no path given'} does not exist",
            f"connect the adapter and look which one it is: {_adapters()}",
        )
    if not path.is_char_device():
        return Finding(Health.SICK, f"{name}: {path} is no serial port", f"use {_adapters()}")
    if not os.access(path, os.R_OK | os.W_OK):
        return Finding(Health.SICK, f"{name}: no permission to use {path}", _permission(path))
    return Finding(Health.GOOD, f"{name}: {path}")


def _adapters() -> str:
    stable = sorted(Path("/dev/serial/by-id").glob("*"))
    found = stable or sorted(Path("/dev").glob("tty[UA][SC]*"))
    return ", ".join(map(str, found)) or "none is connected now (ls /dev/serial/by-id)"


def _permission(path: Path) -> str:
    user = pwd.getpwuid(os.getuid()).pw_name
    try:
        group = grp.getgrgid(path.stat().st_gid).gr_name
    except KeyError:
        group = "dialout"
    return f"sudo usermod -aG {group} {user}   (then log out and in again)"
