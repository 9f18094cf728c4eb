"""Changes single values of a site file and leaves everything else as people wrote it.

    [kiosk]
    size = "1024x600"             # pixels; …     ->     size = "800x1280"             # pixels; …

Reads back what it wrote: a file that would not load as wanted is never left behind.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.loader import ConfigurationWrong, Problem, load

_HEADER = re.compile(r"^\s*\[([^\[\]]+)\]\s*(#.*)?$")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)  # 07 is a name
_AS_IT_IS = ("[", "{", '"')  # lists, tables, and text that says it is text


def with_values(text: str, values: Mapping[str, str]) -> str:
    """`text` with each dotted key set; a section that is missing is put at the end."""
    lines = text.splitlines()
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        lines = _with_value(lines, section, name, _toml(value))
    return "\n".join(lines) + "\n"


def write_values(file: Path, values: Mapping[str, str]) -> None:
    """Raises ConfigurationWrong, and then the file is as it was."""
    fresh = file.with_name(f"{file.name}.new")
    try:
        text = with_values(file.read_text("utf-8"), values)
        mode = file.stat().st_mode & 0o777
    except OSError as error:
        reason = error.strerror or "unreadable"
        remedy = "copy config/site.example.toml there"
        raise ConfigurationWrong([Problem(str(file), "file", reason, remedy)]) from None
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    try:
        load(fresh, environment={})
        _require(text, values)
    except ConfigurationWrong as wrong:
        fresh.unlink()
        told = [Problem(str(file), each.key, each.reason, each.remedy) for each in wrong.problems]
        raise ConfigurationWrong(told) from None
    fresh.replace(file)


def _require(text: str, values: Mapping[str, str]) -> None:
    """What was written is what a reader finds."""
    tree = tomllib.loads(text, parse_float=Decimal)
    for key, value in values.items():
        found: Any = tree
        for name in key.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        wanted = tomllib.loads(f"it = {_toml(value)}", parse_float=Decimal)["it"]
        if found != wanted and found != str(wanted):
            reason = f"could not be set: it is {found!r}"
            raise ConfigurationWrong([Problem("--set", key, reason, "edit the file by hand")])


def _toml(value: str) -> str:
    """As people write it on a command line: numbers, true, false, lists; everything else is text."""
    if value in ("true", "false") or value.startswith(_AS_IT_IS) or _NUMBER.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _with_value(lines: list[str], section: str, name: str, value: str) -> list[str]:
    start, end = _section(lines, section)
    if start < 0:
        gap = [""] if lines and lines[-1].strip() else []
        return [*lines, *gap, f"[{section}]", f"{name} = {value}"]
    pattern = re.compile(rf"^(\s*){re.escape(name)}(\s*=\s*)")
    for number in range(start, end):
        found = pattern.match(lines[number])
        if found:
            old = lines[number][found.end() :]
            is_text = old.startswith('"') and not value.startswith(_AS_IT_IS)
            written = json.dumps(value) if is_text else value
            changed = f"{found.group(0)}{written}{_comment(old)}"
            return [*lines[:number], changed, *lines[number + 1 :]]
    while end > start and not lines[end - 1].strip():
        end -= 1
    return [*lines[:end], f"{name} = {value}", *lines[end:]]


def _section(lines: list[str], section: str) -> tuple[int, int]:
    """First line after the header, and the line of the next one; -1: it is not there."""
    start = -1
    for number, line in enumerate(lines):
        if start >= 0 and line.lstrip().startswith("["):
            return start, number
        found = _HEADER.match(line)
        if found and found.group(1).strip() == section:
            start = number + 1
    return start, len(lines)


def _comment(rest: str) -> str:
    """The comment behind a value, with the space before it; empty when there is none."""
    is_quoted = False
    for place, character in enumerate(rest):
        if character == '"':
            is_quoted = not is_quoted
        if character == "#" and not is_quoted:
            before = rest[:place]
            return before[len(before.rstrip()) :] + rest[place:]
    return ""
