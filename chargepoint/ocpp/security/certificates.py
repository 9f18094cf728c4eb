"""Certificates by message: the station's own (A02, A03) and those it trusts (M03-M05)."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509 as library
from cryptography.x509.oid import NameOID

from chargepoint.ocpp.frames import Payload
from chargepoint.ocpp.key_security import MAX_CHAIN_CHARS
from chargepoint.ocpp.keys import Keys
from chargepoint.ocpp.profile import Handler, Send, status
from chargepoint.ocpp.rpc import Answer, Caller, CallFailed, LinkDown
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.profiles import MUTUAL_TLS, TLS_BASIC
from chargepoint.ocpp.security.trust import CENTRAL, Root, TrustStore
from chargepoint.ocpp.security.vault import Vault, own_certificate
from chargepoint.ocpp.security.x509 import CertificateWrong, HashData
from chargepoint.ports import Clock, Entropy
from chargepoint.security_ports import SecurityLog

logger = logging.getLogger(__name__)

RENEW_BEFORE = timedelta(days=30)  # A03.FR.02: "will expire in one month"
_KEY_BYTES = 48
_DAY_S = 86_400.0
_RECONFIGURED = "ReconfigurationOfSecurityParameters"


class Link(Protocol):
    """What the link tells, and is asked."""

    @property
    def peer_certificate(self) -> bytes | None:
        """The server's certificate (DER) of the link that stands."""
        ...

    def reconnect(self) -> None: ...


