"""Settings of gunicorn; it reads them by ``--config python:shop.local.gunicorn_conf``.

Threads, because pages are synchronous and a live page holds its connection open: each
stream costs a thread, not a process.
"""

from pathlib import Path

worker_class = "gthread"
workers = 2
threads = 16
# Imports once, before the fork: half the processor time of a start on two cores.
preload_app = True
# The stream of a live page does not end by itself: a longer wait only delays a stop.
graceful_timeout = 2
timeout = 60
keepalive = 5
control_socket_disable = True
# On a slow disk, writing the heartbeat file can take so long that a worker counts as
# dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
accesslog = None
errorlog = "-"
loglevel = "warning"
