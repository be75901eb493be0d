"""Forms of the cart and of information entry. They accept full width and hyphens.

Japanese input methods produce full-width digits and letters and a dozen characters
that look like a hyphen. All of them are accepted and kept in one spelling.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from checkout.cart.address import is_unfinished, problem_of
from checkout.cart.address_fields import (
    PARTS,
    check_postcode,
    parts_of,
    shape,
)
from checkout.cart.address_part import AddressPart
from checkout.cart.form_fields import (
    CHECKS_MAIL,
    CodeField,
    autofill,
)
from checkout.cart.models import MOST_PER_LINE, Delivery, TemporaryOrder
from checkout.cart.text import normalise_phone
from checkout.cart.wish_forms import WishesForm
from checkout.shipping.offers import Goods, Offer, offers
from checkout.shipping.prefectures import Prefecture
from checkout.shipping.slots import write_slot
from checkout.shipping.wording import write_day
from orders.models import WISHES
from shop.countries import JAPAN
from shop.forms.fields import FoldedField, LineField, MailAddressField, NumberField

# What is asked for only if the goods are sent.
OF_DELIVERY = (
    *PARTS,
    *("delivery", "delivery_on", "delivery_slot"),
)

_CONTACT = ("email", "name", "name_kana", "phone", "country")
_NO_NUMBER = _("Add the block and number, or “no number” if there is none.")

if TYPE_CHECKING:
    TemporaryOrderForm = forms.ModelForm[TemporaryOrder]
else:
    TemporaryOrderForm = forms.ModelForm


class InformationForm(WishesForm, AddressPart, TemporaryOrderForm):
    """Contact, address in its country's order, shipping method, hand-over and wishes.

    The methods are those for ``goods`` and the prefecture that was typed or kept.
    Without goods no method is asked for, and the postcode is not compared with the
    prefecture. What is picked up needs no address. ``country``: of an order, which
    keeps its country; without it the customer chooses among those of the shop, if there
    are ``goods`` to send.
    """

    email = MailAddressField(
        label=_("Email address"),
        max_length=254,
        help_text=_("The order confirmation goes there."),
        widget=forms.EmailInput(autofill("email", inputmode="email", **CHECKS_MAIL)),
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("Enter an email address such as name@example.jp."),
        },
    )
    name = FoldedField(
        label=_("Full name"),
        max_length=100,
        widget=forms.TextInput(autofill("name")),
        error_messages={"required": _("Enter the name of the recipient.")},
    )
    phone = CodeField(
        label=_("Phone number"),
        help_text=_("Only for questions about the delivery."),
        max_length=40,
        normalise=normalise_phone,
        widget=forms.TextInput(autofill("tel", inputmode="tel", type="tel")),
        error_messages={"required": _("Enter a phone number for the delivery.")},
    )
    # Set by the page: the customer says that an address that looks wrong is right.
    insisted = LineField(max_length=40, required=False, widget=forms.HiddenInput)
    method = forms.ChoiceField(
        label=_("Shipping method"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how we send your items.")},
    )
    delivery_on = forms.ChoiceField(label=_("Delivery day"), required=False)
    delivery_slot = forms.ChoiceField(label=_("Time slot"), required=False)
    delivery = forms.ChoiceField(
        label=_("Delivery preference"),
        choices=Delivery.choices,
        initial=Delivery.DOOR,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how to hand the parcel over.")},
    )

    class Meta:
        model = TemporaryOrder
        fields = [
            "email",
            "name",
            "phone",
            "country",
            "postcode",
            "prefecture",
            "region",
            "city",
            "street",
            "building",
            "delivery",
            *WISHES,
        ]

    # As on the page: so errors are summed up in this order.
    field_order = (
        *_CONTACT,
        *("postcode", "prefecture", "city", "street", "building", "method"),
        *("delivery_on", "delivery_slot", "delivery"),
    )

    def __init__(
        self,
        *args: Any,
        goods: Goods | None = None,
        country: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offers: tuple[Offer, ...] = ()
        self.doubted = ""
        self.destination = country or (self._choose_country() if goods else JAPAN)
        if country or not self.has_countries:
            del self.fields["country"]
        shape(self.fields, self.destination)
        if self.destination != JAPAN:
            self.order_fields([*_CONTACT, *parts_of(self.destination)])
        if goods is None:
            del self.fields["method"]
            self.fields.pop("insisted", None)
        else:
            self._offer(offers(goods, self._prefecture(), self.destination))
        self._offer_days()

    def _offer(self, offered: tuple[Offer, ...]) -> None:
        self.offers = offered
        method: Any = self.fields["method"]
        method.choices = [(offer.id, offer.name) for offer in self.offers]
        # A form without the field means the only method there is.
        method.required = len(self.offers) > 1
        possible = [offer.id for offer in self.offers if not offer.refusal]
        kept = self.initial.get("method") or _chosen_by(self.instance)
        self.initial["method"] = kept if kept in possible else "".join(possible[:1])

    def _offer_days(self) -> None:
        """Ask for the day and time if any of the methods leaves a choice."""
        days = sorted({day for offer in self.offers for day in offer.days})
        slots = dict.fromkeys(slot for offer in self.offers for slot in offer.slots)
        if not days:
            del self.fields["delivery_on"], self.fields["delivery_slot"]
            return
        none = ("", _("No preference"))
        on: Any = self.fields["delivery_on"]
        on.choices = [none, *((day.isoformat(), write_day(day)) for day in days)]
        slot: Any = self.fields["delivery_slot"]
        slot.choices = [none, *((code, write_slot(code)) for code in slots)]
        kept = self.initial.get("delivery_on") or self.instance.delivery_on
        self.initial["delivery_on"] = str(kept or "")
        self.initial.setdefault("delivery_slot", self.instance.delivery_slot)

    @property
    def offers_pickup(self) -> bool:
        return any(offer.place for offer in self.offers)

    @property
    def method_rows(self) -> list[tuple[Offer, Any]]:
        """Return each method's offer with its radio button."""
        return list(zip(self.offers, self["method"], strict=True))

    def clean(self) -> dict[str, Any]:
        """Check that the method can be had; put its id, or None, into the data."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        check_postcode(self, self.destination)
        if not self.offers:
            return cleaned
        chosen = cleaned.pop("method", None)
        offer = next((one for one in self.offers if one.id == chosen), None)
        if offer is None and len(self.offers) == 1:
            offer = self.offers[0]
        place = offer.place if offer else None
        if place:
            self._drop_address(cleaned)
        elif not self.is_abroad:
            self._compare_address(cleaned)
        is_known = place or self.is_abroad or cleaned.get("prefecture")
        if offer and offer.refusal and is_known:
            self.add_error("method", f"{offer.name}: {offer.refusal}")
        cleaned["method_id"] = offer.method.id if offer else None
        cleaned["place_id"] = place.id if place else None
        self._clean_wish(cleaned, offer)
        return cleaned

    def _post_clean(self) -> None:
        """Add what the country's form does not ask for, so that nothing old is kept.

        After the model's check, which takes what is cleaned for fields of the form.
        """
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        absent = set(PARTS).difference(self.fields)
        if self.is_abroad:
            absent |= {"delivery", "name_kana"}
        self.cleaned_data |= dict.fromkeys(absent, "") | {"country": self.destination}

    def _compare_address(self, cleaned: dict[str, Any]) -> None:
        """Ask once about a postcode of another prefecture, and for the number."""
        insisted = cleaned.pop("insisted", "")
        postcode, prefecture = cleaned.get("postcode"), cleaned.get("prefecture")
        if not postcode:
            return
        problem = problem_of(postcode, prefecture) if prefecture else ""
        key = f"{postcode} {prefecture}"
        self.doubted = key if problem else ""
        if problem and insisted != key:
            self.add_error("prefecture", problem)
        if is_unfinished(postcode, cleaned.get("street", "")):
            self.add_error("street", _NO_NUMBER)

    def _drop_address(self, cleaned: dict[str, Any]) -> None:
        """Take the address and the ways of delivery as not asked for.

        What is picked up is bought in Japan: there are no places abroad.
        """
        for name in set(OF_DELIVERY).intersection(self.fields):
            self.errors.pop(name, None)
            cleaned[name] = ""
        cleaned.pop("insisted", None)

    def _clean_wish(self, cleaned: dict[str, Any], offer: Offer | None) -> None:
        """Check that the method leaves the day and time; None and "": no wish."""
        chosen = cleaned.get("delivery_on")
        cleaned["delivery_on"] = date.fromisoformat(chosen) if chosen else None
        cleaned["delivery_slot"] = cleaned.get("delivery_slot") or ""
        if offer is None or offer.refusal:
            return
        problem = offer.problem(cleaned["delivery_on"], "")
        if problem:
            self.add_error("delivery_on", problem)
        problem = offer.problem(None, cleaned["delivery_slot"])
        if problem:
            self.add_error("delivery_slot", problem)

    def _prefecture(self) -> str | None:
        typed = self.data if self.is_bound else self.initial
        prefecture = typed.get("prefecture")
        return prefecture if prefecture in Prefecture.values else None


def _chosen_by(recipient: TemporaryOrder) -> str:
    """Return the kept method as the form names it, with its place."""
    chosen = [recipient.method_id, recipient.place_id]
    return "-".join(str(each) for each in chosen if each)


class EmailForm(forms.Form):
    """The mail address alone, as the confirmation corrects it."""

    email = MailAddressField(max_length=254)


class AddForm(forms.Form):
    """The form of a product's page: a variant and a quantity."""

    sku = LineField(max_length=64)
    quantity = NumberField(min_value=1, max_value=MOST_PER_LINE)


class QuantityForm(forms.Form):
    quantity = NumberField(min_value=0, max_value=MOST_PER_LINE)
