"""How gunicorn serves the shop; read by ``--config python:shop.local.gunicorn_conf``.

Threads, because pages are synchronous and a live page holds its connection open: each
stream costs a thread, not a process.
"""

from pathlib import Path

worker_class = "gthread"
workers = 2
threads = 16
# Imports once, before the fork: half the processor time of a start on two cores.
preload_app = True
# A live page's stream never ends by itself, so waiting longer would only delay a stop.
graceful_timeout = 2
timeout = 60
keepalive = 5
control_socket_disable = True
# The heartbeat file on a slow disk can stall a worker until it is taken for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
accesslog = None
errorlog = "-"
loglevel = "warning"
