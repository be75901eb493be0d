"""Lets Python sleep under libfaketime, which fails at its sleeps up to a given time."""

import select
import time


def sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = sleep
