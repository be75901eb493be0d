"""The worklist: what needs staff besides stalled orders, one line each."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from backoffice import permissions
from backoffice.admin.dashboard.line import Line
from backoffice.admin.dashboard.metrics import list_processes
from backoffice.admin.dashboard.stock_worklist import stock_lines
from backoffice.admin.packing.selectors import (
    Readiness,
    count_waiting,
    write_count,
)
from checkout.contact.models import Enquiry
from checkout.reconciliation.models import Mismatch
from checkout.webhooks import problems
from flows.services import needing_staff
from orders.models import Cancellation, Dispute, Refund, Return, Shortage
from orders.selectors import unpaid_parcels
from saga.heartbeat import wrong_clocks
from saga.models import Breaker, Heartbeat, Saga, State

# After this time without a clear answer of the bank, staff see the order here.
UNKNOWN_FOR = timedelta(minutes=10)
# If a saga is overdue for so long, no sweeper is running.
OVERDUE_FOR = timedelta(minutes=2)
REFUNDS_OF = timedelta(days=14)

Person = User | AnonymousUser


def list_lines(user: Person, now: datetime) -> list[Line]:
    """Return the lines that this user may see: at most one query each."""
    parts: list[tuple[tuple[str, ...], Callable[[], Iterator[Line]]]] = [
        (
            (permissions.VIEW_STALLED, permissions.RESUME_STALLED),
            lambda: _of_sagas(now),
        ),
        (("checkout.view_webhookproblem",), lambda: _of_webhooks(now)),
        (("checkout.view_mismatch", permissions.EXPLAIN_MISMATCH), _of_mismatches),
        (("orders.view_dispute",), _of_disputes),
        (
            ("orders.view_cancellation", permissions.DECIDE_CANCELLATION),
            _of_cancellations,
        ),
        (("checkout.view_enquiry", permissions.ANSWER_ENQUIRY), _of_enquiries),
        (("orders.view_return", permissions.HANDLE_RETURN), _of_returns),
        (("orders.view_refund",), lambda: _of_refunds(now)),
        ((permissions.SHIP_ORDER,), _of_unpaid_parcels),
        ((permissions.SHIP_ORDER,), _of_packing),
        ((permissions.RELEASE_ORDER,), _of_releases),
        (
            ("orders.view_shortage", permissions.SETTLE_SHORTAGE),
            lambda: _of_shortages(now),
        ),
        (("inventory.view_stockitem",), stock_lines),
        ((permissions.VIEW_FLOW,), _of_flows),
    ]
    return [line for names, read in parts if _may(user, *names) for line in read()]


def _may(user: Person, *names: str) -> bool:
    return any(user.has_perm(name) for name in names)


def _of_sagas(now: datetime) -> Iterator[Line]:
    listed = reverse("admin:backoffice_stalledorder_changelist")
    for process in list_processes(now):
        if process.is_silent:
            text = gettext("%(role)s: none running, last seen: %(seen)s")
            values = {"role": process.title, "seen": process.seen}
            yield Line(text % values, reverse("admin:saga_heartbeat_changelist"))
    for beat in wrong_clocks():
        yield Line(_describe_clock(beat), reverse("admin:saga_heartbeat_changelist"))
    for breaker in Breaker.objects.exclude(state=Breaker.State.CLOSED):
        text = gettext("%(name)s does not answer: orders that need it wait")
        url = reverse("admin:saga_breaker_changelist")
        yield Line(text % {"name": breaker.name}, url)
    live = Saga.objects.live()
    unknown = live.filter(error_kind="unknown", created_at__lt=now - UNKNOWN_FOR)
    if count := unknown.count():
        text = ngettext(
            "%(count)d order has waited long for the bank's clear answer",
            "%(count)d orders have waited long for the bank's clear answer",
            count,
        )
        yield Line(text % {"count": count}, f"{listed}?state=running")
    # A joining saga is late only because its branches are.
    alone = live.exclude(state=State.JOINING)
    overdue = alone.filter(claimed_by="", due_at__lt=now - OVERDUE_FOR)
    if count := overdue.count():
        text = ngettext(
            "%(count)d order is past its time, and nothing looks after it",
            "%(count)d orders are past their time, and nothing looks after them",
            count,
        )
        state = State.RUNNING.value
        if overdue.filter(state=State.WAITING).exists():
            state = State.WAITING.value
        yield Line(text % {"count": count}, f"{listed}?state={state}")


def _describe_clock(beat: Heartbeat) -> str:
    seconds = round((beat.clock_offset or timedelta(0)).total_seconds())
    text = (
        gettext("The clock of %(host)s is %(seconds)d s fast: switch on NTP there")
        if seconds > 0
        else gettext("The clock of %(host)s is %(seconds)d s slow: switch on NTP there")
    )
    return text % {"host": beat.host, "seconds": abs(seconds)}


def _of_webhooks(now: datetime) -> Iterator[Line]:
    url = reverse("admin:checkout_webhookproblem_changelist")
    for problem in problems.lately(now):
        text = gettext("Webhooks of Stripe are not taken: %(cause)s")
        yield Line(text % {"cause": problem.get_cause_display()}, url)


def _of_mismatches() -> Iterator[Line]:
    if count := Mismatch.objects.unexplained().count():
        text = ngettext(
            "%(count)d difference between Stripe, orders and stock is not explained",
            "%(count)d differences between Stripe, orders and stock are not explained",
            count,
        )
        listed = reverse("admin:checkout_mismatch_changelist")
        yield Line(text % {"count": count}, f"{listed}?status=unexplained")


def _of_disputes() -> Iterator[Line]:
    needing = (Dispute.Status.REPORTED, Dispute.Status.NEEDS_RESPONSE)
    if count := Dispute.objects.filter(status__in=needing).count():
        text = ngettext(
            "%(count)d dispute needs an answer",
            "%(count)d disputes need an answer",
            count,
        )
        listed = reverse("admin:orders_dispute_changelist")
        url = f"{listed}?status__exact={Dispute.Status.NEEDS_RESPONSE.value}"
        yield Line(text % {"count": count}, url)


def _of_refunds(now: datetime) -> Iterator[Line]:
    failed = Refund.objects.filter(
        status=Refund.Status.FAILED, failed_at__gte=now - REFUNDS_OF
    )
    if count := failed.count():
        text = ngettext(
            "%(count)d refund failed within two weeks",
            "%(count)d refunds failed within two weeks",
            count,
        )
        listed = reverse("admin:orders_refund_changelist")
        url = f"{listed}?status__exact={Refund.Status.FAILED.value}"
        yield Line(text % {"count": count}, url)


def _of_cancellations() -> Iterator[Line]:
    """Yield the requests to cancel that wait for a decision."""
    if count := Cancellation.objects.open().count():
        text = ngettext(
            "%(count)d customer asks to cancel an order",
            "%(count)d customers ask to cancel an order",
            count,
        )
        yield Line(
            text % {"count": count}, reverse("admin:orders_cancellation_changelist")
        )


def _of_enquiries() -> Iterator[Line]:
    if count := Enquiry.objects.waiting().count():
        text = ngettext(
            "%(count)d message from a customer waits for an answer",
            "%(count)d messages from customers wait for an answer",
            count,
        )
        listed = reverse("admin:checkout_enquiry_changelist")
        yield Line(text % {"count": count}, listed, "low")


def _of_returns() -> Iterator[Line]:
    """Yield the returns to be decided, and those that arrived and are not settled."""
    listed = reverse("admin:orders_return_changelist")
    if count := Return.objects.open().count():
        text = ngettext(
            "%(count)d customer asks to return items",
            "%(count)d customers ask to return items",
            count,
        )
        yield Line(text % {"count": count}, f"{listed}?status=requested")
    if count := Return.objects.arrived().count():
        text = ngettext(
            "%(count)d return has arrived: refund it or close it",
            "%(count)d returns have arrived: refund them or close them",
            count,
        )
        yield Line(text % {"count": count}, f"{listed}?status=received")
    if count := Return.objects.to_send().count():
        text = ngettext(
            "%(count)d exchange is to be sent",
            "%(count)d exchanges are to be sent",
            count,
        )
        yield Line(text % {"count": count}, f"{listed}?status=exchange")


def _of_unpaid_parcels() -> Iterator[Line]:
    """Yield the parcels that are held because nothing is left of their charge."""
    if count := unpaid_parcels().count():
        text = ngettext(
            "%(count)d parcel must not be sent: nothing is left of its charge",
            "%(count)d parcels must not be sent: nothing is left of their charge",
            count,
        )
        listed = reverse("admin:orders_order_changelist")
        yield Line(text % {"count": count}, f"{listed}?back=unsent")


def _of_packing() -> Iterator[Line]:
    """Yield how many orders wait at the packing desk."""
    yield from _at_the_desk(Readiness.READY, gettext("Orders to pack: %(count)s"))


def _of_releases() -> Iterator[Line]:
    """Yield how many orders are charged only when staff release them."""
    yield from _at_the_desk(Readiness.RELEASE, gettext("Orders to release: %(count)s"))


def _at_the_desk(readiness: Readiness, text: str) -> Iterator[Line]:
    if count := count_waiting(readiness):
        listed = reverse("admin:backoffice_ordertoship_changelist")
        url = f"{listed}?state={readiness.value}"
        yield Line(text % {"count": write_count(count)}, url, "calm")


def _of_shortages(now: datetime) -> Iterator[Line]:
    url = reverse("admin:orders_shortage_changelist")
    open_ = Shortage.objects.filter(status=Shortage.Status.OPEN)
    if count := open_.count():
        text = ngettext(
            "%(count)d order has missing items: decide what to do",
            "%(count)d orders have missing items: decide what to do",
            count,
        )
        yield Line(text % {"count": count}, f"{url}?need=decision")
    today = timezone.localdate(now)
    waiting = Shortage.objects.filter(status=Shortage.Status.WAITING)
    if count := waiting.filter(expected_on__lt=today).count():
        text = ngettext(
            "%(count)d order is waiting for items that are overdue",
            "%(count)d orders are waiting for items that are overdue",
            count,
        )
        yield Line(text % {"count": count}, f"{url}?need=goods")
    if count := Shortage.objects.owing().count():
        text = ngettext(
            "%(count)d refund for missing items is promised but not made",
            "%(count)d refunds for missing items are promised but not made",
            count,
        )
        yield Line(text % {"count": count}, f"{url}?need=refund")


def _of_flows() -> Iterator[Line]:
    if count := needing_staff().count():
        text = gettext("Flows that wait for staff: %(count)d") % {"count": count}
        listed = reverse("admin:backoffice_flow_changelist")
        yield Line(text, f"{listed}?state=attention")
