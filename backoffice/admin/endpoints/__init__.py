"""Endpoints of outgoing webhooks, and what was sent to them."""
