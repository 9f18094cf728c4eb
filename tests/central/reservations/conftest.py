"""Places to reserve that several processes share."""

import pytest

from tests.support.reserving import a_place
from tests.support.together import Systems, systems_on


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def systems(request: pytest.FixtureRequest) -> Systems:
    """Each with the same points and cards."""
    return systems_on(request, a_place)
