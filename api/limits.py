"""What a document may ask for: its length, depth, aliases and cost.

The cost counts fields; what stands inside a list is counted for each of its rows. It is
known before anything is read, for the variables that were sent. A field of a mutation
costs more, because it writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
)
from graphql.language import Visitor, visit

from api.errors import Fault, RequestRefused

MOST_TOKENS = 2_000
MOST_DEPTH = 12
# Of questions about the schema: clients ask for types of types of types.
MOST_SCHEMA_DEPTH = 18
MOST_ALIASES = 20
MOST_COST = 10_000
MOST_OPERATIONS = 1
# Rows of a list whose length nobody says: variants, lines, pictures.
_ROWS = 5
_PAGED = "first"
_WRITING = 200  # of each field of a mutation


class _Structure(Visitor):
    """Counts aliases, and looks for text that the databases cannot keep."""

    def __init__(self) -> None:
        super().__init__()
        self.aliases = 0
        self.has_nul = False

    def enter_field(self, node: FieldNode, *_rest: Any) -> None:
        self.aliases += node.alias is not None

    def enter_string_value(self, node: StringValueNode, *_rest: Any) -> None:
        self.has_nul |= "\0" in node.value


def check_structure(document: DocumentNode) -> None:
    """Raise RequestRefused if the document is too much whatever its variables are.

    The document must be valid: fragments that contain themselves are not.
    """
    found = _Structure()
    visit(document, found)
    if found.has_nul:
        raise RequestRefused(
            Fault.NUL, "Text with the character U+0000 is not accepted."
        )
    if found.aliases > MOST_ALIASES:
        message = f"At most {MOST_ALIASES} aliases; there are {found.aliases}."
        raise RequestRefused(Fault.TOO_MANY_ALIASES, message)
    operations = [
        each
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
    ]
    if len(operations) > MOST_OPERATIONS:
        raise RequestRefused(
            Fault.TOO_MANY_OPERATIONS, "Send one operation a document."
        )
    measure = _Depth(_fragments_of(document))
    for operation in operations:
        _check_depth(measure, operation.selection_set)


def _check_depth(measure: "_Depth", root: SelectionSetNode) -> None:
    deepest = measure.of(root)
    fields = [each for each in root.selections if isinstance(each, FieldNode)]
    asks_schema = any(each.name.value in ("__schema", "__type") for each in fields)
    most = MOST_SCHEMA_DEPTH if asks_schema else MOST_DEPTH
    if deepest > most:
        message = f"At most {most} levels; there are {deepest}."
        raise RequestRefused(Fault.TOO_DEEP, message)


@dataclass
class _Depth:
    fragments: Mapping[str, FragmentDefinitionNode]
    # Each fragment is measured once, however often it is spread.
    known: dict[str, int] = field(default_factory=dict)

    def of(self, selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        return max((self._of_one(each) for each in selections.selections), default=0)

    def _of_one(self, node: Any) -> int:
        if isinstance(node, FieldNode):
            return 1 + self.of(node.selection_set)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set)
        name = node.name.value
        if name not in self.known:
            self.known[name] = self.of(self.fragments[name].selection_set)
        return self.known[name]


def cost_of(
    document: DocumentNode, schema: GraphQLSchema, variables: Mapping[str, Any]
) -> int:
    """Return the cost of the document's operation. The document must be valid."""
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            known = _defaults_of(node) | dict(variables)
            reckoning = _Cost(_fragments_of(document), schema, known)
            root = schema.get_root_type(node.operation)
            return reckoning.of(node.selection_set, root)
    return 0


def _defaults_of(operation: OperationDefinitionNode) -> dict[str, Any]:
    """Return what the document says for variables that may be left out."""
    return {
        each.variable.name.value: int(each.default_value.value)
        for each in operation.variable_definitions or ()
        if isinstance(each.default_value, IntValueNode)
    }


def check_cost(cost: int) -> None:
    if cost > MOST_COST:
        message = (
            f"The query costs {cost}, more than {MOST_COST}. Ask for fewer rows "
            "(`first`) or fields."
        )
        raise RequestRefused(Fault.TOO_EXPENSIVE, message)


@dataclass
class _Cost:
    fragments: Mapping[str, FragmentDefinitionNode]
    schema: GraphQLSchema
    variables: Mapping[str, Any]
    known: dict[str, int] = field(default_factory=dict)

    def of(self, selections: SelectionSetNode | None, parent: Any) -> int:
        if selections is None:
            return 0
        return sum(self._of_one(each, parent) for each in selections.selections)

    def _of_one(self, node: Any, parent: Any) -> int:
        if isinstance(node, FieldNode):
            return self._of_field(node, parent)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set, self._type_of(node, parent))
        name = node.name.value
        if name not in self.known:
            fragment = self.fragments[name]
            self.known[name] = self.of(
                fragment.selection_set, self._type_of(fragment, parent)
            )
        return self.known[name]

    def _type_of(self, node: Any, parent: Any) -> Any:
        condition = node.type_condition
        return self.schema.get_type(condition.name.value) if condition else parent

    def _of_field(self, node: FieldNode, parent: Any) -> int:
        found = getattr(parent, "fields", {}).get(node.name.value)
        if found is None:  # of the introspection, which is limited by its depth
            return 1 + self.of(node.selection_set, None)
        kind, is_list = _unwrapped(found.type)
        inside = self.of(node.selection_set, kind)
        if parent is self.schema.mutation_type:
            return _WRITING + inside
        if _PAGED in found.args:
            return 1 + inside * self._first(node, found.args[_PAGED].default_value)
        # The rows of a page were counted by its `first`.
        is_paged = isinstance(parent, GraphQLObjectType) and "pageInfo" in parent.fields
        return 1 + inside * (_ROWS if is_list and not is_paged else 1)

    def _first(self, node: FieldNode, default: Any) -> int:
        value = default
        for argument in node.arguments or ():
            if argument.name.value != _PAGED:
                continue
            if isinstance(argument.value, IntValueNode):
                value = int(argument.value.value)
            elif isinstance(argument.value, VariableNode):
                value = self.variables.get(argument.value.name.value, default)
        # JSON writes a hundred also as 100.0, and GraphQL takes it.
        is_number = isinstance(value, int) or (
            isinstance(value, float) and value.is_integer()
        )
        return max(1, int(value)) if is_number else 1


def _unwrapped(kind: Any) -> tuple[Any, bool]:
    """Return the named type, and whether it stands in a list."""
    is_list = False
    while isinstance(kind, GraphQLNonNull | GraphQLList):
        is_list |= isinstance(kind, GraphQLList)
        kind = kind.of_type
    return kind, is_list


def _fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
