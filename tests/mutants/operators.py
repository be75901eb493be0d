"""Which changes mutmut makes: its own, without those that rules.py leaves out."""

from collections.abc import Callable, Iterator
from typing import Any

import libcst as cst
from mutmut.mutation import file_mutation, mutators

from tests.mutants.rules import is_for_people, is_left_alone


def install() -> None:
    """Have mutmut use these rules, in this process and its forks."""
    file_mutation.mutation_operators = [
        (kind, _OTHERS.get(operator, operator))
        for kind, operator in mutators.mutation_operators
    ]
    file_mutation.MutationVisitor = _Visitor


class _Visitor(file_mutation.MutationVisitor):
    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        skipped: bool = super()._skip_node_and_children(node)
        return skipped or is_left_alone(node)


def _one_change(node: cst.BaseString) -> Iterator[cst.CSTNode]:
    """Yield the first change of a string: XX around it.

    In upper case, or in lower case, it is the same fault again.
    """
    yield from list(mutators.operator_string(node))[:1]


def _of_arguments(node: cst.Call) -> Iterator[cst.Call]:
    for changed in mutators.operator_arg_removal(node):
        left = {id(each) for each in changed.args}
        gone = [each for each in node.args if id(each) not in left]
        if not all(is_for_people(node, each) for each in gone):
            yield changed


_OTHERS: dict[Callable[..., Any], Callable[..., Any]] = {
    mutators.operator_string: _one_change,
    mutators.operator_arg_removal: _of_arguments,
}
