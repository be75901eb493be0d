"""What has to be before a field that staff set has something to say."""

from collections.abc import Callable

from django.core.files.base import ContentFile

from shop.catalogue import services
from shop.catalogue.models import (
    BundlePart,
    Option,
    OptionValue,
    Picture,
    Product,
    RelatedProduct,
    Variant,
)
from shop.catalogue.pictures import store
from tests.backoffice.admin.staff_fields import TABLE
from tests.support.catalogue import make_product
from tests.support.uploads import encoded


def put_on_sale() -> None:
    Variant.objects.filter(sku="MUG-01").update(sale_minor=1234)


def give_options() -> None:
    """Let the mugs differ in colour; another option is there for one more."""
    values = {}
    for position, (name, names) in enumerate(
        {"Colour": ["White", "Navy"], "Size": ["Small", "Large"]}.items()
    ):
        option = Option.objects.create(name_en=name, name_ja=name, position=position)
        for place, value in enumerate(names):
            values[value] = OptionValue.objects.create(
                option=option, name_en=value, name_ja=value, position=place
            )
    OptionValue.objects.create(
        option=values["White"].option, name_en="Red", name_ja="Red", position=2
    )
    Variant.objects.filter(sku="MUG-01").update(value_1=values["White"])
    Variant.objects.filter(sku="MUG-02").update(
        value_1=OptionValue.objects.get(name_en="Red")
    )
    services.index_product(Product.objects.get(slug="mug").pk)


def give_two_options() -> None:
    give_options()
    small = OptionValue.objects.get(name_en="Small")
    Variant.objects.filter(sku="MUG-01").update(value_2=small)


def give_second_picture() -> None:
    picture = Picture.objects.get(alt_en="View 2")
    picture.use(store(ContentFile(encoded(), name="second.png")))
    picture.save()


def relate() -> None:
    mug, tea = Product.objects.get(slug="mug"), Product.objects.get(slug="tea")
    make_product("cup", skus=("CUP-01",), pictures=0, name_en="Cup")
    RelatedProduct.objects.create(product=mug, goods=tea)


def relate_two() -> None:
    relate()
    mug, cup = Product.objects.get(slug="mug"), Product.objects.get(slug="cup")
    RelatedProduct.objects.create(product=mug, goods=cup, position=1)


# What has to be so that a field has something to say.
def make_set() -> None:
    """A set of a mug and a tea."""
    bundle = make_product("set", skus=("SET-01",), price_minor=2000, units=0)
    for position, sku in enumerate(("MUG-01", "TEA-01")):
        variant = Variant.objects.get(sku=sku)
        BundlePart.objects.create(bundle=bundle, variant=variant, position=position)


def reduce_tax() -> None:
    """Let all goods be of the reduced rate."""
    Product.objects.update(tax_rate=Product.TaxRate.REDUCED)


PREPARED: dict[str, Callable[[], None]] = {
    "checkout.DeliveryCountry.reduced_rate": reduce_tax,
    **dict.fromkeys(
        [key for key in TABLE if key.startswith("catalogue.Option")], give_options
    ),
    "catalogue.Variant.value_1": give_options,
    "catalogue.Variant.value_2": give_options,
    "catalogue.Variant.value_3": give_two_options,
    "catalogue.Variant.picture": give_second_picture,
    **dict.fromkeys(
        (
            f"catalogue.BundlePart.{name}"
            for name in ("variant", "quantity", "position")
        ),
        make_set,
    ),
    "catalogue.RelatedProduct.goods": relate,
    "catalogue.RelatedProduct.position": relate_two,
    "catalogue.Variant.sale_from": put_on_sale,
    "catalogue.Variant.sale_until": put_on_sale,
}
