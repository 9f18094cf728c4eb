"""Several server processes that are one central system, through PostgreSQL and nothing else.

Each holds some of the points. What a point tells its process, all others hear by NOTIFY; an order
to a point goes to whichever process holds it, and its answer comes back the same way.
"""
