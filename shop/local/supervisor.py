"""Run services together: start by need, restart, and stop in reverse order."""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shop.local.console import Console
from shop.local.process import Process
from shop.local.runner import Patience, Runner
from shop.local.service_spec import Service
from shop.local.watchdog import Watchdog

TICK = 0.1  # seconds


class UnknownService(Exception):
    """The command names a service that does not run here."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f'no service "{name}" here; there are {", ".join(known)}')


class Supervisor:
    """All services of one installation. ``run`` blocks until ``request_stop``."""

    def __init__(
        self,
        services: Sequence[Service],
        watchdog: Watchdog,
        console: Console,
        *,
        env: Mapping[str, str],
        cwd: Path,
        patience: Patience | None = None,
    ) -> None:
        self.ready = False
        self._watchdog = watchdog
        self._console = console
        self._env = env
        self._cwd = cwd
        self._stopping = 0
        # A command (another thread) and the tick must not act at the same time.
        self._lock = threading.RLock()
        self._runners = {
            service.name: Runner(
                service, self._launch, console.say, patience or Patience()
            )
            for service in services
        }

    def run(
        self,
        when_ready: Callable[[], None],
        is_abandoned: Callable[[], bool] = lambda: False,
    ) -> None:
        """Start all, call ``when_ready`` once, restart what ends, and stop all.

        Returns after ``request_stop``, or when ``is_abandoned`` returns True.

        Raises:
            StartFailed: a service did not start; all services are stopped.
        """
        try:
            while not self._stopping and not is_abandoned():
                with self._lock:
                    self._tick()
                    ready = all(runner.is_healthy for runner in self._runners.values())
                if ready and not self.ready:
                    self.ready = True
                    when_ready()
                time.sleep(TICK)
        finally:
            self._stop_all()

    def request_stop(self) -> None:
        """Ask ``run`` to end. The second call makes it kill instead of wait."""
        self._stopping += 1

    def status(self) -> list[dict[str, Any]]:
        """Return one entry per service, with its health asked now."""
        with self._lock:
            runners = list(self._runners.values())
        return [
            {
                "name": runner.service.name,
                "state": str(runner.state),
                "healthy": runner.probe(),
                "pid": runner.pid,
                "restarts": runner.restarts,
            }
            for runner in runners
        ]

    def start(self, name: str) -> None:
        with self._lock:
            self._runner(name).start()
            self._console.say(f"{name} is started by hand")

    def stop(self, name: str) -> None:
        with self._lock:
            self._console.say(f"{name} is stopped by hand")
            self._runner(name).stop()

    def kill(self, name: str) -> None:
        with self._lock:
            self._console.say(f"{name} is killed by hand")
            self._runner(name).kill()

    def _runner(self, name: str) -> Runner:
        try:
            return self._runners[name]
        except KeyError:
            raise UnknownService(name, list(self._runners)) from None

    def _tick(self) -> None:
        self._watchdog.renew()
        for runner in self._runners.values():
            needs_met = all(
                self._runners[need].is_healthy for need in runner.service.needs
            )
            runner.step(needs_met=needs_met)

    def _launch(self, service: Service) -> Process:
        return Process(
            service, self._watchdog, self._console, env=self._env, cwd=self._cwd
        )

    def _stop_all(self) -> None:
        with self._lock:
            for runner in reversed(self._runners.values()):
                if runner.process is None:
                    continue
                self._console.say(f"stopping {runner.service.name}")
                if self._stopping > 1:
                    runner.kill()
                else:
                    runner.stop()


def build_environment(**changes: str) -> dict[str, str]:
    """Return our environment with these changes, for the services."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **changes}
