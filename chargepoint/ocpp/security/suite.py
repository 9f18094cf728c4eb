"""Puts the security of one station together (whitepaper "Improved security for OCPP 1.6-J").

Owns no rule.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.profile import Handler, Trigger, TriggerId, VendorMessageId
from chargepoint.ocpp.routes import Routes
from chargepoint.ocpp.security.certificates import Certificates, Link
from chargepoint.ocpp.security.profiles import Profiles
from chargepoint.ocpp.security.trust import CENTRAL, MANUFACTURER, TrustStore
from chargepoint.ocpp.security.vault import Vault, VolatileVault
from chargepoint.ports import Clock, Entropy, Settings
from chargepoint.security_ports import Maintenance, SecurityLog

_TOLD_EVERY_S = 3600.0


class NoLog:
    """Of a station whose security nobody follows."""

    def note(self, event: str, info: str = "") -> None:
        """Nobody reads it."""


@dataclass(frozen=True, slots=True)
class SecurityWorld:
    """What of the site the security needs. `roots`: (use, PEM) of the site file."""

    vault: Vault = field(default_factory=VolatileVault)
    log: SecurityLog = field(default_factory=NoLog)
    maintenance: Maintenance | None = None
    roots: Iterable[tuple[str, str]] = ()
    has_site_password: bool = False
    has_second_central: bool = False


class Security:
    """Implements profile.Profile."""

    def __init__(  # noqa: PLR0913 - the security's whole surroundings, by name
        self,
        world: SecurityWorld,
        keys: Keys,
        settings: Settings,
        clock: Clock,
        entropy: Entropy,
        *,
        serial: str,
        incident: Callable[[str, str], None],
        link: Link,
    ) -> None:
        self.log = world.log
        self._clock = clock
        self._due_s: dict[str, float] = {}
        trust = TrustStore(settings, world.roots)
        self.profiles = Profiles(
            keys,
            settings,
            trust,
            world.vault,
            clock,
            log=world.log,
            incident=incident,
            reconnect=link.reconnect,
            has_site_password=world.has_site_password,
        )
        self.trust = trust
        self.routes = Routes(self.profiles, has_fallback=world.has_second_central)
        self.certificates = Certificates(
            keys,
            trust,
            world.vault,
            clock,
            entropy,
            serial=serial,
            log=world.log,
            incident=incident,
            link=link,
        )

    def malformed(self, code: str) -> None:
        """A frame that is no OCPP."""
        self._note_hourly("InvalidMessages", code)

    def replayed(self, action: str) -> None:
        """The same CALL again, to the letter."""
        self._note_hourly("AttemptedReplayAttacks", action)

    def _note_hourly(self, event: str, info: str) -> None:
        """Once an hour, whatever a peer sends."""
        now_s = self._clock.monotonic()
        if now_s >= self._due_s.get(event, now_s):
            self._due_s[event] = now_s + _TOLD_EVERY_S
            self.log.note(event, info)

    def trusted_roots(self) -> tuple[str, ...]:
        """PEM of every root that is installed: what may vouch for a server of files."""
        return tuple(root.pem for use in (CENTRAL, MANUFACTURER) for root in self.trust.of(use))

    @property
    def triggers(self) -> Mapping[TriggerId, Trigger]:
        return {("ExtendedTriggerMessage", "SignChargePointCertificate"): self.certificates.trigger}

    @property
    def answers(self) -> Mapping[str, Handler]:
        return self.certificates.answers

    @property
    def vendor_answers(self) -> Mapping[VendorMessageId, Handler]:
        return {}
