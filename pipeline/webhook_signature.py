"""Whether a request was signed with our secret, by Standard Webhooks (standardwebhooks.com) or HMAC-SHA256."""

import base64
import binascii
import hmac
from collections.abc import Mapping

TOLERANCE_S = 300  # between the sender's clock and ours; what is older may be a recording
PREFIX = "whsec_"
_ID, _TIME, _SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
_MOST = 10  # signatures of one request, while a sender changes its secret


def key_of(secret: str) -> bytes:
    """The bytes of a secret: those in base64 behind ``whsec_``, or the text itself. At least 16 of them.

    Raises:
        ValueError: it is none; the text does not repeat it.
    """
    try:
        key = (
            base64.b64decode(secret.removeprefix(PREFIX), validate=True)
            if secret.startswith(PREFIX)
            else secret.encode()
        )
    except binascii.Error:
        raise ValueError("what follows whsec_ is no base64") from None
    if len(key) < 16:  # noqa: PLR2004  # as the docstring says
        raise ValueError("it is shorter than 16 bytes")
    return key


def standard(key: bytes, headers: Mapping[str, str], body: bytes, now_s: float) -> str | None:
    """Why a request is not signed as Standard Webhooks say; None if it is. Header names in lower case."""
    identifier, moment, signatures = (headers.get(name, "") for name in (_ID, _TIME, _SIGNATURE))
    if not (identifier and moment and signatures):
        return f"the headers {_ID}, {_TIME} and {_SIGNATURE} are needed"
    if not (moment.isascii() and moment.isdigit() and abs(int(moment[:15]) - now_s) <= TOLERANCE_S):
        return f"{_TIME} is not within {TOLERANCE_S} s of now"
    digest = hmac.digest(key, _bytes(f"{identifier}.{moment}.") + body, "sha256")
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    matches = [hmac.compare_digest(wanted.encode(), _bytes(one)) for one in signatures.split(" ")[:_MOST]]
    return None if any(matches) else f"{_SIGNATURE} is of another secret or body"


def one_header(key: bytes, name: str, headers: Mapping[str, str], body: bytes) -> str | None:
    """Why a header is not the HMAC-SHA256 of the body in hex, with or without ``sha256=``; None if it is."""
    given = headers.get(name.lower(), "").removeprefix("sha256=").lower()
    wanted = hmac.digest(key, body, "sha256").hex()
    return (
        None
        if hmac.compare_digest(wanted.encode(), _bytes(given))
        else f"{name} is missing, or of another secret or body"
    )


def _bytes(text: str) -> bytes:
    """A header as it came: what is no UTF-8 is held in surrogates."""
    return text.encode("utf-8", "surrogateescape")
