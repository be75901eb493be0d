"""Free ports on this machine."""

import socket


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_pair() -> int:
    """Return a free port whose next one is free, too: for shop and sandbox."""
    for _ in range(100):
        port = free_port()
        with socket.socket() as second:
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    message = "no two free ports side by side on this machine"
    raise RuntimeError(message)
