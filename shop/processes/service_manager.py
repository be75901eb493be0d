"""Tell the service manager that this process is ready, and that it goes on.

systemd starts what comes next, and ends what hangs, by these messages (sd_notify(3)).
Without a service manager nothing is sent. Gunicorn reports for the web server.
"""

import os
import socket

READY = "READY=1"
WATCHDOG = "WATCHDOG=1"  # once in less than WatchdogSec= of the unit
STOPPING = "STOPPING=1"


def notify(state: str) -> None:
    """Send ``state`` to the socket in NOTIFY_SOCKET, if there is one.

    A manager that does not listen is no reason to stop: it is left to its own timeouts.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A name that begins with @ is in the kernel's abstract namespace (unix(7)).
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
        try:
            way.sendto(state.encode(), name)
        except OSError as error:
            os.write(2, f"The service manager does not listen: {error}\n".encode())
