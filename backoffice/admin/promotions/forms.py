"""Forms for discounts, coupon codes, and many codes at once."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from checkout.promotions import codes
from checkout.promotions.batches import LONGEST_PREFIX, MOST_AT_ONCE
from checkout.promotions.models import CouponCode, Discount
from shop.forms.fields import FoldedField, NumberField

if TYPE_CHECKING:
    # Django's form classes take type parameters in their stubs only.
    DiscountRow = forms.ModelForm[Discount]
    CodeRow = forms.ModelForm[CouponCode]
else:
    DiscountRow = CodeRow = forms.ModelForm

_CODE = re.compile(r"[A-Z0-9]+([-_][A-Z0-9]+)*")
_LETTERS = _("Use letters, digits and single hyphens, such as WELCOME-10.")
_SHORTEST = 3


class DiscountForm(DiscountRow):
    """A discount: the percentage or the amount is asked for, by its kind."""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        kind = values.get("kind")
        asked = {
            Discount.Kind.PERCENTAGE: "percent",
            Discount.Kind.AMOUNT: "amount_minor",
        }
        for of, name in asked.items():
            if of != kind:
                values[name] = None
            elif not values.get(name) and name not in self.errors:
                self.add_error(name, gettext("Enter how much it takes off."))
        starts, ends = values.get("starts_at"), values.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", gettext("Choose an end after the start."))
        if self.instance.pk and values.get("by_code") is False:
            self._refuse_with_codes()
        return values

    def _refuse_with_codes(self) -> None:
        """Refuse to make a discount automatic whose codes customers have."""
        if self.instance.codes.exists():
            message = gettext("It has coupon codes. Make another discount instead.")
            self.add_error("by_code", message)


class CodeForm(CodeRow):
    """A code in capitals. What customers type is compared without hyphens and case."""

    code = FoldedField(label=_("Code"), max_length=codes.LONGEST_CODE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields.get("discount")
        if choice is not None:
            choice.queryset = Discount.objects.filter(by_code=True)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"].upper()
        if not _CODE.fullmatch(code) or len(codes.key_of(code)) < _SHORTEST:
            raise ValidationError(_LETTERS, code="letters")
        same = CouponCode.objects.filter(key=codes.key_of(code))
        if same.exclude(pk=self.instance.pk).exists():
            message = _("There is such a code already. Hyphens make no difference.")
            raise ValidationError(message, code="known")
        return code

    def clean_most(self) -> int | None:
        """Refuse a limit below what was used. The row is locked until it is saved."""
        most: int | None = self.cleaned_data["most"]
        row = CouponCode.objects.select_for_update().filter(pk=self.instance.pk).first()
        if row is not None and most is not None and most < row.used:
            text = ngettext(
                "It was used %(used)s time already.",
                "It was used %(used)s times already.",
                row.used,
            )
            raise ValidationError(text % {"used": row.used}, code="used")
        return most


class BatchForm(forms.Form):
    """How many codes of one use are made, and how they begin."""

    count = NumberField(
        label=_("How many codes"), min_value=1, max_value=MOST_AT_ONCE, initial=100
    )
    begin = FoldedField(
        label=_("Beginning"),
        required=False,
        max_length=LONGEST_PREFIX,
        help_text=_("Such as SUMMER: SUMMER-K7Q2M-X4T9B. Empty: random letters only."),
    )

    def clean_begin(self) -> str:
        prefix: str = self.cleaned_data["begin"].upper()
        if prefix and not _CODE.fullmatch(prefix):
            raise ValidationError(_LETTERS, code="letters")
        return prefix
