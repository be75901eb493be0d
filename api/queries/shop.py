"""What a client must know of the shop."""

import strawberry
from django.conf import settings

from checkout.cart.address_fields import parts_of
from checkout.shipping.countries import delivery_countries
from shop.countries import JAPAN, country_name, rules_of
from shop.profile.selectors import read_profile


@strawberry.type(description="How the client shows the provider's card form.")
class PaymentProvider:
    publishable_key: str
    script: str = strawberry.field(description="The address of the provider's script.")
    methods: list[str]


@strawberry.type(description="A state, province or the like of a country.")
class Region:
    value: str = strawberry.field(description="What an address has as its region.")
    name: str


@strawberry.type(description="A country with what its addresses ask for.")
class DeliveryCountry:
    code: str = strawberry.field(description="ISO 3166-1 alpha-2.")
    name: str
    fields: list[str] = strawberry.field(
        description="The fields of an address, in the order of its lines."
    )
    required: list[str]
    regions: list[Region] = strawberry.field(
        description="All that there are; empty: any text, if region is a field."
    )


@strawberry.type
class Shop:
    name: str
    currency: str
    languages: list[str]
    delivery_countries: list[DeliveryCountry] = strawberry.field(
        description="Where it delivers, Japan first, in the language asked for."
    )
    payment: PaymentProvider


@strawberry.type
class ShopQuery:
    @strawberry.field
    def shop(self) -> Shop:
        return Shop(
            name=read_profile().shop_name,
            currency=settings.CURRENCY,
            languages=[code for code, _name in settings.LANGUAGES],
            delivery_countries=_countries(),
            payment=PaymentProvider(
                publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
                script=settings.STRIPE_JS_URL,
                methods=list(settings.PAYMENT_METHODS),
            ),
        )


def _countries() -> list[DeliveryCountry]:
    named = delivery_countries() or [(JAPAN, country_name(JAPAN))]
    return [_country(code, name) for code, name in named]


def _country(code: str, name: str) -> DeliveryCountry:
    parts = parts_of(code)
    if code == JAPAN:
        required = [part for part in parts if part != "building"]
        return DeliveryCountry(
            code=code, name=name, fields=parts, required=required, regions=[]
        )
    rules = rules_of(code)
    return DeliveryCountry(
        code=code,
        name=name,
        fields=parts,
        required=[part for part in parts if part in rules.required],
        regions=[Region(value=value, name=name) for value, name in rules.regions],
    )
