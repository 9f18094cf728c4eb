"""The conversation on the screen: its machine, its tables, its talks."""
