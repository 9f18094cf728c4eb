"""Writes the golden files again: `python -m tests.domain.matrix`."""

from pathlib import Path

from tests.domain.matrix.render import RENDERED

for name, rendered in RENDERED.items():
    Path(__file__).with_name(f"{name}.txt").write_text(rendered(), encoding="utf-8")
