"""OpenID Connect as allauth speaks it, with what it leaves out.

Here the identity token's signature is checked, also when it came over TLS; so are its
nonce and the issuer's own name; and clocks may differ by a minute.
"""

import hmac
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import (
    OpenIDConnectOAuth2Adapter,
)
from django.http import HttpRequest
from django.urls import reverse

LEEWAY = 60  # seconds between the clocks
# Those with a key of their own for signing: never "none", never the client's secret.
ALGORITHMS = [
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
]


class IssuerAdapter(OpenIDConnectOAuth2Adapter):
    def get_callback_url(self, request: HttpRequest, _app: Any) -> str:
        return request.build_absolute_uri(reverse("customers:oidc_callback"))

    def complete_login(
        self, _request: HttpRequest, app: Any, token: Any, **sent: Any
    ) -> SocialLogin:
        """Return the login with the proven claims. Raises OAuth2Error if any is wrong.

        What the issuer says beside the token counts only for the same person.
        """
        try:
            claims = self._decode_id_token(app, sent["response"]["id_token"])
            if "email" not in claims:
                info = self._fetch_user_info(token.token)
                if info["sub"] != claims["sub"]:
                    message = "the user's claims are about somebody else"
                    raise OAuth2Error(message)
                claims = info | claims
            return self.get_provider().sociallogin_from_response(
                self.request, {"id_token": claims}
            )
        except (KeyError, TypeError, ValueError) as error:
            message = f"the issuer's answer cannot be read: {error!r}"
            raise OAuth2Error(message) from error

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        config = self.openid_config
        configured = app.settings["server_url"].partition("/.well-known/")[0]
        if str(config["issuer"]).rstrip("/") != configured.rstrip("/"):
            message = f"the issuer calls itself {config['issuer']!r}"
            raise OAuth2Error(message)
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                self._key_for(id_token, config["jwks_uri"]),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=config["issuer"],
                leeway=LEEWAY,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
        except jwt.PyJWTError as error:
            message = f"the identity token is not valid: {error}"
            raise OAuth2Error(message) from error
        return claims

    def _key_for(self, id_token: str, address: str) -> jwt.PyJWK:
        """Return the key of the token; one that names none means the only key."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(address)
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        named = jwt.get_unverified_header(id_token).get("kid")
        found = [key for key in keys if named in (None, key.key_id)]
        if len(found) != 1:
            message = f"the issuer has {len(found)} keys of the name {named!r}"
            raise OAuth2Error(message)
        return found[0]


def claims_of(login: SocialLogin) -> dict[str, Any]:
    """Return the claims. Raises OAuth2Error if they answer another question than ours.

    The nonce was sent by this browser's session and is in the token: a token that was
    made for another one has another.
    """
    claims: dict[str, Any] = login.account.extra_data["id_token"]
    asked = str((login.state.get("data") or {}).get("nonce", ""))
    if not asked or not hmac.compare_digest(asked, str(claims.get("nonce", ""))):
        message = "the nonce is not the one that was sent"
        raise OAuth2Error(message)
    return claims
