"""An offline warehouse: it takes shipping orders, packs them and reports.

It runs as a process of its own and depends on the standard library alone:

    python -m sandboxes.warehouse --port 8002 --data DIR --report-url URL
"""

# Known to everyone: they open nothing but this stand-in.
DEFAULT_SECRET = "whsec_dG9kb2t1LXNhbmRib3gtd2FyZWhvdXNlLWNhbGxz"  # noqa: S105
DEFAULT_REPORT_SECRET = "whsec_dG9kb2t1LXNhbmRib3gtd2FyZWhvdXNlLXJlcG9ydA=="  # noqa: S105
