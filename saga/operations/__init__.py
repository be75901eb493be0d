"""Operations on a saga: the shop starts, wakes and answers it, staff do the rest.

Actions of staff take who did it and why, and ``seen``, the fence of the saga when they
decided: a saga that has moved on since is not changed. Of any number of callers at once
one wins; the others get an ActionRefused that says why.
"""

from saga.operations.answer import answer
from saga.operations.cancel import cancel
from saga.operations.decide import Decider, decide, open_decision
from saga.operations.mark_done import mark_done
from saga.operations.pass_pivot import pass_pivot
from saga.operations.preview import Action, Preview, open_actions, preview
from saga.operations.resume import open_inputs, resume
from saga.operations.skip import skip
from saga.operations.start import start, start_once, wake

__all__ = [
    "Action",
    "Decider",
    "Preview",
    "answer",
    "cancel",
    "decide",
    "mark_done",
    "open_actions",
    "open_decision",
    "open_inputs",
    "pass_pivot",
    "preview",
    "resume",
    "skip",
    "start",
    "start_once",
    "wake",
]
