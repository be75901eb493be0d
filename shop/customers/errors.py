"""Why something about an account was refused."""


class CodeRefused(Exception):
    """The code is wrong. ``left``: how many more tries it has."""

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(f"wrong code, {left} tries left")


class CodeOver(Exception):
    """The code was used before, is too old, or had too many wrong tries."""


class EmailTaken(Exception):
    """Another account has this mail address."""

    def __init__(self, email: str) -> None:
        self.email = email
        super().__init__(email)


class AccountClosed(Exception):
    """Staff have closed the account with this mail address."""
