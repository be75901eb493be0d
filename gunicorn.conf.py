"""Settings of gunicorn, which reads this file by itself: ``gunicorn shop.wsgi``.

A process makes one page at a time, and others while it waits. Neither connections nor
the streams of live pages cost a thread: see docs/adr/0027 and 0031.
"""

import gc
import threading
from pathlib import Path
from typing import Any

worker_class = "shop.local.web_worker.WebWorker"
workers = 2
# Imports once, before the fork: half the processor time of a start on two cores.
preload_app = True
# Streams are ended at once. Shorter than ``make up`` waits before it kills.
graceful_timeout = 4
timeout = 60
keepalive = 5
worker_connections = 1000
control_socket_disable = True
# On a slow disk, writing the heartbeat file can take so long that a worker counts as
# dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# Behind a proxy on this machine, gunicorn would let visitors set SCRIPT_NAME and
# PATH_INFO as headers of these names.
forwarder_headers = ""
accesslog = None
errorlog = "-"
loglevel = "warning"


def when_ready(_server: Any) -> None:
    """Keep what was imported in memory that the processes share after the fork.

    The garbage collector writes into each object that it looks at, and so would copy
    nearly all of it for each of them.
    """
    gc.collect()
    gc.freeze()


def post_worker_init(_worker: Any) -> None:
    """Report this process and what time its host has. Threads do not survive a fork."""
    # Imported here, because the application is loaded after this file.
    from saga.heartbeat import beat_in_background  # noqa: PLC0415

    beat_in_background("web", threading.Event())
