"""What every state does with every trigger, as a file: a change of behaviour is a visible diff.

Wanted changes: `python -m tests.domain.matrix`, then read and commit the diff.
"""

import difflib
from pathlib import Path

import pytest

from chargepoint.domain.dialogue import table as dialogue_table
from chargepoint.domain.engine import Engine, Row, Table
from chargepoint.domain.point import states
from tests.domain.matrix.render import RENDERED, leaves

GOLDEN = Path(__file__).with_name("matrix")


@pytest.mark.parametrize("name", RENDERED)
def test_table_does_what_the_golden_file_says(name: str) -> None:
    golden = (GOLDEN / f"{name}.txt").read_text("utf-8").splitlines()
    diff = difflib.unified_diff(golden, RENDERED[name]().splitlines(), "golden", "table", n=0)
    changed = "\n".join(diff)
    assert not changed, f"wanted? python -m tests.domain.matrix\n{changed}"


@pytest.mark.parametrize("table", [states, dialogue_table])
def test_guards_have_names_that_can_be_read(table: object) -> None:
    unnamed = [
        (row.trigger, row.source)
        for row in table.ROWS  # type: ignore[attr-defined]
        if row.guard is not None and "<" in row.guard.__name__
    ]
    assert not unnamed


def test_ignored_tables_name_every_leaf_and_no_other() -> None:
    assert set(states.IGNORED) == set(leaves(states.TREE))
    assert set(dialogue_table.IGNORED) == set(leaves(dialogue_table.TREE))


class Asked(list[str]):
    """Which rows the library asks, in order: the renderer's claim about parents."""


def test_rows_of_the_leaf_are_asked_before_those_of_its_parents() -> None:
    asked = Asked()

    def refuse(name: str) -> Row[Asked]:
        source = "a/b" if name == "leaf" else "a"

        def guard(owner: Asked) -> bool:
            owner.append(name)
            return False

        return Row("go", source, "c", guard)

    tree = [{"name": "a", "children": ["b"]}, "c"]
    engine = Engine(asked, Table(tree, (refuse("parent"), refuse("leaf")), {}, {}, "a/b"))
    fired = engine.fire("go")
    assert asked == ["leaf", "parent"]
    assert not fired.taken
    assert not fired.surprises


def test_library_still_raises_for_triggers_without_row() -> None:
    engine = Engine([], Table(["a", "b"], (Row("go", "b", "a"),), {}, {}, "a"))
    assert engine.fire("go").surprises == ("go in a",)
    assert engine.fire("never").surprises == ("never in a",)


def test_two_lives_on_one_table_do_not_meet() -> None:
    rows = (Row("go", "a", "b", None, lambda owner: owner.append("went")),)
    table: Table[list[str]] = Table(["a", "b"], rows, {}, {}, "a")
    one, other = [""], [""]
    first, second = Engine(one, table), Engine(other, table)
    assert first.fire("go").taken
    assert (first.state, second.state) == ("b", "a")
    assert (one, other) == (["", "went"], [""])
    first.restore("a")
    assert second.fire("go").taken
    assert (first.state, second.state) == ("a", "b")
