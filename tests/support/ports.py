"""Free ports on this machine."""

import socket


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_row(number: int) -> int:
    """Return a free port whose next ones are free, too: for sandboxes of a shop."""
    for _ in range(100):
        port = free_port()
        if all(_is_free(port + step) for step in range(1, number)):
            return port
    message = f"no {number} free ports side by side on this machine"
    raise RuntimeError(message)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
