"""A batch of cards: drawn, kept as hashes, and written for the card writer and the letter printer.

    cards.json    for the writer: number, UID, key          mode 600, destroyed after writing
    letters.html  for the printer: one sealed letter each   mode 600, destroyed after printing

The files are whole before the batch exists: a crash leaves files of cards that nobody knows, never
cards whose letters are lost.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from central.cards.keys import KeyStore, repository_of
from central.cards.numbers import activation_code, card_number, support_number
from central.entropy import Entropy
from central.errors import CentralError
from central.greencard.blanks import Blanks, Made

_KEY_NUMBER = 1
_FILE_NUMBER = 1
_HERE = Path(str(resources.files("central.cards")))
_BRAND = _HERE.parent / "members" / "static" / "brand.svg"


class Unfit(CentralError):
    """The batch cannot be made as it was asked for; nothing was made."""


@dataclass(frozen=True, slots=True)
class Order:
    """`uids` empty: `count` cards whose keys the writer makes itself, with a secure element."""

    batch: str
    count: int
    uids: Sequence[bytes]
    application_id: bytes
    prefix: str
    expires_on: str
    url: str
    by: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """Of one card, before it is forgotten: the secrets of its letter."""

    number: str
    uid: bytes | None
    code: str
    support: str


class Personaliser:
    def __init__(self, blanks: Blanks, entropy: Entropy, hashed: Callable[[str], str]) -> None:
        self._blanks = blanks
        self._entropy = entropy
        self._hashed = hashed

    def make(self, order: Order, keys: KeyStore | None, folder: Path) -> list[str]:
        """The numbers made. Raises Unfit, KeyUnusable."""
        self._check(order, folder)
        drawn = self._draw(order)
        written = {
            "cards.json": _for_the_writer(order, drawn, keys),
            "letters.html": _letters(order, drawn),
        }
        made = [
            Made(
                each.number,
                None if each.uid is None else each.uid.hex().upper(),
                self._hashed(each.code),
                each.support,
            )
            for each in drawn
        ]
        for name, text in written.items():
            _write(folder / name, text)
        self._blanks.make(order.batch, made, by=order.by, expires_on=order.expires_on)
        return [each.number for each in drawn]

    def _check(self, order: Order, folder: Path) -> None:
        if len(set(order.uids)) < len(order.uids):
            raise Unfit("a UID is in the list twice")
        if known := self._blanks.known_uids([uid.hex().upper() for uid in order.uids]):
            raise Unfit(f"{len(known)} of the UIDs are cards already")
        if order.batch in (batch for batch, _, _ in self._blanks.stock()):
            raise Unfit(f"there is a batch {order.batch}")
        if repository_of(folder) is not None:
            raise Unfit(f"{folder} is in a repository; letters and keys belong elsewhere")
        if folder.exists() and any(folder.iterdir()):
            raise Unfit(f"{folder} is not empty")

    def _draw(self, order: Order) -> list[Drawn]:
        uids: Sequence[bytes | None] = order.uids or [None] * order.count
        count = len(uids)
        blanks, entropy = self._blanks, self._entropy
        numbers = _fresh(count, lambda: card_number(entropy, order.prefix), blanks.unknown)
        supports = _fresh(count, lambda: support_number(entropy), blanks.unknown_support)
        return [
            Drawn(number, uid, activation_code(entropy), support)
            for number, uid, support in zip(numbers, uids, supports, strict=True)
        ]


def _fresh(
    count: int, draw: Callable[[], str], unknown: Callable[[Sequence[str]], list[str]]
) -> list[str]:
    """`count` different ones that nobody has."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = dict.fromkeys(draw() for _ in range(min(500, count - len(found))))
        found |= dict.fromkeys(unknown(list(drawn)))
    return list(found)


def _for_the_writer(order: Order, drawn: Sequence[Drawn], keys: KeyStore | None) -> str:
    cards = [_record(order, each, keys) for each in drawn]
    content = {
        "batch": order.batch,
        "applicationId": order.application_id.hex().upper(),
        "keyNumber": _KEY_NUMBER,
        "fileNumber": _FILE_NUMBER,
        "cards": cards,
    }
    return json.dumps(content, indent=2) + "\n"


def _record(order: Order, drawn: Drawn, keys: KeyStore | None) -> dict[str, Any]:
    record: dict[str, Any] = {"number": drawn.number, "file": drawn.number.encode().hex().upper()}
    if drawn.uid is not None and keys is not None:
        record["uid"] = drawn.uid.hex().upper()
        record["key"] = keys.card_key(drawn.uid, order.application_id).hex().upper()
    return record


def _letters(order: Order, drawn: Sequence[Drawn]) -> str:
    templates = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = templates.get_template("letter.html")
    return template.render(cards=drawn, url=order.url, brand=_BRAND.read_text("utf-8"))


def _write(path: Path, text: str) -> None:
    """Whole on the disk, and for its owner alone from the first byte on."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
