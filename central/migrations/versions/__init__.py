"""One file for each revision, `r0003_members.py` after `r0002_…`; a published one never changes."""
