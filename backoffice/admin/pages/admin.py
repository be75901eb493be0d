"""The pages that staff write: the list, one page with its versions, the preview."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from backoffice import permissions
from backoffice.admin.access import check_permission
from backoffice.admin.pages.forms import NewPageForm, PageForm, initial_of
from shop.forms.read_only import ReadOnlyAdmin
from shop.pages import facts
from shop.pages.errors import PageChanged
from shop.pages.models import PageVersion
from shop.pages.selectors import (
    Page,
    find_page,
    find_version,
    list_pages,
    list_versions,
)
from shop.pages.services import PageText, publish
from shop.pages.views import page_context

_LIST = "admin:pages_pageversion_changelist"
_PAGE = "admin:pages_pageversion_page"
_LANGUAGES = ("ja", "en")


@admin.register(PageVersion)
class PageAdmin(ReadOnlyAdmin):
    """All its pages need ``pages.add_pageversion``: each change adds a version."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.PUBLISH_PAGE)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(permissions.PUBLISH_PAGE)

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "pages_pageversion"
        return [
            path("", wrap(self.list_view), name=f"{name}_changelist"),
            path("new/", wrap(self.new_view), name=f"{name}_new"),
            path("preview/", wrap(self.preview_view), name=f"{name}_preview"),
            path("<slug:slug>/", wrap(self.page_view), name=f"{name}_page"),
            path(
                "<slug:slug>/<int:number>/",
                wrap(self.version_view),
                name=f"{name}_version",
            ),
            path(
                "<slug:slug>/<int:number>/restore/",
                wrap(self.restore_view),
                name=f"{name}_restore",
            ),
        ]

    def list_view(self, request: HttpRequest) -> HttpResponseBase:
        check_permission(request, permissions.PUBLISH_PAGE)
        return self._answer(request, "list", _("Pages"), {"pages": list_pages()})

    def new_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask for a new page; on POST publish it."""
        check_permission(request, permissions.PUBLISH_PAGE)
        start = {"seen": 0, "is_shown": True}
        form = NewPageForm(request.POST or None, initial=start)
        if form.is_valid():
            return self._publish(request, form.cleaned_data["slug"], form, {})
        return self._ask(request, form, _("New page"), {})

    def page_view(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        """Show the page's form and its versions; on POST publish what was entered."""
        check_permission(request, permissions.PUBLISH_PAGE)
        page = _or_404(find_page(slug))
        context = {"page": page, "versions": list_versions(slug)}
        form = PageForm(request.POST or None, initial=initial_of(page))
        if form.is_valid():
            return self._publish(request, slug, form, context)
        return self._ask(request, form, page.title, context)

    def preview_view(self, request: HttpRequest) -> HttpResponseBase:
        """Show what was entered as customers would see it; nothing is stored."""
        check_permission(request, permissions.PUBLISH_PAGE)
        language = request.POST.get("preview", "")
        form = PageForm(request.POST)
        if language not in _LANGUAGES:
            raise Http404
        if not form.is_valid():
            return self._ask(request, form, _("Preview"), {})
        return _shown(request, form.text, language)

    def version_view(
        self, request: HttpRequest, slug: str, number: int
    ) -> HttpResponseBase:
        """Show a version as customers saw it, in the language of the admin."""
        check_permission(request, permissions.PUBLISH_PAGE)
        page = _or_404(find_version(slug, number))
        return render(request, "pages/preview.html", page_context(page))

    def restore_view(
        self, request: HttpRequest, slug: str, number: int
    ) -> HttpResponseBase:
        """Publish the text of an older version again, as the newest one."""
        check_permission(request, permissions.PUBLISH_PAGE)
        old, now = _or_404(find_version(slug, number)), _or_404(find_page(slug))
        if request.method != "POST":
            return redirect(_PAGE, slug)
        note = gettext("Version %(number)s restored") % {"number": number}
        actor = request.user.get_username()
        try:
            publish(slug, PageText.of(old), actor, seen=now.number, note=note)
        except PageChanged as error:
            self.message_user(request, error.sentence, messages.WARNING)
        else:
            self.message_user(request, note, messages.SUCCESS)
        return redirect(_PAGE, slug)

    def _publish(
        self, request: HttpRequest, slug: str, form: PageForm, context: dict[str, Any]
    ) -> HttpResponseBase:
        entered = form.cleaned_data
        try:
            publish(
                slug,
                form.text,
                request.user.get_username(),
                seen=entered["seen"],
                note=entered["note"],
            )
        except PageChanged as error:
            form.add_error(None, error.sentence)
            # Sent again, it replaces what the writer has been told of.
            seen = str(error.newest.number if error.newest else 0)
            data = request.POST.copy()
            data["seen"] = seen
            form.data = data
            context |= {"versions": list_versions(slug)}
            return self._ask(request, form, _("Changed meanwhile"), context)
        self.message_user(request, gettext("The page is published."), messages.SUCCESS)
        return redirect(_LIST)

    def _ask(
        self, request: HttpRequest, form: PageForm, title: object, context: Any
    ) -> HttpResponse:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        more = {"form": form, "facts": facts.names()}
        return self._answer(request, "page", title, context | more, status)

    def _answer(
        self,
        request: HttpRequest,
        template: str,
        title: object,
        context: dict[str, Any],
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(
            request,
            f"admin/pages/pageversion/{template}.html",
            {**frame, "title": title, **context},
            status=status,
        )


def _shown(request: HttpRequest, text: PageText, language: str) -> HttpResponse:
    page = Page(
        slug="preview",
        place=text.place,
        is_shown=text.is_shown,
        titles={"ja": text.title_ja, "en": text.title_en},
        bodies={"ja": text.body_ja, "en": text.body_en},
    )
    with override(language):
        return render(request, "pages/preview.html", page_context(page))


def _or_404(page: Page | None) -> Page:
    if page is None:
        raise Http404
    return page
