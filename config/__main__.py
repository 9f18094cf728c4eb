"""`python -m config check site.toml`: validate, and print what the station would run with."""

import argparse
import sys
from pathlib import Path

from config.doubts import warnings
from config.loader import ConfigurationWrong, load, overrides_of
from config.site_check import flaws


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m config", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="validate a configuration file")
    check.add_argument("file", type=Path, help="TOML file of the site")
    check.add_argument("--set", dest="overrides", action="append", default=[], metavar="KEY=VALUE")
    check.add_argument(
        "--here", action="store_true", help="this is the board: look for ports, certificates, keys"
    )
    chosen = parser.parse_args(arguments)
    try:
        config = load(chosen.file, overrides_of(chosen.overrides))
    except ConfigurationWrong as wrong:
        sys.stderr.write(f"{wrong}\n{len(wrong.problems)} error(s)\n")
        return 2
    for setting, text, remedy in warnings(config):
        sys.stderr.write(f"{chosen.file}: {setting}: warning: {text}\n    remedy: {remedy}\n")
    errors = 0
    for flaw in flaws(config, here=chosen.here):
        errors += flaw.is_error
        word = "error" if flaw.is_error else "warning"
        sys.stderr.write(
            f"{chosen.file}: {flaw.key}: {word}: {flaw.text}\n    remedy: {flaw.remedy}\n"
        )
    if errors:
        sys.stderr.write(f"{errors} error(s)\n")
        return 2
    hidden = {"central": {"password"}, "bank": {"password"}}
    sys.stdout.write(config.model_dump_json(indent=2, exclude=hidden) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
