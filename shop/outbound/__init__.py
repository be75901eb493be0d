"""Calls and mails to addresses outside of the shop."""
