"""Who may use the console, and what: accounts, roles and proxies as the settings write them."""

import hmac
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeGuard

from schemas.command import LONGEST_BY

Role = Literal["view", "respond", "admin"]
Network = IPv4Network | IPv6Network

ROLES: tuple[Role, ...] = ("view", "respond", "admin")  # each may do what those before it may
SHORTEST_TOKEN = 16  # characters; whoever may guess tokens has a network to guess through
ANYBODY = "*"
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Account(NamedTuple):
    """Somebody with a token of their own."""

    name: str
    role: Role
    token: str


class Person(NamedTuple):
    """Who asks."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether they have this role or one that includes it."""
        return ROLES.index(self.role) >= ROLES.index(role)


def accounts(text: str) -> tuple[Account, ...]:
    """``name:role:token[,...]``; a token may hold colons, not commas.

    Raises:
        ValueError: it is not written so; the message never repeats a token.
    """
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, rest = part.partition(":")
        role, _, token = rest.partition(":")
        if not _named(name) or not _role(role):
            raise ValueError(f"write name:role:token, comma separated; roles are {', '.join(ROLES)}")
        if len(token) < SHORTEST_TOKEN:
            raise ValueError(f"the token of {name} is shorter than {SHORTEST_TOKEN} characters")
        found.append(Account(name, role, token))
    if len({account.name for account in found}) < len(found) or len({account.token for account in found}) < len(found):
        raise ValueError("two users have the same name or the same token")
    return tuple(found)


def roles(text: str) -> Mapping[str, Role]:
    """``name:role[,...]``.

    Raises:
        ValueError: it is not written so.
    """
    found: dict[str, Role] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, role = part.rpartition(":")
        if not _named(name) or not _role(role):
            raise ValueError(f"write name:role, comma separated; roles are {', '.join(ROLES)}")
        found[name] = role
    return MappingProxyType(found)


def networks(text: str) -> tuple[Network, ...]:
    """``CIDR[,...]``.

    Raises:
        ValueError: it is not written so.
    """
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def by_token(known: Sequence[Account], token: str) -> Person | None:
    """Whose token it is; every account is compared, in the same time."""
    given, person = token.encode("utf-8", "surrogateescape"), None
    for account in known:
        if hmac.compare_digest(account.token.encode(), given):
            person = Person(account.name, account.role)
    return person


def by_proxy(known: Mapping[str, Role], name: str) -> Person | None:
    """Who it is that a proxy names; nobody if the name is none, or has no role."""
    role = known.get(name, known.get(ANYBODY))
    return Person(name, role) if role and _named(name) and name != ANYBODY else None


def trusted(known: Sequence[Network], peer: str) -> bool:
    """Whether ``peer``, the address at the other end of the connection, is one of the proxies."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in known)


def loopback(host: str) -> bool:
    """Whether ``host``, as it stands in a setting or in a Host header without its port, never leaves the machine."""
    name = host.strip("[]").lower()
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name in LOCAL_NAMES or not name


def _named(name: str) -> bool:
    return 0 < len(name) <= LONGEST_BY and name.isprintable() and name == name.strip()


def _role(word: str) -> TypeGuard[Role]:
    return word in ROLES
