"""An offline Stripe: the payments API, its browser library and its webhooks.

It runs as a process of its own and depends on the standard library alone:

    python -m sandboxes.stripe --port 8001 --data DIR --webhook-url URL
"""

API_VERSION = "2026-10-28.endive"
DEFAULT_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 - known to everyone, opens nothing
