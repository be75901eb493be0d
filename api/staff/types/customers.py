"""Accounts of customers."""

from datetime import datetime

import strawberry
from strawberry.relay import PageInfo


@strawberry.type(description="The account of a customer.")
class Customer:
    id: strawberry.ID
    email: str
    language: str
    created_at: datetime
    orders: int = strawberry.field(description="How many were placed with it.")


@strawberry.type
class CustomerEdge:
    cursor: str
    node: Customer


@strawberry.type
class CustomerConnection:
    edges: list[CustomerEdge]
    page_info: PageInfo
