"""One connector: the point machine and its guards and actions."""
