"""A certificate authority made in the test: roots, servers, stations, signers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
OPERATOR = "Plaza Energy"


def name(common: str, organisation: str = OPERATOR) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def a_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return self.key.private_bytes(*form).decode()

    def write(self, path: Path, *chain: "Issued") -> Path:
        """Key and certificates in one file, as servers take them."""
        path.write_text(self.key_pem + self.pem + "".join(each.pem for each in chain))
        return path

    def issue(  # noqa: PLR0913 -- what a certificate may say, by name
        self,
        common: str,
        *,
        organisation: str = OPERATOR,
        is_authority: bool = False,
        valid: tuple[datetime, datetime] = (FROM, UNTIL),
        key: Key | None = None,
        public_key: object = None,
        names: Sequence[x509.GeneralName] = (),
    ) -> "Issued":
        own = key or a_key()
        public = public_key or own.public_key()
        builder = (
            x509.CertificateBuilder()
            .issuer_name(self.certificate.subject)
            .subject_name(name(common, organisation))
            .public_key(public)  # type: ignore[arg-type]  # any public key
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid[0])
            .not_valid_after(valid[1])
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return Issued(builder.sign(self.key, hashes.SHA256()), own)

    def sign(self, csr_pem: str, **options: object) -> str:
        """What a certificate authority makes of a signing request."""
        csr = x509.load_pem_x509_csr(csr_pem.encode())
        assert csr.is_signature_valid
        common = csr.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        organisation = csr.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value
        fields = {"organisation": str(organisation), "common": str(common), **options}
        return self.issue(public_key=csr.public_key(), **fields).pem  # type: ignore[arg-type]


def a_root(
    common: str = "Root",
    *,
    valid: tuple[datetime, datetime] = (FROM, UNTIL),
    key: Key | None = None,
) -> Issued:
    own = key or a_key()
    certificate = (
        x509.CertificateBuilder(
            name(common), name(common), own.public_key(), x509.random_serial_number()
        )
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(own, hashes.SHA256())
    )
    return Issued(certificate, own)
