"""The checkout's pages for staff, one module a subject."""

from checkout.admin import shipping

__all__ = ["shipping"]
