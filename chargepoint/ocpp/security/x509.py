"""Pure: certificates, chains, hashes and signing requests as the whitepaper wants them.

Paths are checked by hand, not by a web policy: OCPP's certificates carry their names in the subject
(A00.FR.509-511), and most have neither subjectAltName nor extended key usage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from chargepoint.errors import ChargepointError

HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}
MAX_CHAIN = 4
_MIN_RSA_BITS = 2048  # A00.FR.502
_MIN_EC_BITS = 224  # A00.FR.503
_WEAK = (hashes.MD5, hashes.SHA1)
# A certificate is often signed a moment before a clock that is a little behind says so.
CLOCK_LEEWAY = timedelta(minutes=5)


class CertificateWrong(ChargepointError):
    """Not a certificate, or not one that may be trusted; says why."""


@dataclass(frozen=True, slots=True)
class HashData:
    """CertificateHashDataType (§6.1): who issued it, by which key, under which number."""

    algorithm: str
    issuer_name: str
    issuer_key: str
    serial: str

    def is_same(self, other: "HashData") -> bool:
        """Without regard to case (CiString) or leading zeroes of the number."""

        def folded(data: HashData) -> tuple[str, ...]:
            number = data.serial.upper().lstrip("0")
            return (data.algorithm, data.issuer_name.upper(), data.issuer_key.upper(), number)

        return folded(self) == folded(other)


def read_one(pem: str) -> x509.Certificate:
    chain = read_chain(pem)
    if len(chain) != 1:
        raise CertificateWrong(f"{len(chain)} certificates where one is wanted")
    return chain[0]


def read_chain(pem: str) -> list[x509.Certificate]:
    """Leaf first. Raises CertificateWrong."""
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateWrong("not a PEM certificate") from error
    if len(chain) > MAX_CHAIN:
        raise CertificateWrong(f"chain of {len(chain)} certificates")
    return chain


def to_pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def key_bits(certificate: x509.Certificate) -> bytes:
    """The subject public key without tag and length (§6.1: issuerKeyHash, RFC 6960)."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    raise CertificateWrong("neither an RSA nor an elliptic-curve key")


def hash_data(certificate: x509.Certificate, issuer_key: bytes, algorithm: str) -> HashData:
    def digest(content: bytes) -> str:
        state = hashes.Hash(HASHES[algorithm]())
        state.update(content)
        return state.finalize().hex().upper()

    return HashData(
        algorithm,
        digest(certificate.issuer.public_bytes()),
        digest(issuer_key),
        f"{certificate.serial_number:X}",
    )


# --- what must hold -----------------------------------------------------------------------------


def check_valid_at(certificate: x509.Certificate, at: datetime) -> None:
    if at + CLOCK_LEEWAY < certificate.not_valid_before_utc:
        raise CertificateWrong(f"not valid before {certificate.not_valid_before_utc:%Y-%m-%d}")
    if at > certificate.not_valid_after_utc:
        raise CertificateWrong(f"expired on {certificate.not_valid_after_utc:%Y-%m-%d}")


def end_of_der(der: bytes | None) -> datetime | None:
    """When a certificate ends; None for none."""
    return None if der is None else x509.load_der_x509_certificate(der).not_valid_after_utc


def check_strength(certificate: x509.Certificate) -> None:
    """A00.FR.501-504."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        is_strong = key.key_size >= _MIN_RSA_BITS
    elif isinstance(key, ec.EllipticCurvePublicKey):
        is_strong = key.key_size >= _MIN_EC_BITS
    else:
        is_strong = False
    if not is_strong:
        raise CertificateWrong("its key is too weak, or of an unknown kind")
    if isinstance(certificate.signature_hash_algorithm, _WEAK):
        raise CertificateWrong("signed over a hash that is broken")


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def check_authority(certificate: x509.Certificate) -> None:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise CertificateWrong("not a certificate authority's") from error
    if not constraints.ca:
        raise CertificateWrong("not a certificate authority's")


def check_path(
    chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], at: datetime
) -> None:
    """From the leaf to an installed root (RFC 5280 §6, without names and policies we never see)."""
    for certificate in chain:
        check_valid_at(certificate, at)
        check_strength(certificate)
    current, others = chain[0], list(chain[1:])
    while True:
        root = next((root for root in roots if is_issued_by(current, root)), None)
        if root is not None:
            check_valid_at(root, at)
            return
        issuer = next((other for other in others if is_issued_by(current, other)), None)
        if issuer is None:
            raise CertificateWrong("no installed root vouches for it")
        check_authority(issuer)
        others.remove(issuer)
        current = issuer


def subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


# --- the station's own key ----------------------------------------------------------------------


def new_key(randomness: bytes) -> str:
    """A P-256 key from 48 random bytes (FIPS 186-5 A.2.1: extra random bits); PEM."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    number = int.from_bytes(randomness) % (order - 1) + 1
    key = ec.derive_private_key(number, ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def signing_request(key_pem: str, *, organisation: str, serial: str) -> str:
    """PKCS #10 as PEM; O and CN by A02.FR.13 and A00.FR.511."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, serial),
        ]
    )
    key = load_pem_private_key(key_pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def is_for_key(certificate: x509.Certificate, key_pem: str) -> bool:
    key = load_pem_private_key(key_pem.encode(), None)
    return key.public_key() == certificate.public_key()
