"""Writes the golden files and the map of journeys again: `python -m tests.domain.matrix`."""

from pathlib import Path

from tests.domain.matrix import journeys
from tests.domain.matrix.render import RENDERED

for name, rendered in RENDERED.items():
    Path(__file__).with_name(f"{name}.txt").write_text(rendered(), encoding="utf-8")
map_ = Path(__file__).parents[3] / "docs" / "journeys.md"
map_.write_text(journeys.render(), encoding="utf-8")
