"""A million sagas that have ended, in some seconds. PostgreSQL only."""

from django.db import connection

FINISHED = 1_000_000

# Every hundredth saga stopped, and its alert was sent.
_FILL = """
INSERT INTO saga_saga (uid, definition, version, reference, parent_step, branch, state,
    direction, step, attempt, relaunches, fence, signals, claimed_by, due_at,
    sweep_at, pivot_at, data, reason, waiting_for, error_kind, error_class, error,
    created_at, finished_at, failed_at, alert_wanted_at, alert_noted_at, alerted_at)
SELECT gen_random_uuid(), 'checkout', 1, 'F-' || n, '', '',
    CASE WHEN stopped THEN 'failed' ELSE 'done' END, 'do', 'send_confirmation',
    0, 0, 5, 0, '', t, t, t, '{}', '', '', '', '', '', t,
    CASE WHEN NOT stopped THEN t END, told, told, told, told
FROM (SELECT n, t, stopped, CASE WHEN stopped THEN t END AS told
      FROM (SELECT n, now() - n * interval '1 second' AS t, n %% 100 = 0 AS stopped
            FROM generate_series(1, %s) AS n) AS numbered) AS finished
"""
# Not what is measured, and the larger part of the time that filling takes.
WITHOUT_UNIQUENESS = """
SELECT format('ALTER TABLE saga_saga DROP CONSTRAINT %I', conname)
FROM pg_constraint WHERE conrelid = 'saga_saga'::regclass AND contype = 'u'
"""


def fill(count: int) -> None:
    """Write ``count`` sagas that have ended, or stopped with a sent alert."""
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_UNIQUENESS)
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        cursor.execute(_FILL, [count])
        cursor.execute("ANALYZE saga_saga")
