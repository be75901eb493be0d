"""The alert about a periodic job that fails: title and lines."""

from django.utils.translation import gettext

from checkout.alerts.notices import Notice, key_of, next_steps
from saga.models import Alert
from shop.web.admin_addresses import first_page

FAILED_JOB = "failed_job"
ANCHOR = "an-alert-says-that-a-periodic-job-fails"


def write(alert: Alert) -> Notice:
    job = key_of(alert)
    return gettext("The periodic job “%(job)s” fails") % {"job": job}, [
        gettext(
            "What it should do is not done. The other jobs go on, and it is tried "
            "again."
        ),
        gettext("The log of the sweeper has the error."),
        *next_steps(first_page(), ANCHOR),
    ]


WRITERS = {FAILED_JOB: write}
