"""Forms of the staff's pages for goods."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.utils.translation import gettext_lazy as _

from shop.catalogue.errors import SkuKnownToStock
from shop.catalogue.models import BundlePart, Picture, Variant
from shop.catalogue.pictures import store, validate_picture
from shop.catalogue.services import refuse_known_to_stock
from shop.forms.fields import MoneyField
from shop.forms.inline_rows import LabelledRows

if TYPE_CHECKING:
    # Django's form classes take type parameters in their stubs only.
    PictureRow = ModelForm[Picture]
    VariantRow = ModelForm[Variant]
else:
    PictureRow = VariantRow = ModelForm


class VariantForm(VariantRow):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.least, field.currency = 1, self.instance.currency

    def clean_sku(self) -> str:
        """Refuse another SKU once the stock knows this one.

        The admin validates and saves in one transaction, so that goods that come in
        meanwhile wait, and then find the new SKU.
        """
        sku: str = self.cleaned_data["sku"]
        if "sku" in self.changed_data:
            _refuse(*Variant.objects.filter(pk=self.instance.pk))
        return sku


class VariantFormSet(LabelledRows):
    def clean(self) -> None:
        """Refuse to delete a variant that the stock knows."""
        # First, since Django's own check would name the lines of carts instead.
        gone = [row.instance.pk for row in self.initial_forms if _is_deleted(row)]
        _refuse(*Variant.objects.filter(pk__in=gone))
        super().clean()
        self._check_options()

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer the pictures of this product only."""
        super().add_fields(form, index)
        own = Picture.objects.filter(product=self.instance.pk)
        form.fields["picture"].queryset = own

    def _check_options(self) -> None:
        """Refuse variants of different options, or two with the same values.

        The page of the product asks one option after the other.
        """
        rows = [form.instance for form in self.forms if _is_kept(form)]
        values = [tuple(variant.values) for variant in rows]
        options = {tuple(value.option_id for value in each) for each in values}
        if len(options) > 1:
            message = _("All variants need the same options, in the same order.")
            raise ValidationError(message, code="other_options")
        if any(len(set(each)) < len(each) for each in options):
            message = _("A variant has each option once only.")
            raise ValidationError(message, code="option_twice")
        if () not in options and len(set(values)) < len(values):
            message = _("Two variants have the same options.")
            raise ValidationError(message, code="same_options")


class PartFormSet(LabelledRows):
    def clean(self) -> None:
        """Refuse bundles in bundles, and bundles of several variants."""
        super().clean()
        rows = [form.instance for form in self.forms if _is_kept(form)]
        # A row without a variant has its own message.
        chosen = [part for part in rows if part.variant_id]
        if not chosen:
            return
        products = {part.variant.product_id for part in chosen}
        inner = BundlePart.objects.filter(bundle__in=products).exists()
        own = self.instance.pk
        if inner or own in products or _is_part(own):
            message = _("A bundle cannot be part of a bundle.")
            raise ValidationError(message, code="nested")
        if own and self.instance.variants.count() > 1:
            message = _("A bundle has one variant: its price is that of the whole.")
            raise ValidationError(message, code="variants")


def _is_part(product: int | None) -> bool:
    return BundlePart.objects.filter(variant__product=product).exists()


class PictureForm(PictureRow):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields["file"]
        file.validators.append(validate_picture)
        file.widget.attrs["accept"] = "image/jpeg,image/png,image/webp"

    def clean_file(self) -> Any:
        """Refuse to keep a picture whose file is gone."""
        file = self.cleaned_data["file"]
        if "file" not in self.changed_data and not file.storage.exists(file.name):
            message = _("The picture's file is missing. Upload it again.")
            raise ValidationError(message, code="picture_missing")
        return file

    def save(self, commit: bool = True) -> Picture:
        """Write what is shown of a new file, and not the file itself."""
        if "file" in self.changed_data:
            self.instance.use(store(self.cleaned_data["file"]))
        return super().save(commit)


def _is_kept(row: VariantRow) -> bool:
    """Return whether a row is filled in and stays."""
    is_filled = bool(row.instance.pk) or row.has_changed()
    return is_filled and not _is_deleted(row)


def _is_deleted(row: VariantRow) -> bool:
    return bool(getattr(row, "cleaned_data", {}).get("DELETE"))


def _refuse(*variants: Variant) -> None:
    try:
        refuse_known_to_stock(variants)
    except SkuKnownToStock as refusal:
        raise ValidationError(refusal.sentence, code="sku_known") from refusal
