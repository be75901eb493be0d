"""Pages that make many codes of a discount at once, and give them as CSV."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from backoffice.admin.access import check_permission
from backoffice.admin.promotions.forms import BatchForm
from checkout.accounting.files import write_csv
from checkout.promotions.batches import make_codes
from checkout.promotions.models import CouponCode, Discount
from shop.text.spreadsheet import Cell

if TYPE_CHECKING:
    Pages = admin.ModelAdmin[Discount]
else:
    Pages = admin.ModelAdmin

ADD_CODE = "checkout.add_couponcode"
VIEW_CODE = "checkout.view_couponcode"


class DiscountPages(Pages):
    """Adds the pages of a discount's codes."""

    def get_urls(self) -> list[URLPattern]:
        wrap, base = self.admin_site.admin_view, "checkout_discount"
        return [
            path("<int:pk>/codes/", wrap(self.batch_view), name=f"{base}_batch"),
            path("<int:pk>/codes.csv", wrap(self.csv_view), name=f"{base}_csv"),
            *super().get_urls(),
        ]

    def batch_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask how many codes; on POST make them."""
        check_permission(request, ADD_CODE)
        discount = get_object_or_404(Discount, pk=pk, by_code=True)
        form = BatchForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "form": form,
                "discount": discount,
                "opts": self.opts,
                "title": gettext("Make coupon codes"),
            }
            template = "admin/checkout/discount/batch.html"
            status = 422 if form.errors else 200
            return TemplateResponse(request, template, context, status=status)
        count, prefix = form.cleaned_data["count"], form.cleaned_data["begin"]
        name = f"{timezone.localtime():%Y-%m-%d %H:%M} {request.user.get_username()}"
        made = make_codes(discount, count, prefix, name[:60])
        text = ngettext(
            "%(count)s code was made. Download the codes as CSV.",
            "%(count)s codes were made. Download the codes as CSV.",
            made,
        )
        self.message_user(request, text % {"count": made})
        return redirect("admin:checkout_discount_change", discount.pk)

    def csv_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Return all codes of the discount with their uses."""
        check_permission(request, VIEW_CODE)
        discount = get_object_or_404(Discount, pk=pk)
        columns = [
            gettext("code"),
            gettext("uses in all"),
            gettext("used"),
            gettext("paused"),
            gettext("made as"),
        ]
        parts = write_csv(columns, _rows(discount))
        answer = StreamingHttpResponse(parts, content_type="text/csv; charset=utf-8")
        name = f"codes-{discount.pk}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _rows(discount: Discount) -> Iterator[list[Cell]]:
    rows = CouponCode.objects.filter(discount=discount).order_by("pk")
    for code in rows.iterator(chunk_size=1000):
        paused = "1" if code.is_paused else ""
        yield [code.code, code.most, code.used, paused, code.batch]
