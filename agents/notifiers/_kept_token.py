"""The token that an application's bot works with: asked for with a secret, kept until shortly before its end."""

from dataclasses import dataclass

SPARE_S = 300  # before its end, after which it is not used any more


@dataclass(slots=True)
class KeptToken:
    """None at first."""

    token: str = ""
    until: int = 0  # ms since 1970

    def lasting(self, now_ms: int) -> str:
        """The token; empty if there is none that lasts."""
        return self.token if self.until > now_ms else ""

    def keep(self, token: object, lasts_s: object, now_ms: int) -> str:
        """What the service gave, kept if it is a token and a time; empty if it is not."""
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or type(lasts_s) is not int:
            return ""
        self.token, self.until = token, now_ms + max(lasts_s - SPARE_S, 0) * 1_000
        return token

    def forget(self) -> None:
        """The service does not know it any more."""
        self.token, self.until = "", 0
