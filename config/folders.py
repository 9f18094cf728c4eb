"""Where files are kept, where a technician takes them, and when he must have signed in."""

from pydantic import Field

from config.sections import Section


class State(Section):
    dir: str = Field("", description="folder of the journal; empty: ./state")


class Service(Section):
    export: str = Field(
        "",
        description="folder, as of a stick, where the service menu puts files of logs; empty: no such"
        " key",
    )
    sign_in_limit_s: int = Field(
        180,
        ge=30,
        le=3600,
        description="s from the opening of the cabinet's door until somebody must have signed in at the"
        " service menu; else every charge ends and the station waits for a technician (F25)",
    )
    packages: str = Field(
        "",
        description="folder, as of a stick, that the service menu installs a signed package from;"
        " empty: none is taken",
    )
