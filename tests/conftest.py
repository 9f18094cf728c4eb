"""Properties are tried with the same examples everywhere, and no slow machine fails one. Says at the
end how many steps were walked at random.
"""

from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    # It measures how long drawing took by the clock on the wall: who shares the machine decides.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

WALKED = "steps of "  # record_property: machines, stations


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    walked = Counter[str]()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                walked.update({name: n for name, n in report.user_properties if WALKED in name})
    for name, steps in sorted(walked.items()):
        terminalreporter.write_line(f"walked at random: {steps:,} {name}")
