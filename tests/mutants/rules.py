"""Changes that no test should have to notice: they are not made at all.

Each rule has its reason. A single change of that sort belongs into explained.toml.
"""

import libcst as cst
import libcst.matchers as m

# What is written for people may be worded otherwise, and no caller reads it: log lines,
# translated texts, and the ``message`` of an exception (ruff's EM has it named so).
# What an exception carries besides (a code, a pause, who must act) is changed.
_LOG = m.Call(m.Attribute(m.Name("logger")))
_TRANSLATED = m.Call(
    m.Name("_") | m.Name("gettext") | m.Name("gettext_lazy") | m.Name("ngettext")
)
_MESSAGE = m.Name("message")
_MESSAGE_SET = m.Assign(targets=[m.AssignTarget(_MESSAGE)])
_SUPER = m.Call(m.Attribute(m.Call(m.Name("super")), m.Name("__init__")))
_LITERAL = m.SimpleString() | m.FormattedString() | m.ConcatenatedString()

# These decide what a query costs, and not one row of what it returns or writes.
# select_for_update is not among them.
_READ_AHEAD = m.Call(
    m.Attribute(attr=m.Name("select_related") | m.Name("prefetch_related"))
)
_SAVEPOINT = m.Arg(keyword=m.Name("savepoint"))

_LEFT_ALONE = _LOG | _TRANSLATED | _MESSAGE_SET | _READ_AHEAD | _SAVEPOINT
# Matching is slow, and almost no node is of one of their classes.
_CLASSES = (cst.Call, cst.Assign, cst.Arg)


def is_left_alone(node: cst.CSTNode) -> bool:
    """Return whether nothing in ``node`` is changed."""
    return isinstance(node, _CLASSES) and m.matches(node, _LEFT_ALONE)


def is_for_people(call: cst.Call, argument: cst.Arg) -> bool:
    """Return whether the call may be given anything, or nothing, for ``argument``."""
    is_text = m.matches(call, _SUPER) and m.matches(argument.value, _LITERAL)
    is_message = m.matches(argument, m.Arg(_MESSAGE, keyword=None))
    return is_text or is_message or m.matches(argument, _SAVEPOINT)
