"""Prices and limits that a simplified invoice could not bear are told before a station starts."""

from pathlib import Path

import pytest

from config.__main__ import main

_KIOSK = '[receipt]\nmode = "kiosk"\nnif = "B12345674"\nissuer = "Plaza SL"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_KIOSK + "[bank]\nhold = 400.01\n", "bank.hold"),
        (_KIOSK + "[bank]\nhold = 400.00\n", ""),
        (_KIOSK + "simplified_limit = 3000.00\n[bank]\nhold = 1500.00\n", ""),
        (_KIOSK + "[cards]\noffline_limit = 500.00\n", "cards.offline_limit"),
        ("[bank]\nhold = 500.00\n", ""),
    ],
)
def test_more_than_a_simplified_invoice_bears_is_warned_about(
    text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, "utf-8")
    assert main(["check", str(file)]) == 0
    warned = capsys.readouterr().err
    assert (f"{told}: warning" in warned) if told else ("simplified invoice" not in warned)


def test_limit_above_the_law_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "site.toml"
    file.write_text("[receipt]\nsimplified_limit = 3000.01\n", "utf-8")
    assert main(["check", str(file)]) == 2
    assert "simplified_limit" in capsys.readouterr().err
