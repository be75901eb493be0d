"""The gallery shows every page that is photographed, and its pictures are there."""

from tests.pictures import gallery


def test_the_gallery_is_as_the_command_writes_it() -> None:
    assert gallery.PAGE.read_text() == gallery.text(), "run make pictures"


def test_no_picture_is_missing() -> None:
    assert gallery.missing(gallery.KEPT) == []
