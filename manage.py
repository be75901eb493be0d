#!/usr/bin/env python
"""Django's command line for the shop."""

import os
import select
import sys

# The exit code that a shell reports for a program that SIGPIPE ended.
READER_GONE = 141
NO_DATABASE = 69  # EX_UNAVAILABLE of sysexits.h; no command uses it for itself


def reader_is_gone() -> bool:
    """Return whether the reader of our output, for example ``head``, has ended."""
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

        if "--traceback" in sys.argv or not (text := advice(error)):
            raise
        sys.stderr.write(f"{text}\n")
        sys.exit(NO_DATABASE)
    except BrokenPipeError:
        if not reader_is_gone():
            raise
        # At exit Python would write once more, and print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(READER_GONE)
