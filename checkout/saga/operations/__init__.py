"""What others may do to a saga: the shop starts and wakes it, staff do the rest.

Staff's acts take who did it and why, and ``seen``, the fence that was looked at: what
has moved on since is left alone. Of any number who press at once one wins; the others
get an ActRefused that says why.
"""

from checkout.saga.operations.answering import answer
from checkout.saga.operations.cancelling import cancel
from checkout.saga.operations.marking import mark_done
from checkout.saga.operations.planning import Act, Plan, open_acts, plan
from checkout.saga.operations.resuming import open_inputs, resume
from checkout.saga.operations.skipping import skip
from checkout.saga.operations.starting import start, wake

__all__ = [
    "Act",
    "Plan",
    "answer",
    "cancel",
    "mark_done",
    "open_acts",
    "open_inputs",
    "plan",
    "resume",
    "skip",
    "start",
    "wake",
]
