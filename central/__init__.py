"""Reference central system: OCPP 1.6J server, Green Card accounts, operator's page.

It meets the charge points on the OCPP wire only and imports none of the other packages.
"""
