from checkout.promotions import codes, customers


def test_width_case_spaces_and_hyphens_make_no_difference() -> None:
    same = ["WELCOME-10", "welcome10", "ＷＥＬＣＯＭＥ－１０", " Welcome ‐ 10 "]  # noqa: RUF001

    assert {codes.key_of(typed) for typed in same} == {"welcome10"}


def test_what_folds_to_more_than_a_code_has_is_no_code() -> None:
    assert codes.key_of("ﷺ" * 5) == ""
    assert codes.key_of("- -") == ""


def test_drawn_codes_differ_and_are_found_again() -> None:
    drawn = {codes.draw("SUMMER") for _code in range(200)}

    assert len(drawn) == 200
    assert all(len(codes.key_of(code)) == 16 for code in drawn)


def test_a_customer_is_the_same_in_any_width_and_case() -> None:
    assert customers.key_of("Hanako@Example.JP") == customers.key_of(
        "ｈａｎａｋｏ@example．jp"  # noqa: RUF001
    )
    assert customers.key_of("hanako+shop@example.jp") != customers.key_of(
        "hanako@example.jp"
    )
    assert "hanako" not in customers.key_of("hanako@example.jp")
