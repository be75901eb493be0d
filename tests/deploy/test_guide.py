"""docs/how-to/deploy.md, followed word by word on an empty machine."""

import re
from pathlib import Path

from tests.support.empty_machine import INSTALL, copy_sources, needs_root, run
from tests.support.postgres import own_server

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "deploy.md"
FOLLOWED = (1, 4, 5, 6, 7)  # the steps; database, broker and proxy have their own tests
# What the guide leaves to its reader, or needs the Internet: what we do instead.
OURS = {
    "git clone --branch VERSION REPOSITORY VERSION": (
        f"mkdir VERSION && (cd VERSION && {copy_sources('tests')})"
    ),
    ".venv/bin/pip install --require-hashes --requirement requirements.lock": INSTALL,
    "sk_live_...": "sk_live_abc123",
    "whsec_...": "whsec_abc123",
    "createsuperuser": "createsuperuser --noinput --username NAME --email a@b.example",
}
DATABASE = "postgres://todoku:PASSWORD@127.0.0.1:5432/todoku"
NOT_HERE = ("apt-get", "timedatectl", "systemctl")
AS_THE_SHOP = "setpriv --reuid=todoku --regid=todoku --clear-groups"
AS_THE_PROXY = "setpriv --reuid=www-data --regid=www-data --init-groups"
AT_THE_END = rf"""
{AS_THE_SHOP} find /srv/todoku/current/ ! -path '*/.venv/*' \
    ! -path '*/.hypothesis/*' ! -type l '(' ! -readable -o -writable ')' > /srv/wrong
cat /srv/wrong
test ! -s /srv/wrong
{AS_THE_SHOP} grep -q . /etc/todoku/secrets/* /etc/todoku/todoku.env
for secret in /etc/todoku/todoku.env /etc/todoku/secrets/SECRET_KEY; do
    if {AS_THE_PROXY} cat "$secret" 2> /dev/null; then exit 9; fi
done
{AS_THE_SHOP} sh -c 'umask 027; mkdir /srv/todoku/data/media/pictures
    echo a picture > /srv/todoku/data/media/pictures/a.png'
{AS_THE_PROXY} cat /srv/todoku/data/media/pictures/a.png
cd /srv/todoku/current && .venv/bin/gunicorn shop.wsgi --check-config
test -e /etc/systemd/system/todoku-.service.d/common.conf
"""


def commands(database: str) -> str:
    """Return the guide's commands up to the processes, as one script."""
    text = GUIDE.read_text().replace("your_key", "abc")
    steps = re.split(r"^## \d\. ", text, flags=re.MULTILINE)[1:]
    blocks = [
        block
        for number in FOLLOWED
        for block in re.findall(r"```sh\n(.*?)```", steps[number - 1], re.DOTALL)
    ]
    lines = "".join(blocks).splitlines(keepends=True)
    script = "".join(line for line in lines if not line.startswith(NOT_HERE))
    for theirs, ours in {**OURS, DATABASE: database}.items():
        assert theirs in script, theirs
        script = script.replace(theirs, ours)
    return script


@needs_root
def test_a_newcomer_gets_a_shop_by_the_guide() -> None:
    with own_server() as database:
        said = run(
            f"{commands(database)}{AT_THE_END}",
            DJANGO_SUPERUSER_PASSWORD="only-for-this-test-1",
        )

    assert "Code for NAME, valid once" in said
    assert "a picture" in said
