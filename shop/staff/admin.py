"""Remove allauth's tables from the admin: they hold the secrets of the factors."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin

admin.site.unregister([Authenticator, EmailAddress])
# Identities of customers, and issuers, which come from the settings alone.
admin.site.unregister([SocialAccount, SocialApp, SocialToken])
