"""The bench in a browser: a loopback HTTP interface to the running station, and its page."""
