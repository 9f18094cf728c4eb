"""Pixels of every screen in both themes and orientations, as hashes (`python -m ui.goldens`)."""

from pathlib import Path

import pygame
import pytest

from ui import goldens
from ui.samples import ALL


def _only_here() -> None:
    made_with, _ = goldens.kept()
    if made_with != goldens.renderer():
        pytest.skip(f"pixels of {made_with}; here is {goldens.renderer()}")


@pytest.mark.parametrize("form", goldens.FORMS, ids="-".join)
def test_screens_look_as_they_were_accepted(form: tuple[str, str]) -> None:
    _only_here()
    ours = "-".join(form)
    hashes = {name: value for name, value in goldens.kept()[1].items() if name.endswith(ours)}
    differ = goldens.changed(hashes, goldens.drawn((form,)))
    assert not differ, "wanted? python -m ui.goldens report DIR, then accept: " + ", ".join(differ)


def test_every_sample_has_a_golden_in_each_form() -> None:
    _, hashes = goldens.kept()
    assert {name.rsplit("-", 2)[0] for name in hashes} == set(ALL)
    assert len(hashes) == 4 * len(ALL)


def test_report_shows_what_differs_and_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same, other = pygame.Surface((4, 4)), pygame.Surface((4, 4))
    monkeypatch.setattr(goldens, "pictures", lambda: iter([("one", same), ("two", other)]))
    assert goldens.report(tmp_path, keep=True) == []
    other.set_at((1, 1), (255, 0, 0))
    assert goldens.report(tmp_path, keep=False) == ["two"]
    page = (tmp_path / "index.html").read_text("utf-8")
    assert "two.png" in page
    assert "one.png" not in page
    marked = pygame.image.load(tmp_path / "differs" / "two.png")
    assert marked.get_at((1, 1))[:3] == (255, 64, 64)
    assert marked.get_at((0, 0))[:3] == (0, 0, 0)
