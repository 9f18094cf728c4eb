"""Messages that leave the house: kept in the same commit as their cause, tried until they are taken or
worth nothing any more, each by one process at a time.
"""
