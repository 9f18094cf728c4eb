"""Which security profile a link is opened by, and the way up to a higher one (whitepaper A05).

    in force ──SecurityProfile raised──► on trial ──link opened──► in force
        ▲                                   └──three tries failed──► the one before, and told
        └────────────────────────────────────────────┘

Never down by OCPP (A00.FR.005). The one before is durable until the trial is over, so that a
station that loses its power in between still finds back.
"""

from collections.abc import Callable

from cryptography.x509 import Certificate

from chargepoint.ocpp.keys import KeyRule, Keys
from chargepoint.ocpp.link import LinkRefused, Terms
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.trust import CENTRAL, TrustStore
from chargepoint.ocpp.security.vault import Vault, own_certificate
from chargepoint.ocpp.security.x509 import CertificateWrong
from chargepoint.ports import Clock, Settings
from chargepoint.security_ports import SecurityLog

BASIC, TLS_BASIC, MUTUAL_TLS = 1, 2, 3
_BEFORE = "security.profile_before"
_TRIES = 3
_RECONFIGURED = "ReconfigurationOfSecurityParameters"


class Profiles:
    def __init__(  # noqa: PLR0913 - what the profiles are made of, by name
        self,
        keys: Keys,
        settings: Settings,
        trust: TrustStore,
        vault: Vault,
        clock: Clock,
        *,
        log: SecurityLog,
        incident: Callable[[str, str], None],
        reconnect: Callable[[], None],
        has_site_password: bool,
    ) -> None:
        self._keys = keys
        self._settings = settings
        self._trust = trust
        self._vault = vault
        self._clock = clock
        self._log = log
        self._incident = incident
        self._reconnect = reconnect
        self._has_site_password = has_site_password
        self._failures = 0
        self._tries_fallback_root = False
        keys.rules["SecurityProfile"] = KeyRule(self.may_become, self._begin, self._changed)
        keys.rules["AuthorizationKey"] = KeyRule(follow=self._password_changed)

    @property
    def in_force(self) -> int:
        return self._keys.number("SecurityProfile")

    # --- the way up ---

    def may_become(self, value: str) -> bool:
        """A05.FR.01-05: only upwards, and only with everything that the new profile needs."""
        wanted = int(value)
        if wanted <= self.in_force:
            return False
        if wanted in (BASIC, TLS_BASIC) and not self._has_password():
            return False
        if wanted >= TLS_BASIC and not self._has_valid_root():
            return False
        return wanted != MUTUAL_TLS or self._has_valid_certificate()

    async def _begin(self, _wanted: str) -> None:
        """Where to fall back to is durable before the new value is."""
        self._failures = 0
        await self._settings.put(_BEFORE, str(self.in_force))

    async def _changed(self, value: str) -> None:
        self._log.note(_RECONFIGURED, f"SecurityProfile {value}")
        self._reconnect()

    async def _password_changed(self, _value: str) -> None:
        """A01: the next link has the new password, and nothing ever writes it down."""
        self._log.note(_RECONFIGURED, "AuthorizationKey")
        if self.in_force in (BASIC, TLS_BASIC):
            self._reconnect()

    # --- one try ---

    def terms(self, server: int) -> Terms:
        profile = self.in_force
        key = self._keys.text("AuthorizationKey") if profile else ""
        return Terms(
            profile=profile,
            password=bytes.fromhex(key),
            roots=self._roots(),
            identity=self._vault.identity,
            ping_interval_s=self._keys.number("WebSocketPingInterval"),
            server=server,
        )

    def _roots(self) -> tuple[str, ...]:
        is_late = self._tries_fallback_root and self._trust.has_fallback
        return self._trust.central(fallback=is_late)

    async def opened(self) -> None:
        """The profile works: there is no way back any more, nor to a root that was replaced."""
        self._failures = 0
        if self._settings.get(_BEFORE):
            await self._settings.put(_BEFORE, "")
        if self._trust.has_fallback and not self._tries_fallback_root:
            await self._trust.drop_fallback()
        self._tries_fallback_root = False

    async def failed(self, error: BaseException) -> None:
        if isinstance(error, LinkRefused) and error.code == "central.certificate":
            self._tries_fallback_root = not self._tries_fallback_root  # M05.FR.13
        before = self._settings.get(_BEFORE)
        if not before:
            return
        self._failures += 1
        if self._failures >= _TRIES:
            await self._fall_back(before, error)

    async def _fall_back(self, before: str, error: BaseException) -> None:
        """A05.FR.08."""
        failed = self.in_force
        await self._keys.put("SecurityProfile", before)
        await self._settings.put(_BEFORE, "")
        self._incident("central.profile_fallback", f"profile {failed} to {before}: {error}")
        self._log.note(_RECONFIGURED, f"SecurityProfile back to {before}")

    # --- prerequisites ---

    def _has_password(self) -> bool:
        return bool(self._keys.text("AuthorizationKey")) or self._has_site_password

    def _has_valid_root(self) -> bool:
        return any(self._is_valid(root) for root in self._trust.certificates(CENTRAL))

    def _has_valid_certificate(self) -> bool:
        certificate = own_certificate(self._vault)
        return certificate is not None and self._is_valid(certificate)

    def _is_valid(self, certificate: Certificate) -> bool:
        try:
            x509.check_valid_at(certificate, self._clock.utc())
        except CertificateWrong:
            return False
        return True
