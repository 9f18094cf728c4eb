"""The trial balance: every account of the money ledger and of the book of points, and whether they agree."""

from dataclasses import dataclass
from itertools import groupby

from central.storage.store import Store


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts of one kind: `card`, `clearing`, `shop`, `sales`. `count` of them are not at zero."""

    kind: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Trial:
    money: tuple[Group, ...]
    points: tuple[Group, ...]
    unbalanced: tuple[str, ...]  # postings whose entries do not sum to zero: there are none

    @property
    def is_right(self) -> bool:
        sums = (sum(group.total for group in self.money), sum(group.total for group in self.points))
        return sums == (0, 0) and not self.unbalanced


def trial_of(store: Store) -> Trial:
    return Trial(
        _grouped(store.balances()),
        _grouped(store.points.balances()),
        tuple(store.unbalanced_postings()),
    )


def _grouped(balances: dict[str, int]) -> tuple[Group, ...]:
    named = sorted((account.partition(":")[0], total) for account, total in balances.items())
    groups = []
    for kind, accounts in groupby(named, key=lambda each: each[0]):
        totals = [total for _, total in accounts]
        groups.append(Group(kind, sum(total != 0 for total in totals), sum(totals)))
    return tuple(groups)
