"""Keeping what was found: once each, until it is gone; and what a person says to it."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from checkout.reconciliation.findings import Finding
from checkout.reconciliation.models import Mismatch


class NotExplainable(Exception):
    """It is gone, or somebody explained it first; nothing was changed."""


def keep(finding: Finding, now: datetime) -> bool:
    """Write down that ``finding`` was seen; return whether it is new.

    What somebody explained and has changed since is a new one.
    """
    rows = Mismatch.objects.open().filter(kind=finding.kind, subject=finding.subject)
    if rows.filter(facts=finding.facts).update(last_seen=now):
        return False
    if rows.filter(explained_at=None).update(last_seen=now, facts=finding.facts):
        return False
    try:
        with transaction.atomic():
            rows.update(resolved_at=now)
            Mismatch.objects.create(
                kind=finding.kind,
                subject=finding.subject,
                order_number=finding.order_number,
                intent_id=finding.intent_id,
                facts=finding.facts,
                first_seen=now,
                last_seen=now,
            )
    except IntegrityError:
        # Another run saw it at the same moment, and keeps it.
        return False
    return True


def resolve_unseen(since: datetime, now: datetime) -> int:
    """Close what a whole run that began at ``since`` did not find any more."""
    gone = Mismatch.objects.open().filter(last_seen__lt=since)
    return gone.update(resolved_at=now)


def explain(mismatch: Mismatch, actor: str, note: str) -> None:
    """Let a mismatch stand: ``actor`` knows why. Raises NotExplainable."""
    rows = Mismatch.objects.open().filter(pk=mismatch.pk, explained_at=None)
    explained = rows.update(
        explained_at=timezone.now(), explained_by=actor, note=note.strip()
    )
    if not explained:
        raise NotExplainable(mismatch)
    mismatch.refresh_from_db()
