"""What the mains and the meter allow: shares, profiles, believable readings."""
