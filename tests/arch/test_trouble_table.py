"""The table of trouble with money names screens, incidents and tests that exist."""

import ast
import re
from pathlib import Path

from tests.arch.test_incidents import documented

ROOT = Path(__file__).resolve().parents[2]
HEAD = "| what comes | screen | incident |"


def rows() -> list[list[str]]:
    text = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    lines = text[text.index(HEAD) :].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def functions_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_trouble_has_a_test_that_exists() -> None:
    for what, _, _, proof in rows():
        assert quoted(proof), what
        for name in quoted(proof):
            file, _, function = name.partition("::")
            path = ROOT / "tests" / file
            assert path.is_file(), name
            assert not function or function in functions_in(path), name


def test_every_incident_of_the_table_is_documented() -> None:
    codes = {code for row in rows() for code in quoted(row[2])}
    assert codes <= documented()


def test_every_screen_of_the_table_is_documented() -> None:
    known = (ROOT / "docs" / "screens.md").read_text("utf-8")
    named = {word for row in rows() for word in re.findall(r"\b[a-z]+_[a-z]+\b", row[1])}
    assert {word for word in named if f"| {word} |" not in known} == set()
