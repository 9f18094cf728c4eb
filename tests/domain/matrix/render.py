"""Every (leaf state, trigger) pair of a table as one line, in the words of the table.

    trigger  target [guard] | internal [guard] | ignored | incident

Targets stand in the order in which they are tried: rows of the leaf itself, then those of its
parents. `| nothing` at the end: every guard may refuse, and then nothing happens.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chargepoint.domain.dialogue import table as dialogue_table
from chargepoint.domain.engine import Row
from chargepoint.domain.point import states

HEAD = """\
# {title}: every leaf state and trigger. Generated from {source}; never edited by hand.
# Regenerate after a wanted change, and read the diff:  python -m tests.domain.matrix
"""


def leaves(tree: Iterable[Any], prefix: str = "") -> Iterator[str]:
    for node in tree:
        if isinstance(node, str):
            yield prefix + node
        else:
            yield from leaves(node["children"], f"{prefix}{node['name']}/")


def ancestry(leaf: str) -> list[str]:
    """The leaf, its parent, …: the order in which their rows are asked."""
    parts = leaf.split("/")
    return ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]


def cell(leaf: str, trigger: str, rows: list[Row[Any]], ignored: frozenset[str]) -> str:
    asked = [
        r for place in ancestry(leaf) for r in rows if (r.source, r.trigger) == (place, trigger)
    ]
    words = []
    for row in asked:
        target = row.target or "internal"
        words.append(f"{target} [{row.guard.__name__}]" if row.guard else target)
        if row.guard is None:
            return " | ".join(words)
    if words:
        return " | ".join([*words, "nothing"])
    return "ignored" if trigger in ignored else "incident"


def render(
    title: str,
    source: str,
    tree: Iterable[Any],
    rows: Iterable[Row[Any]],
    ignored: Mapping[str, frozenset[str]],
) -> str:
    table = list(rows)
    triggers = sorted({row.trigger for row in table}.union(*ignored.values()))
    width = max(map(len, triggers))
    lines = [HEAD.format(title=title, source=source)]
    for leaf in leaves(tree):
        lines.append(f"[{leaf}]")
        passed = ignored.get(leaf, frozenset())
        lines += [f"{t:<{width}}  {cell(leaf, t, table, passed)}" for t in triggers]
        lines.append("")
    return "\n".join(lines)


def point() -> str:
    return render(
        "Point", "chargepoint/domain/point/states.py", states.TREE, states.ROWS, states.IGNORED
    )


def dialogue() -> str:
    return render(
        "Dialogue",
        "chargepoint/domain/dialogue/table.py",
        dialogue_table.TREE,
        dialogue_table.ROWS,
        dialogue_table.IGNORED,
    )


RENDERED = {"point": point, "dialogue": dialogue}
