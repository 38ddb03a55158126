"""Sockets to the public internet only: no name, redirect or rebinding leads a connection into the own network."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import AddrInfoType

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")


class ForbiddenAddressError(OSError):
    """The name of a host leads into the own network."""


def guarded(allowed: Sequence[Network]) -> Callable[[AddrInfoType], socket.socket]:
    """A socket factory for aiohttp's connector that refuses private addresses outside of ``allowed``.

    The address is checked where the socket is opened, after every resolution and redirect. The factory raises
    ForbiddenAddressError.
    """

    def open_socket(target: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, where = target
        address = ip_address(str(where[0]))
        if not routable(address) and not any(address in network for network in allowed):
            raise ForbiddenAddressError("not a globally routable address")
        return socket.socket(family, kind, protocol)

    return open_socket


def routable(address: Address) -> bool:
    """Whether ``address`` is on the public internet; addresses that wrap another one are judged by that one."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return routable(IPv4Address(int(address) & 0xFFFFFFFF))
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if wrapped is not None:
            return routable(wrapped)
    return address.is_global and not address.is_multicast
