"""Every fault once, and what is told of those that stand."""
