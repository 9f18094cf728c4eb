"""Properties are tried with the same examples everywhere, and no slow machine fails one."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    # It measures how long drawing took by the clock on the wall: who shares the machine decides.
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")
