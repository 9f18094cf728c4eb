"""What the commands on a journal have in common: how they are called and what --help looks like."""

import argparse
from pathlib import Path


def parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    """Of `python -m chargepoint.store.<name> JOURNAL …`; each adds what it wants to know."""
    made = argparse.ArgumentParser(
        prog=f"python -m chargepoint.store.{name}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("journal", type=Path, metavar="JOURNAL", help="journal.sqlite of a station")
    return made
