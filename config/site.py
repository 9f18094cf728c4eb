"""What the connectors of a site share."""

from typing import Annotated, Literal

from pydantic import Field

from config.sections import LISTED, Section, Whole


class Site(Section):
    """What the connectors share."""

    max_current_a: Whole = Field(
        0,
        ge=0,
        le=2_000,
        description="A of each phase that all connectors together may take; 0: no limit",
    )
    connector_phases: Annotated[tuple[Literal["L1", "L2", "L3"], ...], LISTED] = Field(
        (),
        strict=False,
        description="with station.phases = 1: the phase of the site that each connector is wired to;"
        " empty: all to one",
    )
