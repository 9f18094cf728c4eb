"""What `python -m chargepoint.commission` does, one function for each word."""

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from chargepoint.app.clock import SystemClock, SystemEntropy
from chargepoint.app.pins import StoredPin
from chargepoint.commission.finding import Finding, Mark, has_passed
from chargepoint.commission.inspection import Place, Scope, inspect, report_of
from chargepoint.commission.panel import SYS
from chargepoint.commission.proposal import propose
from chargepoint.commission.report import PASSED, verified
from chargepoint.errors import ChargepointError
from chargepoint.ocpp.security import x509
from chargepoint.ocpp.security.vault import FolderVault
from chargepoint.store import commission_reports, schema, service_pins
from chargepoint.store.audit import open_read_only
from chargepoint.store.commission_reports import KeptReport
from config.edit import write_values
from config.loader import ENVIRONMENT, ConfigurationWrong, load, overrides_of
from config.schema import Config
from drivers.greencard.keystore import KEY_LENGTH
from drivers.port_kinds import serial_line
from drivers.probe.found import PortFound
from drivers.probe.search import Search, ports_here

JOURNAL = "journal.sqlite"
_KEY_BYTES = 48
_SECONDS = (1.0, 120.0)
_UNITS_MOST = 247  # Modbus over serial line §2.2
_HEAD = ("madeAt", "by", "station", "serial", "software", "session", "verdict")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")


class Refused(ChargepointError):
    """Nothing was done; the text ends with the remedy."""


