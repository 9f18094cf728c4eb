"""What the kiosk says and sounds: from the same description that is drawn."""
