"""What platforms that encrypt what they post share: a callback that opens and answers it, and AES-256 in CBC mode."""

import json
from base64 import b64decode
from typing import NamedTuple, Protocol, runtime_checkable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from pipeline.callbacks._base import Request

IV_BYTES = 16
_NOT_OURS = "it was encrypted with another key"


class Answer(NamedTuple):
    """A body that the platform waits for."""

    text: str
    kind: str = "text/plain"

    @classmethod
    def json(cls, **fields: object) -> "Answer":
        """An object of these fields."""
        return cls(json.dumps(fields), "application/json")


@runtime_checkable
class Sealed(Protocol):
    """A callback whose platform encrypts, tries an address before it uses it, and understands its own answers only."""

    def check(self, secret: str) -> None:
        """Raises ValueError with what to write if the secret is of another form."""

    def opened(self, secret: str, request: Request) -> Request | Answer:
        """A genuine request with its body decrypted, or the answer to a trial. Raises ValueError if it is malformed."""

    def answer(self, text: str) -> Answer:
        """How the platform is told what became of an order."""


def decrypted(key: bytes, iv: bytes, sealed: bytes, block: int = IV_BYTES) -> bytes:
    """What was padded to ``block`` bytes (PKCS #7) and encrypted. Raises ValueError if that was not by this key."""
    decryptor = Cipher(AES256(key), CBC(iv)).decryptor()
    unpadder = PKCS7(block * 8).unpadder()
    try:
        return unpadder.update(decryptor.update(sealed) + decryptor.finalize()) + unpadder.finalize()
    except ValueError:
        raise ValueError(_NOT_OURS) from None


def bytes_of(text: str) -> bytes:
    """Base64. Raises ValueError if it is none."""
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise ValueError("it is no base64") from None
