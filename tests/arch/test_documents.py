"""What a document names is there: programs, links, files."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    *(ROOT / "benchmarks").glob("*.md"),
    *sorted((ROOT / "docs").glob("*.md")),
]
FOLDERS = ("chargepoint", "ui", "drivers", "simulator", "central", "config", "benchmarks", "tests")
# Paths are short where the text says whose: `app/gate.py` is the core's.
BESIDE = (
    "",
    "chargepoint",
    "chargepoint/domain",
    "central",
    "central/storage",
    "config/system",
    "tests",
)
A_PATH = re.compile(
    r"(?<![\w/<.])(?:[\w*-]+/)+[\w*-]+\.(?:py|md|toml|yaml|sql|service|conf|rules)\b"
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document_names_programs_that_can_be_started(document: Path) -> None:
    programs = re.findall(r"python3? -m ([a-z]\w*(?:\.\w+)*)", document.read_text(encoding="utf-8"))
    ours = [ROOT / name.replace(".", "/") for name in programs if name.split(".")[0] in FOLDERS]
    missing = [
        path
        for path in ours
        if not (path.with_suffix(".py").is_file() or (path / "__main__.py").is_file())
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document_links_to_what_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8"))
    missing = [
        link for link in links if "://" not in link and not (document.parent / link).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_document_names_files_that_are_there(document: Path) -> None:
    named = {
        path
        for code in re.findall(r"`([^`\n]+)`", document.read_text(encoding="utf-8"))
        if "://" not in code
        for path in A_PATH.findall(code)
    }
    assert [path for path in sorted(named) if not _is_there(path)] == []


def _is_there(path: str) -> bool:
    return any(any((ROOT / place).glob(path)) for place in BESIDE)
