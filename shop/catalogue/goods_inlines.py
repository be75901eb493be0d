"""Rows on the page of a product that name other goods: recommended ones, and parts."""

from typing import TYPE_CHECKING

from django.contrib import admin

from shop.catalogue import selectors
from shop.catalogue.forms import PartFormSet
from shop.catalogue.models import BundlePart, Product, RelatedProduct
from shop.forms.inline_rows import LabelledRows

if TYPE_CHECKING:
    RelatedTable = admin.TabularInline[RelatedProduct, Product]
    PartTable = admin.TabularInline[BundlePart, Product]
else:
    RelatedTable = PartTable = admin.TabularInline


class RelatedInline(RelatedTable):
    """Recommended goods. Without any, others of the category are shown."""

    model = RelatedProduct
    fk_name = "product"
    formset = LabelledRows
    extra = 0
    max_num = selectors.MOST_RELATED
    fields = ["position", "goods"]


class PartInline(PartTable):
    """What is in a bundle. A product without parts is none."""

    model = BundlePart
    fk_name = "bundle"
    formset = PartFormSet
    extra = 0
    fields = ["position", "variant", "quantity"]
