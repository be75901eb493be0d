"""Find the code that runs a saga."""

from saga.definition import get_definition
from saga.errors import UnknownDefinition
from saga.execution import Execution
from saga.models import Saga


def resolve(saga: Saga) -> Execution:
    """Return the saga with its definition in this code, which has its present step.

    If that step has items, this code has their definition as well.

    Raises UnknownDefinition, whose message says what to deploy, if there is none.
    """
    definition = get_definition(saga.definition)
    definition.check_version(saga.version)
    execution = Execution(saga, definition)
    step = execution.step
    if saga.branch and step.branch != saga.branch:
        # The main path would do it as well.
        message = (
            f"this code no longer has {step.name!r} of {saga.definition!r} in branch"
            f" {saga.branch!r}: deploy the version that has it there"
        )
        raise UnknownDefinition(message)
    if step.over:
        get_definition(step.over.definition)
    return execution


def find_obstacle(saga: Saga) -> UnknownDefinition | None:
    """Return the error that holds the saga back under this code, or None."""
    try:
        resolve(saga)
    except UnknownDefinition as error:
        return error
    return None
