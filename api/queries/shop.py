"""What a client must know of the shop."""

import strawberry
from django.conf import settings

from shop.profile.selectors import read_profile


@strawberry.type(description="How the client shows the provider's card form.")
class PaymentProvider:
    publishable_key: str
    script: str = strawberry.field(description="The address of the provider's script.")
    methods: list[str]


@strawberry.type
class Shop:
    name: str
    currency: str
    languages: list[str]
    payment: PaymentProvider


@strawberry.type
class ShopQuery:
    @strawberry.field
    def shop(self) -> Shop:
        return Shop(
            name=read_profile().shop_name,
            currency=settings.CURRENCY,
            languages=[code for code, _name in settings.LANGUAGES],
            payment=PaymentProvider(
                publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
                script=settings.STRIPE_JS_URL,
                methods=list(settings.PAYMENT_METHODS),
            ),
        )
