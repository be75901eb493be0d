"""The feed of new goods, in Atom."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from shop.catalogue.models import Product
from shop.pages.addresses import absolute
from shop.pages.frame import read_frame

NEWEST = 30


@require_safe
@cache_control(max_age=900, public=True)
@vary_on_headers("Accept-Language", "Cookie")
def feed(_request: HttpRequest) -> HttpResponse:
    profile = read_frame().profile
    language = (get_language() or "en")[:2]
    atom = Atom1Feed(
        title=f"{profile.shop_name}: {_('New arrivals')}",
        link=absolute(reverse("catalogue:home")),
        description=profile.tagline,
        language=language,
        feed_url=absolute(reverse("pages:feed"), {"lang": language}),
        author_name=profile.name,
    )
    newest = Product.objects.on_sale().order_by("-released_at", "-pk")
    for product in newest[:NEWEST]:
        url = absolute(product.get_absolute_url())
        atom.add_item(
            title=product.name,
            link=url,
            unique_id=url,
            description=product.description,
            pubdate=product.released_at,
            updateddate=product.released_at,
        )
    return HttpResponse(
        atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )
