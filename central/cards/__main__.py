"""`python -m central.cards`: blank cards become Green Cards, lost ones are replaced, old ones expire.

Numbers and keys are never printed here: they go to files of mode 600 for the card writer and the
printer of sealed letters, outside any repository.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from argon2 import PasswordHasher

from central.cards.keys import KeyStore, SoftwareKeyStore, key_from_file
from central.cards.numbers import PREFIX
from central.cards.personalise import Order, Personaliser, Unfit
from central.cards.replacing import Irreplaceable, Replacing
from central.clock import Clock, SystemClock
from central.command import Refused, command_parser, run_command
from central.entropy import Entropy, SystemEntropy
from central.feed import Feed
from central.greencard.accounts import masked
from central.greencard.blanks import Blanks
from central.greencard.expiry import Expiry
from central.passwords import field_hasher
from central.storage.store import Store

_UID_DIGITS = 14
_BATCH_MAX = 10_000
_EPILOG = """\
examples:
  python -m central.cards --db central.sqlite --by maria personalise --batch 2027-01 \\
      --uids uids.txt --key-file /secure/cards.key --out /secure/2027-01
      cards.json for the card writer and letters.html for the printer, both of mode 600; uids.txt has
      a UID a line, 14 hex digits; the key file 32 hex digits, mode 600
  python -m central.cards --db central.sqlite --by maria personalise --batch 2027-02 --count 500 \\
      --out /secure/2027-02
      the writer makes the keys itself, with a secure element
  python -m central.cards --db central.sqlite stock
  python -m central.cards --db central.sqlite --by maria replace 6034440000000005 --reason lost
  python -m central.cards --db central.sqlite --by maria expire
