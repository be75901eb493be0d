import re
from datetime import date

from orders.models import new_number


def test_a_number_starts_with_the_day_and_reads_without_doubt() -> None:
    numbers = [new_number(date(2026, 11, 21)) for _n in range(300)]

    for number in numbers:
        assert re.fullmatch(r"261121-[0-9A-HJKMNP-TV-Z]{6}", number)
    assert len(set(numbers)) == len(numbers)
