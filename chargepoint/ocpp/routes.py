"""Which central system is tried next: the one of the site, or the second one (`central.fallback_url`).

primary ──three tries in a row failed──► fallback ──three tries failed──► primary
   ▲                                        │ linked: every quarter of an hour the primary is dialled
   └──────────── it answered ◄──────────────┘ beside, and taken when it answers
"""

from chargepoint.ocpp.link import FALLBACK, PRIMARY, Terms
from chargepoint.ocpp.security.profiles import Profiles

_TRIES = 3
HOME_AGAIN_S = 900.0


class Routes:
    def __init__(self, profiles: Profiles, *, has_fallback: bool) -> None:
        self._profiles = profiles
        self._has_fallback = has_fallback
        self._failures = 0
        self.server = PRIMARY

    @property
    def is_away(self) -> bool:
        """The link is to the second central system; the first is to be tried again."""
        return self.server == FALLBACK

    def terms(self) -> Terms:
        return self._profiles.terms(self.server)

    def home_terms(self) -> Terms:
        return self._profiles.terms(PRIMARY)

    async def opened(self, terms: Terms) -> None:
        self._failures = 0
        self.server = terms.server
        await self._profiles.opened()

    async def failed(self, error: BaseException) -> None:
        self._failures += 1
        if self._has_fallback and self._failures % _TRIES == 0:
            self.server = FALLBACK if self.server == PRIMARY else PRIMARY
        await self._profiles.failed(error)
