"""One value of a site file is changed, the rest stays as people wrote it."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.edit import with_values, write_values
from config.loader import ConfigurationWrong, load

EXAMPLE = Path("config/site.example.toml").read_text("utf-8")
TEXT = """\
[station]
id = "CP-0001"                # identity; has a # and "quotes"
name = "07"

[kiosk]
size = "1024x600"             # pixels
"""


def test_a_value_changes_and_its_comment_stays() -> None:
    changed = with_values(TEXT, {"station.id": "CP-7"})
    assert 'id = "CP-7"                # identity; has a # and "quotes"\n' in changed
    assert changed.replace("CP-7", "CP-0001") == TEXT


def test_a_key_that_is_missing_goes_into_its_section() -> None:
    changed = with_values(TEXT, {"station.connectors": "2"})
    assert 'name = "07"\nconnectors = 2\n\n[kiosk]' in changed


def test_a_section_that_is_missing_goes_to_the_end() -> None:
    changed = with_values(TEXT, {"devices.meter.1.kind": "sdm630", "devices.meter.1.port": "/a"})
    assert changed.endswith('\n[devices.meter.1]\nkind = "sdm630"\nport = "/a"\n')


def test_a_name_of_digits_stays_text() -> None:
    assert 'name = "08"' in with_values(TEXT, {"station.name": "08"})


def test_a_number_that_was_text_stays_text() -> None:
    changed = with_values(TEXT + 'serial = "SN-1"\n', {"kiosk.serial": "1234"})
    assert 'serial = "1234"' in changed


def test_the_example_changes_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(EXAMPLE, "utf-8")
    write_values(file, {"kiosk.size": "800x1280"})
    before, after = EXAMPLE.splitlines(), file.read_text("utf-8").splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert load(file, environment={}).kiosk.size == "800x1280"


def test_nonsense_is_refused_with_a_remedy_and_the_file_is_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(EXAMPLE, "utf-8")
    with pytest.raises(ConfigurationWrong) as refused:
        write_values(file, {"kiosk.size": "huge"})
    assert refused.value.problems[0].remedy
    assert file.read_text("utf-8") == EXAMPLE
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_not_there_is_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationWrong, match="remedy"):
        write_values(tmp_path / "none.toml", {"station.id": "CP-7"})


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20))
def test_any_text_is_read_back_as_it_was_given(text: str) -> None:
    found = tomllib.loads(with_values(TEXT, {"station.phone": f"x{text}"}))
    assert found["station"]["phone"] == f"x{text}"
