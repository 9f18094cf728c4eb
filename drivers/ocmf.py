"""Signed readings as text: OCMF 1.x, parsed as leniently as it is written, verified strictly.

    OCMF|{"FV":"1.0","PG":"T1","MS":…,"RD":[{"TM":…,"TX":"B","RV":…},…]}|{"SD":"3045…"}

The signature covers the exact bytes between the bars: nothing is ever written anew.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from chargepoint.errors import ChargepointError

USUAL_ALGORITHM = "ECDSA-secp256r1-SHA256"
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "secp192r1": ec.SECP192R1,
    "secp256r1": ec.SECP256R1,
    "secp256k1": ec.SECP256K1,
    "secp384r1": ec.SECP384R1,
    "brainpool256r1": ec.BrainpoolP256R1,
    "brainpoolp256r1": ec.BrainpoolP256R1,
    "brainpool384r1": ec.BrainpoolP384R1,
    "brainpoolp384r1": ec.BrainpoolP384R1,
}


def _bare_size(curve: type[ec.EllipticCurve]) -> int:
    return 2 * ((curve().key_size + 7) // 8)


_BARE_SIZES = frozenset(_bare_size(curve) for curve in _CURVES.values())
_ALGORITHM = re.compile(r"ECDSA-(\w+)-SHA256")
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d),(\d{3})([+-]\d{4}) [UISR]")


class NotOcmf(ChargepointError):
    """The text is no OCMF record."""


class NotGenuine(ChargepointError):
    """A record whose signature is not that of this key."""


class KeyUnreadable(ChargepointError):
    """A text that is no public key."""


@dataclass(frozen=True, slots=True)
class Record:
    text: str  # as it came, without what stood around it
    payload: bytes
    algorithm: str
    signature: bytes
    meter: str
    pagination: str
    last_at: datetime  # of the newest reading


def parse(text: str) -> Record:
    """Raises NotOcmf."""
    text = text.strip("\ufeff \r\n\t\0")
    parts = text.split("|")
    if len(parts) != 3 or parts[0] != "OCMF":
        raise NotOcmf("no OCMF record of three parts")
    payload, seal = _object(parts[1]), _object(parts[2])
    readings = payload.get("RD")
    if not isinstance(readings, list) or not readings:
        raise NotOcmf("it has no readings")
    return Record(
        text=text,
        payload=parts[1].encode("utf-8"),
        algorithm=str(seal.get("SA", USUAL_ALGORITHM)),
        signature=_octets(str(seal.get("SD", "")), str(seal.get("SE", "hex"))),
        meter=str(payload.get("MS", "")),
        pagination=str(payload.get("PG", "")),
        last_at=_last_time(readings),
    )


def verify(record: Record, public_key: bytes) -> None:
    """`public_key`: SubjectPublicKeyInfo, or the bare X and Y. Raises NotGenuine, which says why."""
    found = _ALGORITHM.fullmatch(record.algorithm)
    curve = None if found is None else _CURVES.get(found.group(1).lower())
    if curve is None:
        raise NotGenuine(f"unknown algorithm {record.algorithm}")
    key = _loaded(public_key, curve)
    try:
        signature = _as_der(record.signature, key)
    except ValueError as wrong:
        raise NotGenuine(f"{wrong}: {record.signature.hex() or 'nothing'}") from wrong
    try:
        key.verify(signature, record.payload, ec.ECDSA(SHA256()))
    except InvalidSignature as wrong:
        raise NotGenuine("the signature is not that of the meter's key") from wrong
    except UnsupportedAlgorithm as wrong:
        raise NotGenuine(f"{record.algorithm} cannot be verified here") from wrong


def public_key_of(text: str) -> bytes:
    """As it is printed on meters and in registers: hex with or without blanks, or base64; with its
    curve (SubjectPublicKeyInfo), or X and Y, with or without the 04 before them. Raises KeyUnreadable.
    """
    octets = _key_octets("".join(text.split()))
    if len(octets) % 2 and octets[:1] == b"\x04":
        octets = octets[1:]
    if len(octets) in _BARE_SIZES:
        return octets
    try:
        key = load_der_public_key(octets)
    except ValueError as wrong:
        raise KeyUnreadable(f"{len(octets)} bytes that are no public key") from wrong
    except UnsupportedAlgorithm as wrong:
        raise KeyUnreadable(f"a public key that verifies nothing here: {wrong}") from wrong
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise KeyUnreadable("a public key of no elliptic curve")
    return octets


def _key_octets(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        pass
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as wrong:
        raise KeyUnreadable("neither hex nor base64") from wrong


def _loaded(public_key: bytes, curve: type[ec.EllipticCurve]) -> ec.EllipticCurvePublicKey:
    try:
        if len(public_key) == _bare_size(curve):
            return ec.EllipticCurvePublicKey.from_encoded_point(curve(), b"\x04" + public_key)
        key = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise NotGenuine(f"the meter's key is no key of {curve.name}") from wrong
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, curve):
        raise NotGenuine(f"the meter's key is a key of another curve than {curve.name}")
    return key


def _as_der(signature: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """Some meters write R and S bare; some write DER integers with zeros too many."""
    size = (key.curve.key_size + 7) // 8
    if len(signature) == 2 * size:
        r, s = signature[:size], signature[size:]
    elif len(signature) > 8 and signature[0] == 0x30:
        at = 2 if signature[1] < 0x80 else 3
        r, at = _integer(signature, at)
        s, at = _integer(signature, at)
    else:
        raise ValueError("no signature")
    return encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))


def _integer(octets: bytes, at: int) -> tuple[bytes, int]:
    if octets[at : at + 1] != b"\x02" or len(octets) < at + 2:
        raise ValueError("no integer")
    end = at + 2 + octets[at + 1]
    if end > len(octets):
        raise ValueError("an integer cut short")
    return octets[at + 2 : end], end


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise NotOcmf("a part is no JSON") from wrong
    if not isinstance(found, dict):
        raise NotOcmf("a part is no object")
    return found


def _octets(text: str, encoding: str) -> bytes:
    try:
        if encoding == "base64":
            return base64.b64decode(text, validate=True)
        return bytes.fromhex(text)
    except (ValueError, binascii.Error) as wrong:
        raise NotOcmf(f"a signature that is no {encoding}") from wrong


def _last_time(readings: list[Any]) -> datetime:
    """Equal fields may be left out of later readings: the last one that is said counts."""
    said = [each["TM"] for each in readings if isinstance(each, dict) and "TM" in each]
    found = _TIME.fullmatch(str(said[-1])) if said else None
    if found is None:
        raise NotOcmf("its readings have no time")
    try:
        return datetime.fromisoformat(f"{found[1]}.{found[2]}{found[3][:3]}:{found[3][3:]}")
    except ValueError as wrong:
        raise NotOcmf(f"{said[-1]} is no time") from wrong
