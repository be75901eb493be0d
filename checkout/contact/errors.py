"""Why a message was not changed."""

from django.utils.translation import gettext_lazy as _


class EnquiryMoved(Exception):
    """Somebody answered, or opened again, what was being looked at."""

    sentence = _("Somebody else was faster. Look at the message once more.")

    def __init__(self, pk: int) -> None:
        super().__init__(f"enquiry {pk} is in another state")
        self.pk = pk
