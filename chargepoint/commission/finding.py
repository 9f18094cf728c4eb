"""One thing that was looked at on site, how it was, and what to do about it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Step(StrEnum):
    """In the order of the work; a report has findings of all of them."""

    SITE = "site"
    PORTS = "ports"
    DEVICES = "devices"
    PANEL = "panel"
    CERTIFICATE = "certificate"
    KEYS = "keys"
    CENTRAL = "central"


class Mark(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` is there where the mark is not OK."""

    step: Step
    subject: str
    mark: Mark
    text: str
    remedy: str = ""

    def __post_init__(self) -> None:
        assert self.mark is Mark.OK or self.remedy, f"{self.subject}: what to do about it?"

    def saved(self) -> dict[str, str]:
        return {key: str(value) for key, value in asdict(self).items()}


def good(step: Step, subject: str, text: str) -> Finding:
    return Finding(step, subject, Mark.OK, text)


def doubtful(step: Step, subject: str, text: str, remedy: str) -> Finding:
    return Finding(step, subject, Mark.WARN, text, remedy)


def bad(step: Step, subject: str, text: str, remedy: str) -> Finding:
    return Finding(step, subject, Mark.BAD, text, remedy)


def has_passed(findings: Iterable[Finding]) -> bool:
    """Warnings are for a person to judge; nothing that is bad goes into service."""
    return all(each.mark is not Mark.BAD for each in findings)
