"""The deletion request: collect, wait, erase, certify."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from flows.alerts import channels
from flows.erasure import steps
from flows.registry import Flow, local, register_flow
from saga.definition import Definition
from shop.customers.registration import find

ERASURE = Definition(
    name="erasure",
    version=1,
    title=_("Deletion request"),
    channels=channels,
    background=True,
    steps=(
        local(
            "collect",
            _("Collect what there is"),
            steps.collect,
            steps.forget_request,
        ),
        local("await_day", _("Time to change one's mind"), steps.await_day),
        local("erase", _("Erase the account"), steps.erase, pivot=True),
        local("certify", _("Certify the erasure"), steps.certify),
    ),
)


def read_customer(typed: str) -> str:
    """Return the key of the account with this address. Raises ValueError."""
    customer = find(typed.strip().lower())
    if customer is None:
        raise ValueError(gettext("There is no account with this address."))
    return str(customer.pk)


FLOW = register_flow(
    Flow(
        ERASURE,
        _(
            "Erases a customer's account some weeks after the request, and certifies "
            "it. Orders stay in the books. Cancelling keeps the account."
        ),
        permission="flows.run_erasure",
        read_reference=read_customer,
        hint=_("The mail address of the account."),
    )
)
