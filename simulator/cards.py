"""The bench's Green Cards: scenario names become numbers, UIDs and cards to hold to the reader.

The master key here is the bench's own and guards nothing: it is published with the source.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from chargepoint.ports import Entropy
from drivers.greencard.desfire import FileMode
from drivers.greencard.diversification import diversify
from drivers.greencard.keystore import SoftwareKeyStore
from drivers.greencard.number import is_account_number, luhn_digit
from drivers.greencard.tap import CardProfile
from simulator.devices.virtual_card import (
    Application,
    CardFile,
    DesfireChip,
    PaymentChip,
    SilentChip,
    VirtualCard,
)

BENCH_MASTER_KEY: Final = bytes.fromhex("0F1E2D3C4B5A69788796A5B4C3D2E1F0")
BENCH_SYSTEM_ID: Final = b""  # as in the default configuration of a site
BENCH_PROFILE: Final = CardProfile(application_id=bytes.fromhex("F5C0DE"))

NUMBER_PREFIX = "9724"  # ISO/IEC 7812-1: 9 is for national use, 724 is Spain
NXP = 0x04
CLASSIC_SENS_RES = bytes.fromhex("0004")
CLASSIC_SEL_RES = 0x08


def bench_keystore() -> SoftwareKeyStore:
    return SoftwareKeyStore(BENCH_MASTER_KEY)


def number_of(name: str) -> str:
    """16 digits with a right check digit, the same for a name in every run."""
    drawn = int.from_bytes(_digest("number", name)) % 10**11
    payload = f"{NUMBER_PREFIX}{drawn:011d}"
    return payload + luhn_digit(payload)


def uid_of(name: str) -> bytes:
    return bytes([NXP]) + _digest("uid", name)[:6]


def _digest(what: str, name: str) -> bytes:
    return hashlib.sha256(f"{what}:{name}".encode()).digest()


@dataclass(frozen=True, slots=True)
class CardSpec:
    """One card of `given.cards`; what the file omits is derived from the name.

    `plan` and `discount` keep the shape the central system provisions: `{kind, …}`,
    `{percent, …}`.
    """

    name: str
    number: str
    uid: bytes
    state: str = "active"
    balance_minor: int = 0
    plan: Mapping[str, Any] = field(default_factory=lambda: {"kind": "prepaid"})
    points: int = 0
    discount: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not is_account_number(self.number):
            raise ValueError(
                f"card {self.name}: {self.number} is no 16-digit number with check digit"
            )

    @classmethod
    def from_scenario(cls, name: str, given: Mapping[str, Any] | None = None) -> "CardSpec":
        """Numbers may come as text, Decimal or int; `balance` in major units."""
        given = given or {}
        return cls(
            name=name,
            number=str(given.get("number") or number_of(name)),
            uid=bytes.fromhex(given["uid"]) if given.get("uid") else uid_of(name),
            state=str(given.get("state", "active")),
            balance_minor=_minor(name, given.get("balance", 0)),
            plan=_table(given.get("plan", "prepaid"), "kind"),
            points=int(given.get("points", 0)),
            discount=_table(given["discount"], "percent") if "discount" in given else {},
        )


def _minor(name: str, major: Any) -> int:
    exact = Decimal(str(major)) * 100
    if exact != exact.to_integral_value():
        raise ValueError(f"card {name}: a balance has two decimals at most, not {major}")
    return int(exact)


def _table(value: Any, scalar_key: str) -> Mapping[str, Any]:
    """`discount: 10` is short for `discount: {percent: 10}`."""
    if isinstance(value, Mapping):
        return value
    return {scalar_key: int(value) if isinstance(value, Decimal) else value}


# --- cards to hold to the reader ------------------------------------------------------------------


def green_card(
    spec: CardSpec, entropy: Entropy, *, profile: CardProfile = BENCH_PROFILE
) -> VirtualCard:
    """A genuine card, its key diversified from its UID."""
    key = diversify(BENCH_MASTER_KEY, spec.uid + profile.application_id)
    return _with_application(spec.uid, spec.number, key, profile, entropy)


def cloned_card(
    uid: bytes, entropy: Entropy, *, profile: CardProfile = BENCH_PROFILE
) -> VirtualCard:
    """A copied UID and a copied application; its key cannot be copied."""
    return _with_application(uid, number_of(uid.hex()), entropy.token(16), profile, entropy)


def foreign_card(uid: bytes, entropy: Entropy) -> VirtualCard:
    """Somebody else's card: DESFire, bank card or memory card, told apart by the UID's length."""
    if len(uid) == 7:
        return VirtualCard(uid, DesfireChip({}, entropy))
    if len(uid) == 4 and uid[0] == 0x08:  # drawn at each activation: a telephone
        return VirtualCard(uid, PaymentChip())
    return VirtualCard(
        uid, SilentChip(), sens_res=CLASSIC_SENS_RES, sel_res=CLASSIC_SEL_RES, ats=b""
    )


def _with_application(
    uid: bytes, number: str, key: bytes, profile: CardProfile, entropy: Entropy
) -> VirtualCard:
    content = CardFile(
        number.encode("ascii").ljust(32, b"\x00"),
        read_key=profile.key_number,
        is_enciphered=profile.file_mode is FileMode.ENCIPHERED,
    )
    application = Application({profile.key_number: key}, {profile.file_number: content})
    return VirtualCard(uid, DesfireChip({profile.application_id: application}, entropy))
