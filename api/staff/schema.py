"""The schema of staff. It is written to docs/schema.staff.graphql, and tested."""

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from api.staff.mutations.goods import StockMutation
from api.staff.mutations.orders import OrderMutation
from api.staff.queries import Query
from api.types.money import MINOR_UNITS, MinorUnits


@strawberry.type
class Mutation(OrderMutation, StockMutation):
    pass


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(scalar_map={MinorUnits: MINOR_UNITS}),
)
CORE: GraphQLSchema = SCHEMA._schema  # noqa: SLF001 (it has no public name)


def text() -> str:
    """Return the schema in GraphQL's own language."""
    return f"{SCHEMA.as_str().strip()}\n"
