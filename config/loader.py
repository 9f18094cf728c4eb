"""Defaults, site file, overrides, secrets from the environment; every error at once, with a remedy."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from typing_extensions import override

from chargepoint.errors import ChargepointError
from config.schema import Config
from config.sections import Section

ENVIRONMENT = {
    "central.password": "CHARGEPOINT_CENTRAL_PASSWORD",
    "bank.password": "CHARGEPOINT_BANK_PASSWORD",
}
"""Secrets: their settings, and the variables that bring them."""


@dataclass(frozen=True, slots=True)
class Problem:
    origin: str  # file or --set
    key: str
    reason: str
    remedy: str

    @override
    def __str__(self) -> str:
        return f"{self.origin}: {self.key}: {self.reason}\n    remedy: {self.remedy}"


class ConfigurationWrong(ChargepointError):
    """All problems of a configuration together."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def load(
    file: Path | None = None,
    overrides: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Config:
    """The resolved configuration; raises ConfigurationWrong."""
    tree = _read(file)
    origins: dict[str, str] = {}
    for key, text in (overrides or {}).items():
        _put(tree, key, text)
        origins[key] = "--set"
    for key, name in ENVIRONMENT.items():
        value = (os.environ if environment is None else environment).get(name)
        if value:
            _put(tree, key, value)
            origins[key] = name
    source = str(file) if file else "defaults"
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigurationWrong([_explain(e, source, origins) for e in error.errors()]) from None


def overrides_of(items: Iterable[str]) -> dict[str, str]:
    """`KEY=VALUE` as given on a command line; raises ConfigurationWrong."""
    problems = [
        Problem("--set", item, "has no value", "write KEY=VALUE, as station.id=CP-7")
        for item in items
        if "=" not in item
    ]
    if problems:
        raise ConfigurationWrong(problems)
    return dict(item.split("=", 1) for item in items)


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        # Some editors put a mark before the first letter.
        return tomllib.loads(file.read_text("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise ConfigurationWrong(
            [Problem(str(file), "file", reason, "give --config an existing TOML file")]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationWrong(
            [Problem(str(file), "syntax", str(error), "correct the TOML at that place")]
        ) from None
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} is no UTF-8"
        raise ConfigurationWrong(
            [Problem(str(file), "syntax", reason, "save it as UTF-8")]
        ) from None
    except RecursionError:
        reason = "lists within lists, too deep to read"
        raise ConfigurationWrong(
            [Problem(str(file), "syntax", reason, "no key needs more than one list")]
        ) from None


def _put(tree: dict[str, Any], dotted: str, value: str) -> None:
    *path, last = dotted.split(".")
    for name in path:
        if not isinstance(tree.get(name, {}), dict):
            reason = f"{name} is a value, not a section"
            raise ConfigurationWrong([Problem("--set", dotted, reason, "shorten the key")])
        tree = tree.setdefault(name, {})
    tree[last] = value


def _explain(error: Any, source: str, origins: Mapping[str, str]) -> Problem:
    key = ".".join(str(part) for part in error["loc"]) or "configuration"
    reason = error["msg"].removeprefix("Value error, ")
    return Problem(origins.get(key, source), key, reason, _remedy(error, key))


def _remedy(error: Any, key: str) -> str:
    if error["type"] == "extra_forbidden":
        return f"remove it, or use one of: {', '.join(_siblings(key))}"
    description = _description(key)
    return description or "see config/site.example.toml"


def _section(path: Iterable[str]) -> type[Section] | None:
    model: Any = Config
    for name in path:
        if name.isdigit() and get_args(model):  # the list of rules it stands in
            model = get_args(model)[0]
            continue
        field = getattr(model, "model_fields", {}).get(name)
        model = field.annotation if field else None
    return model if isinstance(model, type) and issubclass(model, Section) else None


def _siblings(key: str) -> list[str]:
    section = _section(key.split(".")[:-1])
    return sorted(section.model_fields) if section else ["see config/site.example.toml"]


def _description(key: str) -> str:
    *path, last = key.split(".")
    section = _section(path)
    field = section.model_fields.get(last) if section else None
    if field is None:
        return ""
    if isinstance(field.default, Section):
        return f"see [{key}] in config/site.example.toml"
    text = field.description or "use a value of the right kind"
    return f"{text}; default {field.default!s}"
