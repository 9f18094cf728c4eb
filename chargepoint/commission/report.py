"""The signed report of a commissioning: what was found, by whom, when, and whose key says so.

    {"report": {…}, "signature": {"algorithm": "ES256", "key": SPKI PEM, "chain": PEM, "value": base64}}

Signed is the UTF-8 JSON of "report" with sorted keys and no spaces (as RFC 8785 has it for what
occurs here: text, whole numbers, lists). The key is that of the station's certificate; before there
is one, a key of the station's own that never leaves its vault, known by its fingerprint.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from chargepoint.commission.finding import Finding, has_passed
from chargepoint.errors import ChargepointError
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.ocpp.security.x509 import CertificateWrong
from chargepoint.ports import Entropy

FORMAT = 1
PASSED, FAILED = "passed", "failed"
_ALGORITHM = "ES256"
_KEY_BYTES = 48
_MOST_BYTES = 8 << 20  # a disputed charge of days is long


class ReportWrong(ChargepointError):
    """Not a report, or not what its signature says; the text says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a report is about."""

    station: str
    serial: str
    software: str
    by: str
    made_at: datetime
    configuration: str  # SHA-256 of the site file, hex


def body_of(head: Head, findings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "station": head.station,
        "serial": head.serial,
        "software": head.software,
        "by": head.by,
        "madeAt": head.made_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "configuration": head.configuration,
        "verdict": PASSED if has_passed(findings) else FAILED,
        "findings": [each.saved() for each in findings],
    }


def signed(body: dict[str, Any], key_pem: str, chain_pem: str = "") -> str:
    """The whole document as text."""
    key = load_pem_private_key(key_pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # the only kind a station makes
    value = key.sign(_canonical(body), ec.ECDSA(hashes.SHA256()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signature = {
        "algorithm": _ALGORITHM,
        "key": public.decode(),
        "chain": chain_pem,
        "value": base64.b64encode(value).decode(),
    }
    whole = {"report": body, "signature": signature}
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def fingerprint(public_pem: str) -> str:
    """SHA-256 of the public key (SPKI), as people compare it: groups of four."""
    key = load_pem_public_key(public_pem.encode())
    digest = hashlib.sha256(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, 32, 4))


@dataclass(frozen=True, slots=True)
class Verified:
    """`vouched_by`: the authority that vouches for the key; empty: only the fingerprint does."""

    body: dict[str, Any]
    fingerprint: str
    vouched_by: str = ""


def verified(text: str, *, expected: str = "", root_pem: str = "") -> Verified:
    """Raises ReportWrong. `expected`: the fingerprint that the key must have."""
    body, signature = _parts(text)
    try:
        key = load_pem_public_key(str(signature["key"]).encode())
        value = base64.b64decode(str(signature["value"]), validate=True)
    except (KeyError, ValueError, UnsupportedAlgorithm) as error:  # binascii's are ValueErrors
        raise ReportWrong("its signature cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or signature.get("algorithm") != _ALGORITHM:
        raise ReportWrong(f"signed by another algorithm than {_ALGORITHM}")
    try:
        key.verify(value, _canonical(body), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ReportWrong("it was changed after it was signed") from error
    mark = fingerprint(str(signature["key"]))
    if expected and expected.replace(" ", "").lower() != mark.replace(" ", ""):
        raise ReportWrong(f"signed by another key: {mark}")
    return Verified(body, mark, _vouched(body, signature, root_pem) if root_pem else "")


def _vouched(body: dict[str, Any], signature: dict[str, Any], root_pem: str) -> str:
    """The certificate belongs to the key, and the root vouches for it at the time of the report."""
    try:
        chain = x509.read_chain(str(signature.get("chain", "")))
        public = chain[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        at = datetime.fromisoformat(str(body["madeAt"]))
        x509.check_path(chain, [x509.read_one(root_pem)], at)
    except (CertificateWrong, KeyError, ValueError, IndexError) as error:
        raise ReportWrong(f"its certificate: {error}") from error
    if public.decode() != signature["key"]:
        raise ReportWrong("its certificate is another key's")
    return x509.read_one(root_pem).subject.rfc4514_string()


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(text) > _MOST_BYTES:
        raise ReportWrong("longer than any report")
    try:
        whole = json.loads(text)
        body, signature = whole["report"], whole["signature"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReportWrong("no report of a commissioning") from error
    if not isinstance(body, dict) or not isinstance(signature, dict):
        raise ReportWrong("no report of a commissioning")
    return body, signature


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(
        body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8", "surrogatepass")


# --- whose key ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signer:
    key_pem: str
    chain_pem: str = ""


def signer_of(vault: FolderVault, entropy: Entropy) -> Signer:
    """By the certificate in use; while there is none, by a key of the station's own. Blocks."""
    identity, chain = vault.identity, vault.chain
    if identity is None or chain is None:
        return Signer(vault.report_key(lambda: x509.new_key(entropy.token(_KEY_BYTES))))
    text = identity.read_text("ascii")
    return Signer(text[: text.index("-----BEGIN CERTIFICATE-----")], chain)
