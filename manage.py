#!/usr/bin/env python
"""Django's command line for the shop."""

import os
import select
import sys

# As a shell reports a program that SIGPIPE ended.
READER_GONE = 141
NO_DATABASE = 69  # EX_UNAVAILABLE of sysexits.h; no command uses it for itself


def reader_is_gone() -> bool:
    """Tell whether whoever read our output, ``head`` say, has seen enough."""
    poll = select.poll()
    poll.register(sys.stdout, select.POLLOUT)
    return any(event & select.POLLERR for _file, event in poll.poll(0))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration: {error}")
    except DatabaseError as error:
        from shop.databases import advice

        if "--traceback" in sys.argv or not (words := advice(error)):
            raise
        sys.stderr.write(f"{words}\n")
        sys.exit(NO_DATABASE)
    except BrokenPipeError:
        if not reader_is_gone():
            raise
        # Python would try once more on its way out, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(READER_GONE)
