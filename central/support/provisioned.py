"""`support` of the provisioning file: hours, holidays, agents, how long a complaint may take.

```json
{"support": {"hours": {"Monday": [{"from": "08:00", "until": "14:00"}]}, "holidays": ["2026-12-25"],
  "timezone": "Europe/Madrid", "complaintDays": 15,
  "agents": [{"login": "maite", "name": "Maite", "password": "…", "role": "agent"}]}}
```
No `hours`: working days from eight to eight. A day that is not named is closed.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from central.entries import STRICT, TimeZone
from central.support.hours import Hours, office
from central.support.messaging import MessagingPort
from central.support.options import AgentGiven, SupportOptions


def _date(written: str) -> str:
    return date.fromisoformat(written).isoformat()


Day = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Begin = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
End = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Holiday = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_date)]


class _Strict(BaseModel):
    model_config = STRICT


class Window(_Strict):
    """`{"from": "08:00", "until": "20:00"}`; one that ends before it begins runs into the next day."""

    begin: Begin = Field(alias="from")
    end: End = Field(alias="until")


class AgentEntry(_Strict):
    login: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9._-]{0,39}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    password: Annotated[str, Field(min_length=10, max_length=128)]
    role: Literal["agent", "operator"] = "agent"


class SupportEntry(_Strict):
    hours: dict[Day, list[Window]] | None = None
    holidays: list[Holiday] = []
    timezone: TimeZone = "Europe/Madrid"
    agents: list[AgentEntry] = []
    complaint_days: Annotated[int, Field(ge=1, le=28)] = 15

    def options(self, messaging: MessagingPort | None) -> SupportOptions:
        return SupportOptions(
            hours=self._hours(),
            agents=tuple(AgentGiven(**each.model_dump()) for each in self.agents),
            messaging=messaging,
            complaint_days=self.complaint_days,
        )

    def _hours(self) -> Hours:
        days = office().days
        if self.hours is not None:
            days = {
                day: tuple((each.begin, each.end) for each in windows)
                for day, windows in self.hours.items()
            }
        return Hours(self.timezone, days, frozenset(self.holidays))