class Certificates:
    def __init__(  # noqa: PLR0913 - the store's whole surroundings, by name
        self,
        keys: Keys,
        trust: TrustStore,
        vault: Vault,
        clock: Clock,
        entropy: Entropy,
        *,
        serial: str,
        log: SecurityLog,
        incident: Callable[[str, str], None],
        link: Link,
    ) -> None:
        self._keys = keys
        self._trust = trust
        self._vault = vault
        self._clock = clock
        self._entropy = entropy
        self._serial = serial
        self._log = log
        self._incident = incident
        self._link = link
        self._next_request_s = 0.0
        self.answers: Mapping[str, Handler] = {
            "CertificateSigned": self._certificate_signed,
            "DeleteCertificate": self._delete,
            "GetInstalledCertificateIds": self._installed,
            "InstallCertificate": self._install,
        }

    # --- the station's own ---

    @property
    def may_sign(self) -> bool:
        """A02: CpoName must be set, it goes into the request."""
        return bool(self._keys.text("CpoName") and self._serial)

    @property
    def own_until(self) -> datetime | None:
        """When the certificate in use ends."""
        certificate = own_certificate(self._vault)
        return None if certificate is None else certificate.not_valid_after_utc

    @property
    def is_due(self) -> bool:
        """A03: the certificate in use ends within a month."""
        certificate = own_certificate(self._vault)
        if certificate is None or not self.may_sign:
            return False
        return certificate.not_valid_after_utc - self._clock.utc() < RENEW_BEFORE

    async def request(self, caller: Caller) -> None:
        """A new key, and its signing request to the central system. Raises CallFailed."""
        key = x509.new_key(self._entropy.token(_KEY_BYTES))
        await self._vault.keep_pending(key)
        csr = x509.signing_request(
            key, organisation=self._keys.text("CpoName"), serial=self._serial
        )
        answer = await caller.call("SignCertificate", {"csr": csr})
        if answer["status"] != "Accepted":
            self._incident("ocpp.signing_refused", "SignCertificate was answered Rejected")

    def trigger(self) -> Send | None:
        return self.request if self.may_sign else None

    async def renew(self, caller: Caller) -> None:
        """A03: looks once a day, for as long as the link stands."""
        while True:
            now_s = self._clock.monotonic()
            if self.is_due and now_s >= self._next_request_s:
                self._next_request_s = now_s + _DAY_S
                try:
                    await self.request(caller)
                except LinkDown:
                    raise
                except CallFailed as error:
                    logger.warning("signing request failed", extra={"reason": repr(error)})
            await asyncio.sleep(_DAY_S)

    async def _certificate_signed(self, payload: Payload) -> Answer:
        pem = payload["certificateChain"]
        try:
            chain = self._check_own(pem)
        except CertificateWrong as wrong:
            self._log.note("InvalidChargePointCertificate", str(wrong))
            self._incident("ocpp.certificate_invalid", f"the station's own: {wrong}")
            return status("Rejected")
        await self._vault.adopt("".join(x509.to_pem(certificate) for certificate in chain))
        self._log.note(_RECONFIGURED, "new certificate of the station")
        if self._keys.number("SecurityProfile") != MUTUAL_TLS:
            return status("Accepted")

        async def reconnect() -> None:
            self._link.reconnect()

        return Answer({"status": "Accepted"}, reconnect)

    def _check_own(self, pem: str) -> list[library.Certificate]:
        """A02.FR.06: ours by key and name, in time, and of the operator's hierarchy."""
        if len(pem) > MAX_CHAIN_CHARS:
            raise CertificateWrong(f"chain of {len(pem)} characters")
        if self._vault.pending_key is None:
            raise CertificateWrong("no signing request is open")
        chain = x509.read_chain(pem)
        own = chain[0]
        if not x509.is_for_key(own, self._vault.pending_key):
            raise CertificateWrong("it is of another key")
        if x509.subject(own, NameOID.COMMON_NAME) != self._serial:
            raise CertificateWrong("its commonName is not the station's serial number")
        if x509.subject(own, NameOID.ORGANIZATION_NAME) != self._keys.text("CpoName"):
            raise CertificateWrong("its organizationName is not CpoName")
        x509.check_path(chain, self._trust.certificates(CENTRAL), self._clock.utc())
        return chain

    # --- whom the station trusts ---

    async def _install(self, payload: Payload) -> Answer:
        """M05: too many, or not usable, is Rejected."""
        use = payload["certificateType"]
        is_chained = self._keys.flag("AdditionalRootCertificateCheck")
        try:
            await self._trust.install(
                use, payload["certificate"], self._clock.utc(), is_chained=is_chained
            )
        except CertificateWrong as wrong:
            self._incident("ocpp.certificate_invalid", f"{use}: {wrong}")
            if use == CENTRAL:
                self._log.note("InvalidCentralSystemCertificate", str(wrong))
            return status("Rejected")
        self._log.note(_RECONFIGURED, f"{use} installed")
        return status("Accepted")

    async def _installed(self, payload: Payload) -> Answer:
        """M03."""
        roots = self._trust.of(payload["certificateType"])
        if not roots:
            return status("NotFound")
        return Answer(
            {
                "status": "Accepted",
                "certificateHashData": [_to_wire(root.hash_data("SHA256")) for root in roots],
            }
        )

    async def _delete(self, payload: Payload) -> Answer:
        """M04. The station's own certificate is not among those that can be named."""
        fields = payload["certificateHashData"]
        wanted = HashData(
            fields["hashAlgorithm"],
            fields["issuerNameHash"],
            fields["issuerKeyHash"],
            fields["serialNumber"],
        )
        root = self._trust.find(wanted)
        if root is None:
            return status("NotFound")
        if self._is_in_use(root):
            return status("Failed")
        await self._trust.delete(root)
        self._log.note(_RECONFIGURED, f"{root.use} deleted")
        return status("Accepted")

    def _is_in_use(self, root: Root) -> bool:
        """M04.FR.06. With a sub-CA between, any root may be the one that vouches."""
        if root.use != CENTRAL or self._keys.number("SecurityProfile") < TLS_BASIC:
            return False
        others = [each for each in self._trust.of(CENTRAL) if each is not root]
        peer = self._link.peer_certificate
        if peer is None or not others:
            return True
        server = library.load_der_x509_certificate(peer)
        return not any(x509.is_issued_by(server, other.certificate()) for other in others)


def _to_wire(found: HashData) -> Payload:
    return {
        "hashAlgorithm": found.algorithm,
        "issuerNameHash": found.issuer_name,
        "issuerKeyHash": found.issuer_key,
        "serialNumber": found.serial,
    }
