"""The alert about a periodic job that fails: title and lines."""

from django.urls import reverse

from checkout.alerts.notices import Notice, key_of, next_steps
from saga.models import Alert

FAILED_JOB = "failed_job"
ANCHOR = "an-alert-says-that-a-periodic-job-fails"


def write(alert: Alert) -> Notice:
    job = key_of(alert)
    return f'The periodic job "{job}" fails', [
        "What it should do is not done. The other jobs go on, and it is tried again.",
        "The log of the sweeper has the error.",
        *next_steps(reverse("admin:index"), ANCHOR),
    ]


WRITERS = {FAILED_JOB: write}
