"""One operator at the back office, walking its real forms; every click is counted."""

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
    """The values with which the page's own form is filled in, by name."""

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
    """A member of the ready group of operators, and no more than that."""

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
        """Open a page, fill its form in, send it: one click. Return what follows."""
        values = Form(self.look(page)).values
        assert set(typed) <= set(values), (page, sorted(values))
        answer = self.client.post(page, values | typed, follow=True)
        assert answer.status_code == 200, (page, answer.content.decode())
        self.clicks += 1
        return answer.content.decode()

    def groups(self) -> list[str]:
        """Return the pages of the groups, as the list of causes links them."""
        return [unescape(page) for page in _GROUP.findall(self.look(GROUPS))]