@dataclass(frozen=True, slots=True)
class Told:
    lines: tuple[str, ...]
    is_good: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be looked for, as it stands on the command line."""

    ports: Sequence[str]
    units: int
    hoppers: Sequence[str]
    write: Path | None


@dataclass(frozen=True, slots=True)
class Order:
    by: str
    seconds: float = 25.0
    moves: bool = False
    is_offline: bool = False
    out: Path | None = None
    sys: Path = SYS


# --- find, set --------------------------------------------------------------------------------------


async def find(wish: Wish) -> Told:
    if not 1 <= wish.units <= _UNITS_MOST:
        raise Refused(f"--units {wish.units}: Modbus has addresses 1 to {_UNITS_MOST}")
    hoppers = dict(_hopper(each) for each in wish.hoppers)
    ports = list(wish.ports) or ports_here()
    if not ports:
        raise Refused("no serial port is here: is an adapter plugged in? dmesg, docs/install.md")
    search = Search(SystemClock(), units=range(1, wish.units + 1))
    found: list[PortFound] = [await search.port(path) for path in ports]
    proposal = propose(found, hoppers)
    lines = [*_lines(proposal.findings), *(f"{k}={v}" for k, v in proposal.values.items())]
    if wish.write is None:
        return Told(tuple(lines), has_passed(proposal.findings))
    try:
        write_values(wish.write, proposal.values)
    except ConfigurationWrong as wrong:  # what was found is worth more than the refusal
        return Told((*lines, str(wrong), f"{wish.write} is as it was"), is_good=False)
    lines.append(f"{len(proposal.values)} values written to {wish.write}")
    return Told(tuple(lines), has_passed(proposal.findings))


def _hopper(text: str) -> tuple[int, int]:
    address, _, value = text.partition("=")
    if not (address.isdigit() and value.isdigit() and 2 <= int(address) <= 255 and int(value)):
        raise Refused(f"--hopper {text}: write ADDRESS=CENTS, as 4=50")
    return int(address), int(value)


def change(file: Path, items: Sequence[str]) -> Told:
    values = overrides_of(items)
    for key, variable in ENVIRONMENT.items():
        if key in values:
            raise Refused(f"{key} is a secret: {variable} in /etc/chargepoint/secrets.env")
    write_values(file, values)
    return Told(tuple(f"{key} = {value}" for key, value in values.items()))


# --- keys, certificate ------------------------------------------------------------------------------


def keep_key(file: Path, key_hex: str) -> Told:
    """Never shows a digit of it."""
    config = load(file)
    if not config.cards.key_file:
        raise Refused("cards.key_file names no file: set cards.key_file=/etc/chargepoint/cards.key")
    try:
        key = bytes.fromhex(key_hex)
    except ValueError:
        raise Refused("that holds other things than hex digits: give 32 of them") from None
    if len(key) != KEY_LENGTH:
        raise Refused(f"{len(key)} bytes: the master key of AES-128 has {KEY_LENGTH}")
    if len(set(key)) < KEY_LENGTH // 2:
        raise Refused("that key is no random one: make it with the card issuer")
    path = Path(config.cards.key_file)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(key.hex() + "\n", "ascii")
    fresh.replace(path)
    return Told((f"kept in {path}; the core's user must own it: chown chargepoint {path}",))


async def request(file: Path, state: Path | None, out: Path | None) -> Told:
    """The key stays in the vault; what is given away is the request."""
    config = load(file)
    vault = _vault(config, state)
    if vault.pending_key is None:
        await vault.keep_pending(x509.new_key(SystemEntropy().token(_KEY_BYTES)))
    key = vault.pending_key
    assert key is not None  # kept a line above
    station = config.station
    text = x509.signing_request(key, organisation=station.vendor, serial=station.serial)
    words = f"CN={station.serial}, O={station.vendor}; have it signed, then adopt"
    return _given(text, out, words)


async def adopt(file: Path, state: Path | None, chain_file: Path) -> Told:
    config = load(file)
    vault = _vault(config, state)
    chain = _text(chain_file)
    if vault.pending_key is None:
        raise Refused("no request is waiting: request first")
    leaf = x509.read_chain(chain)[0]
    if not x509.is_for_key(leaf, vault.pending_key):
        raise Refused("it is for another key than that of the request: was it another station's?")
    x509.check_valid_at(leaf, SystemClock().utc())
    x509.check_strength(leaf)
    await vault.adopt(chain)
    return Told(
        (f"in use: {leaf.subject.rfc4514_string()}, until {leaf.not_valid_after_utc:%Y-%m-%d}",)
    )


# --- report -----------------------------------------------------------------------------------------


async def report(file: Path, state: Path | None, order: Order) -> Told:
    low, high = _SECONDS
    if not low <= order.seconds <= high:
        raise Refused(f"--seconds {order.seconds:g}: give {low:g} to {high:g}")
    if not _NAME.fullmatch(order.by.strip()):
        raise Refused("--by: the name of a person, 1 to 60 characters")
    config = load(file)
    place = _place(config, file, state, order.sys)
    findings = await inspect(
        place, Scope(order.seconds, moves=order.moves, with_central=not order.is_offline)
    )
    text = report_of(place, findings, order.by.strip())
    signed = verified(text)
    made_at, by, verdict = (str(signed.body[name]) for name in ("madeAt", "by", "verdict"))
    kept = KeptReport(made_at, verdict, by, text)
    journal = _folder(config, state) / JOURNAL
    with closing(schema.connect(str(journal), check=True)) as connection:
        schema.migrate(connection)
        commission_reports.write(connection, kept)
    lines = [*_lines(findings), f"{verdict}; key {signed.fingerprint}"]
    if order.out is not None:
        order.out.write_text(text, "utf-8")
        lines.append(f"written to {order.out}")
    return Told(tuple(lines), verdict == PASSED)


def export(file: Path, state: Path | None, out: Path | None) -> Told:
    journal = _folder(load(file), state) / JOURNAL
    with closing(open_read_only(journal)) as connection:
        kept = commission_reports.newest(connection)
    if kept is None:
        raise Refused("this journal keeps no report: report first")
    return _given(kept.body, out, f"{kept.made_at} by {kept.made_by}, {kept.verdict}")


def verify(report_file: Path, fingerprint: str, root: Path | None) -> Told:
    """A report, or the file of a disputed charge: what the key of this station has signed."""
    text = _text(report_file)
    found = verified(
        text, expected=fingerprint, root_pem="" if root is None else root.read_text("ascii")
    )
    told = (f"{name}: {found.body[name]}" for name in _HEAD if name in found.body)
    lines = ["unchanged since it was signed", *told, f"key {found.fingerprint}"]
    if found.vouched_by:
        lines.append(f"certificate vouched for by {found.vouched_by}")
    elif not fingerprint:
        lines.append("whose key that is: compare it with the station's, or give --root")
    return Told(tuple(lines))


def _given(text: str, out: Path | None, words: str) -> Told:
    """To the screen, or to a file."""
    if out is None:
        return Told((text.rstrip("\n"),))
    out.write_text(text, "utf-8")
    return Told((f"{out}: {words}",))


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


# --- where ------------------------------------------------------------------------------------------


def _folder(config: Config, state: Path | None) -> Path:
    return state or Path(config.state.dir or "state")


def _vault(config: Config, state: Path | None) -> FolderVault:
    return FolderVault(_folder(config, state) / "security")


def _place(config: Config, file: Path, state: Path | None, sys: Path) -> Place:
    journal = _folder(config, state) / JOURNAL

    def pins() -> list[StoredPin]:
        if not journal.exists():
            return []
        with closing(open_read_only(journal)) as connection:
            return service_pins.read(connection)

    return Place(
        config=config,
        file=file,
        vault=_vault(config, state),
        clock=SystemClock(),
        entropy=SystemEntropy(),
        open_line=serial_line,
        pins=pins,
        sys=sys,
    )


def _lines(findings: Iterable[Finding]) -> Iterable[str]:
    words = {Mark.OK: "  ok ", Mark.WARN: " warn", Mark.BAD: "  BAD"}
    for each in findings:
        yield f"{words[each.mark]}  {each.step}: {each.subject}: {each.text}"
        if each.remedy:
            yield f"       remedy: {each.remedy}"
