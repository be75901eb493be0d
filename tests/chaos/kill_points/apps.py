from django.apps import AppConfig


class KillPointsConfig(AppConfig):
    name = "tests.chaos.kill_points"

    def ready(self) -> None:
        from tests.chaos.kill_points import steps, stream  # noqa: PLC0415

        steps.give_kill_points()
        stream.give_kill_points()
