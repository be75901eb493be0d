"""The tables of sagas. They hold all state; messages and workers may be lost."""

from saga.models.alert import Alert, AlertDelivery
from saga.models.attempt import Attempt
from saga.models.bulk_resume import BulkResume, BulkResumeMember
from saga.models.callback import Callback
from saga.models.circuit_breaker import Breaker
from saga.models.metric import MetricSnapshot
from saga.models.processes import Heartbeat, PeriodicJob
from saga.models.saga import (
    CLAIMABLE,
    ENDED,
    INPUT,
    LIVE,
    Direction,
    Saga,
    SagaQuerySet,
    State,
)
from saga.models.tally import StepTally

__all__ = [
    "CLAIMABLE",
    "ENDED",
    "INPUT",
    "LIVE",
    "Alert",
    "AlertDelivery",
    "Attempt",
    "Breaker",
    "BulkResume",
    "BulkResumeMember",
    "Callback",
    "Direction",
    "Heartbeat",
    "MetricSnapshot",
    "PeriodicJob",
    "Saga",
    "SagaQuerySet",
    "State",
    "StepTally",
]
