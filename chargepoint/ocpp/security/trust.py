"""The root certificates this station trusts, by their use; durable as one setting.

With AdditionalRootCertificateCheck there is one root of the central system at a time. Its successor
must be signed by it, and it stays as a fallback until the successor has proved itself (M05.FR.08-13).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from cryptography.x509 import Certificate

from chargepoint.ocpp.key_security import MAX_STORED_CERTIFICATES
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.x509 import CertificateWrong, HashData
from chargepoint.ports import Settings

CENTRAL = "CentralSystemRootCertificate"
MANUFACTURER = "ManufacturerRootCertificate"
MAX_ROOTS = MAX_STORED_CERTIFICATES
_SETTING = "security.roots"


class StoreFull(CertificateWrong):
    """CertificateStoreMaxLength is reached."""


@dataclass(frozen=True, slots=True)
class Root:
    """`issuer_key` (hex): of whoever signed it, because the certificate alone cannot tell."""

    use: str
    pem: str
    issuer_key: str
    is_fallback: bool = False

    def certificate(self) -> Certificate:
        return x509.read_one(self.pem)

    def hash_data(self, algorithm: str) -> HashData:
        return x509.hash_data(self.certificate(), bytes.fromhex(self.issuer_key), algorithm)


class TrustStore:
    def __init__(self, settings: Settings, factory: Iterable[tuple[str, str]] = ()) -> None:
        """`factory`: (use, PEM) of the site, until the central system has installed its own."""
        self._settings = settings
        stored = settings.get(_SETTING)
        if stored is None:
            self._roots = [_first(use, pem) for use, pem in factory]
        else:
            self._roots = [Root(**fields) for fields in json.loads(stored)]

    def of(self, use: str) -> list[Root]:
        return [root for root in self._roots if root.use == use]

    def central(self, *, fallback: bool = False) -> tuple[str, ...]:
        """What may vouch for the server: the root in force, or the one it has replaced."""
        return tuple(root.pem for root in self.of(CENTRAL) if root.is_fallback == fallback)

    def certificates(self, use: str) -> list[Certificate]:
        return [root.certificate() for root in self.of(use)]

    @property
    def has_fallback(self) -> bool:
        return any(root.is_fallback for root in self._roots)

    async def install(self, use: str, pem: str, at: datetime, *, is_chained: bool) -> None:
        """Durable when it returns. Raises CertificateWrong, StoreFull."""
        certificate = x509.read_one(pem)
        x509.check_valid_at(certificate, at)
        x509.check_strength(certificate)
        x509.check_authority(certificate)
        pem = x509.to_pem(certificate)
        if any(root.use == use and root.pem == pem for root in self._roots):
            return
        if is_chained and use == CENTRAL and self.of(CENTRAL):
            await self._succeed(certificate, pem)
            return
        if len(self._roots) >= MAX_ROOTS:
            raise StoreFull(f"{MAX_ROOTS} certificates are installed")
        issuer = self._issuer(certificate, [*self.certificates(use), certificate])
        await self._store([*self._roots, Root(use, pem, x509.key_bits(issuer).hex())])

    async def _succeed(self, certificate: Certificate, pem: str) -> None:
        """M05.FR.09-11."""
        old = next(root for root in self.of(CENTRAL) if not root.is_fallback)
        issuer = self._issuer(certificate, [old.certificate()])
        kept = [root for root in self._roots if root.use != CENTRAL]
        fresh = Root(CENTRAL, pem, x509.key_bits(issuer).hex())
        await self._store([*kept, fresh, replace(old, is_fallback=True)])

    @staticmethod
    def _issuer(certificate: Certificate, candidates: Sequence[Certificate]) -> Certificate:
        for candidate in candidates:
            if x509.is_issued_by(certificate, candidate):
                return candidate
        raise CertificateWrong("signed neither by itself nor by a root that is installed")

    async def drop_fallback(self) -> None:
        """M05.FR.12: the successor has been used."""
        await self._store([root for root in self._roots if not root.is_fallback])

    def find(self, wanted: HashData) -> Root | None:
        for root in self._roots:
            if root.hash_data(wanted.algorithm).is_same(wanted):
                return root
        return None

    async def delete(self, root: Root) -> None:
        await self._store([each for each in self._roots if each is not root])

    async def _store(self, roots: list[Root]) -> None:
        await self._settings.put(_SETTING, json.dumps([asdict(root) for root in roots]))
        self._roots = roots


def _first(use: str, pem: str) -> Root:
    certificate = x509.read_one(pem)
    if not x509.is_issued_by(certificate, certificate):
        raise CertificateWrong("a root of the site file must be signed by itself")
    return Root(use, x509.to_pem(certificate), x509.key_bits(certificate).hex())
