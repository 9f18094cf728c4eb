"""OCMF records signed with a key that exists for tests only."""

import json
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY = ec.derive_private_key(
    0x7BFB8D5797666FD87A0014DF2E1D9AD37B65AF5E485DD2F20CB6869333ABE0B1, ec.SECP256R1()
)
PUBLIC_KEY = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def payload(at: datetime, register_kwh: float = 1245.627) -> str:
    said = at.strftime("%Y-%m-%dT%H:%M:%S,000%z S")
    begin = {
        "TM": said,
        "TX": "B",
        "RV": 1234.567,
        "RI": "01-00:B2.08.00*FF",
        "RU": "kWh",
        "ST": "G",
    }
    end = {"TM": said, "TX": "E", "RV": register_kwh}
    return json.dumps({"FV": "1.0", "PG": "T1", "MS": "SIM-M-0001", "RD": [begin, end]})


def signed(
    text: str, algorithm: str = "ECDSA-secp256r1-SHA256", key: ec.EllipticCurvePrivateKey = KEY
) -> str:
    signature = key.sign(text.encode("utf-8"), ec.ECDSA(SHA256()))
    return f"OCMF|{text}|" + json.dumps({"SA": algorithm, "SD": signature.hex().upper()})
