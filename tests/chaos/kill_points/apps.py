from django.apps import AppConfig


class KillPointsConfig(AppConfig):
    name = "tests.chaos.kill_points"

    def ready(self) -> None:
        from tests.chaos.kill_points.steps import give_kill_points  # noqa: PLC0415

        give_kill_points()
