"""Who asks: the key or token that came with a request, as the owner of what is kept for it."""

from __future__ import annotations

import hashlib

from interfaces.refusing import Refusal
from interfaces.services import Services

_REMEDY = "whoever runs this server makes keys with `longshort keys add NAME`"


def bearer(authorization: str | None) -> str | None:
    """The token of an Authorization header, or None."""
    kind, _, token = (authorization or "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def check_key(services: Services, given: str | None, authorization: str | None = None) -> None:
    """As LibreTranslate does it: a missing key is 400, a wrong one 403. Nothing where no key is asked for."""
    if services.keys is None:
        return
    token = given or bearer(authorization)
    if not token:
        raise Refusal(400, f"an API key is needed here (api_key): {_REMEDY}")
    if services.keys.name_of(token) is None:
        raise Refusal(403, f"Invalid API key: {_REMEDY}")


def owner_of(services: Services, authorization: str | None) -> str:
    """Under which name conversations are kept for whoever sends this header.

    With keys it is the key's owner, else whoever sends the same token: any other cannot reach them. Raises
    Refusal (401) for a key that is missing or wrong.
    """
    token = bearer(authorization)
    if services.keys is None:
        return _hashed(f"token:{token or ''}")
    name = services.keys.name_of(token)
    if name is None:
        what = "Incorrect API key provided" if token else "no API key was sent (Authorization: Bearer KEY)"
        raise Refusal(401, f"{what}: {_REMEDY}", code="invalid_api_key")
    return _hashed(f"key:{name}")


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
