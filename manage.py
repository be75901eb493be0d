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


def supervise() -> None:
    """Run the services of ``manage.py up``, which has made the checks."""
    from shop.local import stack  # noqa: PLC0415 (the settings have to be named first)

    stack.supervise()
    sys.exit()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    from django.core.exceptions import ImproperlyConfigured

    if sys.argv[1:] == ["up", "--supervise"]:
        # Before the rest of Django, of which this needs nothing.
        try:
            supervise()
        except ImproperlyConfigured as error:
            sys.exit(f"Configuration: {error}")
    from django.core.management import execute_from_command_line
    from django.db import Error

    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration: {error}")
    except Error as error:
        from shop.database.messages import advice

        if "--traceback" in sys.argv:
            raise
        found = advice(error)
        sys.stderr.write(f"{found.text}\n")
        if found.is_fault:
            raise
        sys.exit(NO_DATABASE)
    except BrokenPipeError:
        if not reader_is_gone():
            raise
        # At exit Python would write once more, and print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(READER_GONE)
