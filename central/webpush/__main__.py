"""`python -m central.webpush`: the key that browsers subscribe to our messages with, made once.

The file holds the private half and is for the service's user alone, in no repository. The public
half is printed; browsers are given it by the pages themselves.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from central.webpush.vapid import KeyUnusable, make_key

_EPILOG = """\
example:
  python -m central.webpush --out /etc/citere/push.pem
  python -m central --push /etc/citere/push.pem --push-contact mailto:charge@example.com ...
"""


def main(words: Sequence[str] | None = None) -> int:
    """Exit code 0: made; 2: refused, and nothing was written."""
    parser = argparse.ArgumentParser(
        prog="python -m central.webpush",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="a new file")
    asked = parser.parse_args(words)
    try:
        public = make_key(asked.out)
    except KeyUnusable as refused:
        sys.stderr.write(f"refused: {refused}\n")
        return 2
    sys.stdout.write(f"{asked.out}: made; its public half is {public}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
