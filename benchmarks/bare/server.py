"""Gunicorn's settings of the shop, without its heartbeat, which needs its tables."""

from pathlib import Path
from runpy import run_path

_SHOP = Path(__file__).parents[2] / "gunicorn.conf.py"
globals().update(
    {
        name: value
        for name, value in run_path(str(_SHOP)).items()
        if not name.startswith("_") and name != "post_worker_init"
    }
)
