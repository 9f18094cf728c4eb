"""Rules of the whole tree that no linter knows: codecs stay pure, files stay small, locks are true."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("chargepoint", "ui", "drivers", "simulator", "central", "config")
MAX_LINES = 400
# What a codec may use besides the standard library: ciphers, and the Modbus framer.
CODEC_LIBRARIES = {"cryptography", "pymodbus", "typing_extensions"}


def _sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def _is_allowed_in_codec(name: str, own_package: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names | CODEC_LIBRARIES or name.startswith(own_package + ".")


def test_codecs_import_the_standard_library_and_their_own_package_only() -> None:
    for path in sorted((ROOT / "drivers").glob("*/codec.py")):
        own_package = f"drivers.{path.parent.name}"
        foreign = {n for n in _imports(path) if not _is_allowed_in_codec(n, own_package)}
        assert not foreign, f"{path}: {sorted(foreign)}"
        assert not _imports(path) & {"asyncio", "logging", "time"}, path


def test_source_files_are_short_enough_to_hold_in_mind() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert not long, long


def _pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {
        name.lower(): version
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE)
    }


def _wanted(*extras: str) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = list(project["dependencies"])
    for extra in extras:
        requirements += project["optional-dependencies"][extra]
    return {
        re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-") for line in requirements
    }


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.lock", ("bench",)), ("requirements-dev.lock", ("bench", "dev"))],
)
def test_lock_pins_every_dependency_of_the_project(lock: str, extras: tuple[str, ...]) -> None:
    assert _wanted(*extras) <= set(_pinned(lock))


def test_both_locks_agree() -> None:
    development = _pinned("requirements-dev.lock")
    for name, version in _pinned("requirements.lock").items():
        assert development[name] == version, name


def test_package_holds_every_file_beside_its_code() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = {
        path
        for package, patterns in settings["tool"]["setuptools"]["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    beside = {
        path
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert sorted(beside - packed) == []


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_holds_hashes_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert text.count("--hash=sha256:") >= len(_pinned(lock))
