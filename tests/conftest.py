"""Properties are tried with the same examples everywhere, and no slow machine fails one."""

from hypothesis import settings

settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")
