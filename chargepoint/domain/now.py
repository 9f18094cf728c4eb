"""The time of an event, passed in with it: nothing in the domain reads a clock."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Now:
    monotonic: float  # seconds, for durations within one life of the process
    utc: datetime  # aware, for records
