"""Where files are kept, and where a technician takes them."""

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
    packages: str = Field(
        "",
        description="folder, as of a stick, that the service menu installs a signed package from;"
        " empty: none is taken",
    )
