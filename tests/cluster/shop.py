"""The cluster as the tests' other modules see a shop: its addresses and its mails."""

from pathlib import Path

from shop.local.paths import Paths
from tests.cluster.files import SANDBOX, SITE, Files
from tests.support.live import LiveStack


class ClusterShop(LiveStack):
    """The shop on its hosts. What asks the supervisor of one machine has no meaning."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.paths = Paths(files.folder)

    @property
    def url(self) -> str:
        return SITE

    @property
    def sandbox_url(self) -> str:
        return SANDBOX

    @property
    def mail_dir(self) -> Path:
        return self.files.mails
