"""What a cart costs, and what is in the way of ordering it: a value."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from checkout.cart.bundles import GivenBundle
from checkout.cart.limits import obstacle
from checkout.cart.lines import QuoteLine
from checkout.cart.models import TemporaryOrder
from checkout.cart.reductions import (
    described,
)
from checkout.cart.tax import TaxLine
from checkout.promotions.models import CouponCode, PurchaseLimit
from checkout.promotions.selectors import Promotion
from checkout.shipping.offers import Goods, Offer, Pickup
from checkout.shipping.promise import Promise
from orders.models import GivenDiscount
from shop.countries import JAPAN, country_name
from shop.money import Money


@dataclass(frozen=True)
class Quote:
    """``offer`` is the chosen method, or the first that can carry the goods.

    ``offers`` are all methods, with the price for this recipient or why not. None can
    be had: ``offer`` is None.
    """

    lines: tuple[QuoteLine, ...]
    goods: Goods
    subtotal: Money
    shipping: Money
    discount: Money
    total: Money
    tax: tuple[TaxLine, ...]
    offers: tuple[Offer, ...]
    offer: Offer | None
    recipient: TemporaryOrder | None
    promotion: Promotion
    coupon: CouponCode | None
    bundles: tuple[GivenBundle, ...] = ()
    country: str = JAPAN

    @property
    def is_abroad(self) -> bool:
        """Return whether it is sent out of Japan, free of Japanese tax."""
        return self.country != JAPAN

    @property
    def tax_name(self) -> str:
        """Return the tax that is collected for another country, such as VAT, or ""."""
        return next((line.name for line in self.tax), "")

    @property
    def given(self) -> tuple[GivenDiscount, ...]:
        """Return the discounts as pages show them, and as the order keeps them."""
        return described(self.promotion.given, self.bundles, self.total.currency)

    @property
    def coupon_problem(self) -> str:
        """Return why the coupon code gives nothing now, or ""."""
        return self.promotion.problem.sentence if self.promotion.problem else ""

    @property
    def limits(self) -> dict[PurchaseLimit, int]:
        """Return each limit per customer -> the units that count against it."""
        return {line.limit: line.of_product for line in self.lines if line.limit}

    @property
    def rooms(self) -> frozenset[int]:
        """Return the open waiting rooms in which this cart has to stand."""
        return frozenset(line.room for line in self.lines if line.room is not None)

    @property
    def count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_orderable(self) -> bool:
        lines_are = bool(self.lines) and all(line.is_orderable for line in self.lines)
        return lines_are and not self.obstacle

    @property
    def obstacle(self) -> str:
        """Return why the whole cannot be ordered, in the active language, or ""."""
        if not self.lines:
            return ""
        return (
            obstacle(len(self.lines), self.total, self.discount)
            or self._carriage_problem
        )

    @property
    def _carriage_problem(self) -> str:
        """Return why the goods can be sent to nobody, whatever the address, or "".

        What cannot be sent abroad may still be sent in Japan: the form says so.
        """
        if self.recipient is not None or self.offer is not None or self.is_abroad:
            return ""
        reasons = [f"{offer.name}: {offer.refusal}" for offer in self.offers]
        problem = _("None of our shipping methods can carry these items.")
        return " ".join([problem, *reasons])

    @property
    def method_problem(self) -> str:
        """Return why the recipient must choose a method, in the active language.

        It is "" if the method that was chosen can be had.
        """
        if self.recipient is None or self.is_method_chosen:
            return ""
        if not self.offers:
            where = {"country": country_name(self.country)}
            return _("We do not deliver to %(country)s any more.") % where
        chosen = self.recipient.method_id
        for offer in self.offers:
            if offer.method.id == chosen and offer.refusal:
                return f"{offer.name}: {offer.refusal}"
        return _("Choose how we send your items.")

    @property
    def is_method_chosen(self) -> bool:
        """Whether ``offer`` is what the recipient chose, or the only one there is."""
        if self.recipient is None or self.offer is None:
            return False
        chosen, place = self.recipient.method_id, self.recipient.place_id
        # Whoever chose a pick-up gave no address to which it could be sent.
        if not self.offer.place and not self.recipient.street:
            return False
        if chosen is None:
            possible = [one for one in self.offers if not one.refusal]
            return len(possible) == 1 and not self.offer.place
        return (chosen, place) == (self.offer.method.id, self.offer.place_id)

    @property
    def is_pickup(self) -> bool:
        """Whether the goods are picked up, as far as it is known."""
        return bool(self.offer and self.offer.place)

    @property
    def pickup(self) -> Pickup | None:
        """Return where the goods are picked up, in the active language."""
        return self.offer.pickup if self.offer else None

    @property
    def pickups(self) -> list[Offer]:
        """Return the places at which these goods can be picked up."""
        return [offer for offer in self.offers if offer.place and not offer.refusal]

    @property
    def wish_problem(self) -> str:
        """Return why the chosen day or time cannot be had any more, or ""."""
        if self.recipient is None or self.offer is None or not self.is_method_chosen:
            return ""
        wish = self.recipient
        return self.offer.problem(wish.delivery_on, wish.delivery_slot)

    @property
    def shipping_is_estimate(self) -> bool:
        """Whether the address or the method is not known yet."""
        return not self.is_method_chosen

    @property
    def not_before(self) -> date | None:
        """Return the day before which nothing of it is sent; None: at once."""
        return self.goods.not_before

    @property
    def is_mixed(self) -> bool:
        """Whether goods wait for others that are released later."""
        return len({line.release_on for line in self.lines}) > 1

    @property
    def promise(self) -> Promise | None:
        return self.offer.promise if self.offer else None

    @property
    def free_from(self) -> Money | None:
        """The amount of goods from which shipping is free; None: never."""
        return self.offer.free_from if self.offer else None

    @property
    def free_shipping_gap(self) -> Money | None:
        """The amount missing for free shipping; None when it is free or never is."""
        if self.free_from is None or not self.shipping:
            return None
        return self.free_from - self.subtotal

    @property
    def digest(self) -> str:
        """Return a fingerprint of everything the customer agrees to (sha256, hex)."""
        recipient = (
            model_to_dict(self.recipient, exclude=["id", "cart"])
            if self.recipient
            else None
        )
        seen = {
            "lines": [
                [
                    *(line.sku, line.unit.minor, line.quantity, line.tax_rate),
                    line.release_on,
                ]
                for line in self.lines
            ],
            "discounts": [
                [one.rule.id, one.rule.code, one.shipping, sorted(one.goods.items())]
                for one in self.promotion.given
            ],
            "bundles": [
                [one.product, one.times, sorted(one.off.items())]
                for one in self.bundles
            ],
            "shipping": self.shipping.minor,
            "method": self.offer and self.offer.method.names,
            "promise": self.promise and self.promise.dates,
            "place": self.offer and self.offer.place and vars(self.offer.place),
            "total": self.total.minor,
            "currency": self.total.currency,
            "recipient": recipient,
        }
        text = json.dumps(seen, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()
