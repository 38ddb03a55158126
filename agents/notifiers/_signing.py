"""Signatures of the custom bots of DingTalk and Feishu: the same two ingredients, mixed differently."""

import hmac
from base64 import b64encode
from collections.abc import Mapping


def secret(option: str, options: Mapping[str, str]) -> str:
    """The secret in the setting ``option``; empty if the bot does not sign. Raises ValueError if it is none."""
    given = options.get(option, "")
    if not given.isascii() or any(character.isspace() for character in given):
        raise ValueError(f"{option}: write the secret as the bot's page shows it, without spaces")
    return given


def dingtalk(secret: str, ms: int) -> str:
    """Signature of a request at ``ms`` since 1970; goes into the query. The secret is the key.

    Source: open.dingtalk.com, "custom robots: security settings".
    """
    return _hmac(key=secret, message=f"{ms}\n{secret}")


def feishu(secret: str, seconds: int) -> str:
    """Signature of a request at ``seconds`` since 1970; goes into the body. Time and secret are the key, of nothing.

    Source: open.feishu.cn, "custom bot usage guide".
    """
    return _hmac(key=f"{seconds}\n{secret}", message="")


def _hmac(*, key: str, message: str) -> str:
    return b64encode(hmac.digest(key.encode(), message.encode(), "sha256")).decode()
