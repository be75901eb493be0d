"""One operator in the back office, who uses its forms; clicks are counted."""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

from django.contrib.auth.models import Group, User
from django.test import Client

from backoffice.roles import make_groups

GROUPS = "/admin/backoffice/stalledorder/groups/"
_GROUP = re.compile(rf'href="({GROUPS}[0-9a-f]{{8}}/)"')


class Form(HTMLParser):
    """The values in the page's own form, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._is_inside = False
        self.feed(page.partition('id="content"')[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = found.get("method") == "post"
        elif self._is_inside and tag in ("input", "textarea") and "name" in found:
            self.values[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._is_inside = self._is_inside and tag != "form"


@dataclass
class Desk:
    """A member of the group Operator, without other permissions."""

    name: str = "yuki"
    clicks: int = 0
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def __post_init__(self) -> None:
        make_groups()
        user = User.objects.create_user(self.name, is_staff=True)
        user.groups.add(Group.objects.get(name="Operator"))
        self.client.force_login(user)

    def look(self, page: str) -> str:
        answer = self.client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        return answer.content.decode()

    def click(self, page: str, **typed: str) -> str:
        """Open a page, fill in its form and send it: one click. Return the answer."""
        values = Form(self.look(page)).values
        assert set(typed) <= set(values), (page, sorted(values))
        answer = self.client.post(page, values | typed, follow=True)
        assert answer.status_code == 200, (page, answer.content.decode())
        self.clicks += 1
        return answer.content.decode()

    def groups(self) -> list[str]:
        """Return the addresses of the failure groups, from the list's links."""
        return [unescape(page) for page in _GROUP.findall(self.look(GROUPS))]
