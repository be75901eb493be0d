"""Outgoing webhooks: endpoints that staff keep, and what is sent to them.

Standard Webhooks (https://www.standardwebhooks.com): signed, repeated until they are
taken, idempotent by their identifier.
"""
