"""Five durable steps in DBOS, driven over standard input: one number, one batch.

``python -m benchmarks.dbos_saga URL``; prints ``ready``, then ``done`` per batch.
"""

# DBOS is installed by ``make bench`` only; the checks have to pass without it.
# mypy: ignore-errors

import sys

from dbos import DBOS, DBOSConfig


@DBOS.step()
def step(name: str, order: int) -> str:
    return f"{name}:{order}"


@DBOS.workflow()
def saga(order: int) -> None:
    for name in ("reserve", "authorize", "capture", "fulfil", "mail"):
        step(name, order)


def main(url: str) -> None:
    config: DBOSConfig = {
        "name": "bench",
        "system_database_url": url,
        "log_level": "ERROR",
        "run_migrations": True,
    }
    DBOS(config=config)
    DBOS.launch()
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        handles = [DBOS.start_workflow(saga, order) for order in range(int(line))]
        for handle in handles:
            handle.get_result()
        print("done", flush=True)  # noqa: T201
    DBOS.destroy()


if __name__ == "__main__":
    main(sys.argv[1])