"""
_WHY = {
    "no_card": "there is no such card",
    "replaced": "it was replaced before; its number is dead for ever",
    "fraud": "it is blocked for fraud; unblock it first, or leave it",
    "no_blank": "there is no blank card in stock",
    "not_blank": "the new card is not a blank one in stock",
}


class Desk:
    """What the commands need."""

    def __init__(
        self, store: Store, clock: Clock, entropy: Entropy, hasher: PasswordHasher
    ) -> None:
        self.store = store
        self.clock = clock
        self.blanks = Blanks(store, clock)
        self.personaliser = Personaliser(self.blanks, entropy, hasher.hash)


def main(
    words: Sequence[str] | None = None,
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    hasher: PasswordHasher | None = None,
) -> int:
    """Exit code 0: done; 1: a file or the database cannot be used; 2: refused, nothing changed."""
    asked = _parser().parse_args(words)

    def job(store: Store) -> str:
        desk = Desk(
            store,
            clock or SystemClock(),
            entropy or SystemEntropy(),
            hasher or field_hasher(),
        )
        return _DO[asked.command](desk, asked)

    return run_command(asked.db, job, name="cards", refusals=(Unfit,))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("central.cards", __doc__, _EPILOG)
    parser.add_argument("--by", default="", metavar="NAME", help="who does it; kept in the trail")
    commands = parser.add_subparsers(dest="command", required=True)
    _personalise_words(commands.add_parser("personalise", help="a batch of blank cards"))
    commands.add_parser("stock", help="batches, and how many blank cards are left of each")
    again = commands.add_parser("replace", help="a blank card takes the place of another")
    again.add_argument("number")
    again.add_argument("--new", default="", metavar="NUMBER", help="default: the oldest in stock")
    again.add_argument("--reason", required=True, help="as lost, stolen, broken, expired")
    expiring = commands.add_parser("expire", help="cards whose last day is past; lists what ends")
    expiring.add_argument("--within", type=int, default=60, metavar="DAYS", help="default 60")
    return parser


def _personalise_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--batch", required=True, metavar="NAME", help="what the batch is called")
    parser.add_argument(
        "--out", required=True, type=Path, metavar="FOLDER", help="new or empty, in no repository"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--uids", type=Path, metavar="FILE", help="a UID a line, 14 hex digits")
    which.add_argument("--count", type=int, metavar="N", help="without UIDs and keys")
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help="master key: 32 hex digits, mode 600"
    )
    parser.add_argument(
        "--application", default="F04301", metavar="AID", help="DESFire, hex (default F04301)"
    )
    parser.add_argument(
        "--system-id",
        default="",
        metavar="TEXT",
        help="AN10922 system identifier, as at the points",
    )
    parser.add_argument(
        "--prefix", default=PREFIX, metavar="DIGITS", help=f"of the numbers (default {PREFIX})"
    )
    parser.add_argument(
        "--valid-years", type=int, default=8, metavar="N", help="default 8; 0: for ever"
    )
    parser.add_argument(
        "--url", default="", metavar="URL", help="of the members' web, for the letters"
    )


# --- what is done ---------------------------------------------------------------------------------


def _personalise(desk: Desk, asked: argparse.Namespace) -> str:
    uids = _uids(asked.uids) if asked.uids is not None else []
    count = len(uids) or (asked.count or 0)
    if not 1 <= count <= _BATCH_MAX:
        raise Refused(f"a batch has 1 to {_BATCH_MAX} cards, not {count}")
    order = Order(
        batch=_line(asked.batch, "--batch"),
        count=count,
        uids=uids,
        application_id=_application(asked.application),
        prefix=_prefix(asked.prefix),
        expires_on=_last_day(desk.clock, asked.valid_years),
        url=asked.url,
        by=_by(asked),
    )
    desk.personaliser.make(order, _keys(asked), asked.out)
    return f"batch {order.batch}: {count} blank cards; cards.json and letters.html in {asked.out}\n"


def _keys(asked: argparse.Namespace) -> KeyStore | None:
    if (asked.uids is None) != (asked.key_file is None):
        raise Refused("--uids and --key-file go together: a key is made from a UID")
    if asked.key_file is None:
        return None
    system_id = asked.system_id.encode("ascii", "replace")
    return SoftwareKeyStore(key_from_file(asked.key_file), system_id=system_id)


def _uids(path: Path) -> list[bytes]:
    lines = [line.strip() for line in path.read_text("ascii", "replace").splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    for number, line in enumerate(found, start=1):
        is_hex = all(sign in "0123456789abcdefABCDEF" for sign in line)
        if len(line) != _UID_DIGITS or not is_hex:
            raise Refused(f"{path}: UID {number} is not {_UID_DIGITS} hex digits")
    return [bytes.fromhex(line) for line in found]


def _application(text: str) -> bytes:
    try:
        application = bytes.fromhex(text)
    except ValueError:
        raise Refused(f"--application {text} is not hex") from None
    if len(application) != 3 or not any(application):
        raise Refused("--application has three bytes, and not 000000")
    return application


def _prefix(text: str) -> str:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 8):
        raise Refused("--prefix has 1 to 8 digits")
    return text


def _last_day(clock: Clock, years: int) -> str:
    if not 0 <= years <= 50:
        raise Refused("--valid-years is 0 to 50")
    if years == 0:
        return ""
    # The last day of the month, as cards have it printed: no card ends on a 29 February.
    today = clock.utc().date()
    first = date(today.year + years + today.month // 12, today.month % 12 + 1, 1)
    return date.fromordinal(first.toordinal() - 1).isoformat()


def _stock(desk: Desk, _asked: argparse.Namespace) -> str:
    batches = desk.blanks.stock()
    return "".join(f"{batch}: {left} of {made} left\n" for batch, made, left in batches) or (
        "no blank cards\n"
    )


def _replace(desk: Desk, asked: argparse.Namespace) -> str:
    replacing = Replacing(desk.store, desk.clock, Feed(desk.store.database.afterwards))
    reason = _line(asked.reason, "--reason")
    try:
        done = replacing.replace(asked.number, actor=_by(asked), reason=reason, new=asked.new)
    except Irreplaceable as error:
        raise Refused(_WHY[error.key]) from error
    return (
        f"{masked(done.old)} is replaced by {masked(done.new)}: {done.moved_minor} minor and "
        f"{done.moved_points} points moved; the code of its letter opens it\n"
    )


def _expire(desk: Desk, asked: argparse.Namespace) -> str:
    expiry = Expiry(desk.store, desk.clock)
    done = expiry.sweep(_by(asked))
    ending = expiry.ending(asked.within)
    lines = [f"expired now: {len(done)}", *(f"{masked(n)} ends on {day}" for n, day in ending)]
    return "".join(f"{line}\n" for line in lines)


def _by(asked: argparse.Namespace) -> str:
    if not asked.by.strip():
        raise Refused("say who does it: --by NAME before the command")
    return _line(asked.by, "--by")


def _line(text: str, option: str) -> str:
    line = text.strip()
    if not 1 <= len(line) <= 80 or not line.isprintable():
        raise Refused(f"{option} is a line of 1 to 80 signs")
    return line


_DO: Mapping[str, Callable[[Desk, argparse.Namespace], str]] = {
    "personalise": _personalise,
    "stock": _stock,
    "replace": _replace,
    "expire": _expire,
}


if __name__ == "__main__":
    sys.exit(main())
