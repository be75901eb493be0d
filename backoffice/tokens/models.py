"""Tokens of the API, kept by their hash."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from backoffice.tokens.scopes import Scope
from shop.database_clock import Now

LONGEST_NAME = 40
USE_IS_NOTED = timedelta(minutes=1)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def with_expiry(self) -> "ApiTokenQuerySet":
        """Add ``has_expired`` and ``seems_unused``, by the database's clock."""
        return self.annotate(
            has_expired=_is(Q(expires_at__lte=Now())), seems_unused=_is(_unused())
        )

    def unused(self) -> "ApiTokenQuerySet":
        """Return those of which no use was noted within USE_IS_NOTED."""
        return self.filter(_unused())


class ApiToken(models.Model):
    """A token that acts as its owner, within its scopes, until it ends.

    The row is kept when it has ended: history names tokens that acted.
    """

    # Names the form, so that one sent twice makes one token.
    key = models.UUIDField(unique=True, editable=False)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="api_tokens",
        verbose_name=_("acts as"),
    )
    # SHA-256 of the token: 32 random bytes cannot be guessed from it.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(_("ends with"), max_length=4)
    scopes = models.CharField(_("scopes"), max_length=300)
    made_by = models.CharField(_("made by"), max_length=150)
    made_at = models.DateTimeField(_("made at"), default=Now)
    expires_at = models.DateTimeField(_("expires at"))
    # To the minute: it is not written with every request.
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.CharField(_("revoked by"), max_length=150, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-id"]
        default_permissions = ("view", "add")
        permissions = [("revoke_apitoken", _("Can revoke an API token"))]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_set(self) -> frozenset[Scope]:
        """Return its scopes, without those that this version no longer has."""
        return frozenset(Scope(one) for one in self.scopes.split() if one in Scope)

    @property
    def is_expired(self) -> bool:
        """Return whether it has expired, by ``with_expiry``."""
        return bool(getattr(self, "has_expired", False))

    @property
    def is_use_to_note(self) -> bool:
        return bool(getattr(self, "seems_unused", False))


def _unused() -> Q:
    # Not true for an empty column, and not unknown either.
    used = Q(last_used_at__isnull=False, last_used_at__gte=Now(-USE_IS_NOTED))
    return ~used


def _is(condition: Q) -> Combinable:
    return ExpressionWrapper(condition, output_field=models.BooleanField())
