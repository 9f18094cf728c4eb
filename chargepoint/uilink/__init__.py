"""The Unix socket between core and kiosk."""
