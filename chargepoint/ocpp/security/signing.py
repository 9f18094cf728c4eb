"""Firmware signatures (whitepaper L01.FR.04, 12): RSA-PSS or ECDSA over SHA-256 of the whole file."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509 as library
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from chargepoint.ocpp.security import x509

_CHUNK_BYTES = 1 << 20
_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)


def check_signer(pem: str, roots: Sequence[library.Certificate], at: datetime) -> None:
    """Raises CertificateWrong. No sub-CA stands between signer and root (L01, remarks)."""
    x509.check_path([x509.read_one(pem)], roots, at)


def is_signed(package: Path, certificate_pem: str, signature: str) -> bool:
    """Blocks for as long as reading the package takes."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    digest = _digest(package)
    key = x509.read_one(certificate_pem).public_key()
    prehashed = Prehashed(hashes.SHA256())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(raw, digest, _PSS, prehashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, digest, ec.ECDSA(prehashed))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _digest(package: Path) -> bytes:
    state = hashes.Hash(hashes.SHA256())
    with package.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            state.update(chunk)
    return state.finalize()
