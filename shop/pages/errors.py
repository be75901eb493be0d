"""Why a page was not published."""

from django.utils.translation import gettext

from shop.pages.models import PageVersion


class PageChanged(Exception):
    """Somebody published the page meanwhile; ``newest`` is that version.

    Nothing was changed. Staff compare both, and publish again.
    """

    def __init__(self, newest: PageVersion | None) -> None:
        self.newest = newest
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        if self.newest is None:
            return gettext("The page has changed meanwhile. Open it again.")
        text = gettext(
            "%(who)s published version %(number)s meanwhile. Your text is still here: "
            "compare it with that version, then publish again."
        )
        return text % {"who": self.newest.saved_by, "number": self.newest.number}
