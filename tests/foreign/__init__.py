"""Hardware of other makers, on real pseudo-terminals, against our drivers.

What stands in for it here was written from the makers' documents and published firmware. It shares
no line with drivers/ or simulator/: its own checksums, its own framing, its own view of what is said,
so that a mistake of ours is not made twice and hidden.
"""
