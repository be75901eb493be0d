"""What today's code has for a saga: its definition and step, or why it has none."""

from saga.definition import Definition, Step, get_definition
from saga.errors import UnknownDefinition
from saga.models import Direction, Saga


def fit(saga: Saga) -> tuple[Definition, Step]:
    """Return the saga's definition and step in this code.

    Raises UnknownDefinition, which says what to deploy, when it has none.
    """
    definition = get_definition(saga.definition)
    definition.check_version(saga.version)
    step = definition.step(saga.step, undo=saga.direction == Direction.UNDO)
    if saga.branch and step.branch != saga.branch:
        # The main path would do it as well.
        message = (
            f"this code no longer has {step.name!r} of {saga.definition!r} in branch"
            f" {saga.branch!r}: deploy the version that has it there"
        )
        raise UnknownDefinition(message)
    return definition, step


def why_held_back(saga: Saga) -> str:
    """Say why this code cannot continue the saga; empty when it can."""
    try:
        fit(saga)
    except UnknownDefinition as error:
        return str(error)
    return ""
