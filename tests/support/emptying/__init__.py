"""An app of the tests whose ``flush`` empties only the tables that have rows.

Django's own deletes from every table and makes all permissions anew: on PostgreSQL half
a second after each test that commits, of which there are hundreds.
"""
