"""TLS between the charge point and the bench: certificates made for one run (security profiles 2, 3).

root ─┬─ server   of the relay in front of the central system
      └─ station  security/station.pem in the state folder (profile 3)
"""

import ipaddress
import os
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

MUTUAL_TLS = 3
OPERATOR = "Bench"
_LASTS = timedelta(days=365)
_BEFORE = timedelta(days=1)  # a clock that is a little behind


@dataclass(frozen=True, slots=True)
class SealedLink:
    """`server`: of whoever listens. `keys`: what the station is configured with."""

    server: ssl.SSLContext
    keys: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Signer:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")

    @property
    def key_pem(self) -> str:
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.key.private_bytes(*form).decode("ascii")


def sealed_link(
    profile: int, state: Path, host: str, *, serial: str, password: str, now: datetime
) -> SealedLink:
    """Makes root, server and station anew, and puts them where each looks for its own."""
    root = _issue("Bench root", None, now)
    server = _issue(host, root, now)
    folder = state / "security"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _keep(folder / "bench-root.pem", root.pem)
    _keep(folder / "bench-server.pem", server.key_pem + server.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "bench-server.pem")
    keys = {
        "central.root_file": str(folder / "bench-root.pem"),
        "ocpp.SecurityProfile": str(profile),
    }
    if profile == MUTUAL_TLS:
        station = _issue(serial, root, now)
        _keep(folder / "station.pem", station.key_pem + station.pem)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=root.pem)
    else:
        keys["central.password"] = password
    return SealedLink(context, keys)


def _issue(common: str, signer: _Signer | None, now: datetime) -> _Signer:
    """A certificate of its own key; without a signer a root."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, OPERATOR),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
    issuer = subject if signer is None else signer.certificate.subject
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + _LASTS)
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
    )
    if _is_address(common):
        name = x509.IPAddress(ipaddress.ip_address(common))
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    return _Signer(key, builder.sign(key if signer is None else signer.key, hashes.SHA256()))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _keep(path: Path, text: str) -> None:
    """Of this user alone, like every key."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
