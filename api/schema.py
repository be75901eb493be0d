"""The schema. It is written to docs/schema.graphql, and a test holds the two equal."""

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from api.mutations.cart import CartMutation
from api.mutations.orders import OrderMutation
from api.queries.catalogue import CatalogueQuery
from api.queries.shop import ShopQuery
from api.queries.visitor import VisitorQuery
from api.refusals import Refusal
from api.subscriptions import Subscription
from api.types.money import MINOR_UNITS, MinorUnits


@strawberry.type
class Query(ShopQuery, CatalogueQuery, VisitorQuery):
    pass


@strawberry.type
class Mutation(CartMutation, OrderMutation):
    pass


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Refusal],
    config=StrawberryConfig(scalar_map={MinorUnits: MINOR_UNITS}),
)
# What graphql-core executes. Strawberry's own way parses and validates each time.
CORE: GraphQLSchema = SCHEMA._schema  # noqa: SLF001 (it has no public name)


def text() -> str:
    """Return the schema in GraphQL's own language."""
    return f"{SCHEMA.as_str().strip()}\n"
