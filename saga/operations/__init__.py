"""What others may do to a saga: the shop starts and wakes it, staff do the rest.

Staff's acts take who did it and why, and ``seen``, the fence that was looked at: what
has moved on since is left alone. Of any number who press at once one wins; the others
get an ActRefused that says why.
"""

from saga.operations.answer import answer
from saga.operations.cancel import cancel
from saga.operations.mark_done import mark_done
from saga.operations.preview import Act, Plan, open_acts, plan
from saga.operations.resume import open_inputs, resume
from saga.operations.skip import skip
from saga.operations.start import start, wake

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
