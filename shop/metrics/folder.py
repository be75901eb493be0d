"""Where the web processes of one host keep their counters, so that each can add up all.

prometheus_client reads the folder's name when it is imported first, so this module must
not import it.
"""

import atexit
import os
import shutil
import tempfile

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share_counters() -> None:
    """Make the folder, for this process and those that it forks.

    It is removed when this process ends, not when a forked one does. A folder that the
    environment names is kept.
    """
    if FOLDER in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="todoku-metrics-")
    os.environ[FOLDER] = folder
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
