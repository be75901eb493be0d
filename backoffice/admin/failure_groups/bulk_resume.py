"""Read the progress of a bulk resume for its page."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from backoffice import wording
from orders.models import Order
from orders.numbers import order_of
from saga.models import LIVE, BulkResume, BulkResumeMember, State
from shop.formatting import Wording

SHOWN = 200
LATEST = 10

_HEADLINES: dict[str, Wording] = {
    "running": _("Under way: %(resumed)d of %(count)d resumed."),
    "done": _("All done: %(resumed)d of %(count)d resumed."),
    "repeated": _("Stopped automatically: an order failed again in the same way."),
    "undecided": _(
        "Stopped automatically: the first orders were not completed in time."
    ),
    "stopped": _("Stopped by %(who)s: the rest was left as it was."),
}
_TONES = {"running": "calm", "done": "ok"}


@dataclass(frozen=True)
class Row:
    """One order of the bulk resume; ``now`` is the present state of its saga."""

    number: str
    pk: int | None
    outcome: str
    refusal: str
    now: str
    is_bad: bool


@dataclass(frozen=True)
class Progress:
    """A bulk resume with its counts; ``through`` and ``failed`` are of resumed ones."""

    bulk_resume: BulkResume
    count: int
    resumed: int
    refused: int
    left: int
    pending: int
    through: int
    failed: int
    rows: list[Row]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)

    @property
    def step(self) -> str:
        return wording.step_title(self.bulk_resume.step)

    @property
    def tone(self) -> str:
        return _TONES.get(self.bulk_resume.state, "bad")

    @property
    def headline(self) -> str:
        values = {
            "resumed": self.resumed,
            "count": self.count,
            "who": self.bulk_resume.detail,
        }
        return str(_HEADLINES[self.bulk_resume.state]) % values

    @property
    def is_moving(self) -> bool:
        return self.bulk_resume.state == BulkResume.State.RUNNING

    @property
    def waits_for_first(self) -> bool:
        enough = self.resumed >= self.bulk_resume.canary > 0
        return self.is_moving and enough and self.bulk_resume.passed_at is None


@dataclass(frozen=True)
class Listed:
    """One of the latest bulk resumes."""

    row: BulkResume

    @property
    def title(self) -> str:
        return wording.step_title(self.row.step)


def list_latest() -> list[Listed]:
    """Return the LATEST bulk resumes, newest first."""
    return [Listed(row) for row in BulkResume.objects.all()[:LATEST]]


def read_progress(bulk_resume: BulkResume) -> Progress:
    """Return the progress: three queries for any number of orders."""
    members = list(bulk_resume.members.select_related("saga"))
    outcomes = Counter(member.outcome for member in members)
    resumed = [m for m in members if m.outcome == BulkResumeMember.Outcome.RESUMED]
    shown = members[:SHOWN]
    keys = dict(
        Order.objects.filter(
            number__in=[order_of(member.saga.reference) for member in shown]
        ).values_list("number", "pk")
    )
    return Progress(
        bulk_resume,
        len(members),
        outcomes[BulkResumeMember.Outcome.RESUMED],
        outcomes[BulkResumeMember.Outcome.REFUSED],
        outcomes[BulkResumeMember.Outcome.LEFT],
        outcomes[BulkResumeMember.Outcome.PENDING],
        sum(member.saga.state not in (*LIVE, State.FAILED) for member in resumed),
        sum(member.saga.state == State.FAILED for member in resumed),
        [_row(member, keys) for member in shown],
    )


def _row(member: BulkResumeMember, keys: dict[str, int]) -> Row:
    saga = member.saga
    return Row(
        saga.reference,
        keys.get(order_of(saga.reference)),
        member.get_outcome_display(),
        member.refusal,
        str(saga.get_state_display()),
        saga.state == State.FAILED and member.outcome == "resumed",
    )
