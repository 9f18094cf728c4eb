"""The members' web: public home with live points, accounts of members, their cards and money.

Server-rendered. It reads and changes accounts through `CentralSystem`, never past it.
"""
