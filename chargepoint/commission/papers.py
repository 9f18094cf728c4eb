"""Certificate and keys of the station: there, its own, valid, and nobody else's to read."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509 as library
from cryptography.x509.oid import NameOID

from chargepoint.app.pins import StoredPin
from chargepoint.commission.finding import Finding, Step, bad, doubtful, good
from chargepoint.domain.service.people import Role
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.ocpp.security.x509 import CertificateWrong
from config.schema import Config
from drivers.factory import CARD_KEY_VARIABLE
from drivers.greencard.keystore import KeyUnusable, key_from_environment, key_from_file

_SHORTEST_PASSWORD = 16  # OCPP-J §6.2.1 and security whitepaper A00.FR.205: 16 to 40 characters
_SOON = timedelta(days=30)
_REQUEST = "python -m chargepoint.commission request"
_OBVIOUS_KEYS = frozenset({bytes(16), bytes([0xFF]) * 16, bytes(range(16))})


def certificate_findings(config: Config, vault: FolderVault, now: datetime) -> list[Finding]:
    """Security profile 3 needs one of its own; the others none."""
    told = [*_roots(config, now)]
    if vault.chain is None:
        waiting = "requested, not yet given" if vault.pending_key else "there is none"
        text = f"{waiting}; enough for security profiles 0 to 2"
        remedy = f"profile 3: {_REQUEST}, or let the central system ask for it"
        return [*told, doubtful(Step.CERTIFICATE, "station", text, remedy)]
    return [*told, _own(config, vault.chain, now)]


def _own(config: Config, chain: str, now: datetime) -> Finding:
    try:
        leaf = x509.read_chain(chain)[0]
        x509.check_valid_at(leaf, now)
        x509.check_strength(leaf)
    except CertificateWrong as wrong:
        remedy = f"clock right? else {_REQUEST} and have it signed"
        return bad(Step.CERTIFICATE, "station", str(wrong), remedy)
    name = x509.subject(leaf, NameOID.COMMON_NAME)
    if name != config.station.serial:
        text = f"it is {name}'s, this is {config.station.serial} (station.serial)"
        return bad(Step.CERTIFICATE, "station", text, f"correct station.serial, or {_REQUEST}")
    until = leaf.not_valid_after_utc
    text = f"{name}, until {until:%Y-%m-%d}"
    if until - now < _SOON:
        return doubtful(Step.CERTIFICATE, "station", text, "it ends soon: have it renewed")
    return good(Step.CERTIFICATE, "station", text)


def _roots(config: Config, now: datetime) -> list[Finding]:
    central = config.central
    told = []
    for subject, name in (
        ("central root", central.root_file),
        ("manufacturer root", central.manufacturer_root_file),
    ):
        if not name:
            continue
        try:
            root = x509.read_one(Path(name).read_text("ascii"))
            x509.check_valid_at(root, now)
            x509.check_authority(root)
        except (OSError, ValueError, CertificateWrong) as wrong:
            remedy = "copy the authority's own PEM file there"
            told.append(bad(Step.CERTIFICATE, subject, f"{name}: {wrong}", remedy))
            continue
        told.append(good(Step.CERTIFICATE, subject, _until(root)))
    if not central.root_file and central.url.startswith("wss:"):
        remedy = "central.root_file, unless OCPP installs one"
        told.append(doubtful(Step.CERTIFICATE, "central root", "none is named", remedy))
    return told


def _until(root: library.Certificate) -> str:
    name = x509.subject(root, NameOID.COMMON_NAME) or "no name"
    return f"{name}, until {root.not_valid_after_utc:%Y-%m-%d}"


def key_findings(config: Config, pins: Sequence[StoredPin]) -> list[Finding]:
    return [_password(config), *_card_key(config), _pins(pins)]


def _password(config: Config) -> Finding:
    length = len(config.central.password)
    remedy = "CHARGEPOINT_CENTRAL_PASSWORD in /etc/chargepoint/secrets.env"
    if not length:
        text = "none: the central system cannot know who we are"
        return doubtful(Step.KEYS, "central password", text, remedy)
    if length < _SHORTEST_PASSWORD:
        text = f"{length} characters, OCPP wants {_SHORTEST_PASSWORD} to 40"
        return doubtful(Step.KEYS, "central password", text, remedy)
    return good(Step.KEYS, "central password", f"{length} characters")


def _card_key(config: Config) -> list[Finding]:
    """Never a word of the key itself."""
    reader = config.devices.card_reader
    if reader is None or reader.kind == "none":
        return []
    name = config.cards.key_file
    remedy = "python -m chargepoint.commission key"
    if not name and CARD_KEY_VARIABLE not in os.environ:
        text = "neither cards.key_file nor CHARGEPOINT_CARD_KEY"
        return [bad(Step.KEYS, "card key", text, remedy)]
    try:
        key = key_from_file(Path(name)) if name else key_from_environment(CARD_KEY_VARIABLE)
    except KeyUnusable as wrong:
        return [bad(Step.KEYS, "card key", str(wrong), remedy)]
    if key in _OBVIOUS_KEYS:
        return [bad(Step.KEYS, "card key", "one that everybody tries first", remedy)]
    return [good(Step.KEYS, "card key", name or CARD_KEY_VARIABLE)]


def _pins(pins: Sequence[StoredPin]) -> Finding:
    names = [f"{each.person.name} ({each.person.role})" for each in pins]
    if not any(each.person.role in (Role.TECHNICIAN, Role.ADMIN) for each in pins):
        remedy = "python -m chargepoint.store.service_pins JOURNAL add NAME --role technician"
        return bad(Step.KEYS, "service PINs", "no technician can open the menu", remedy)
    return good(Step.KEYS, "service PINs", ", ".join(names))
