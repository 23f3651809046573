"""Guards the way out: which URLs may be sent to, and which addresses their names may stand for."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import idna
import structlog

from app.webhooks.sending.looking_up import Resolver

Address = IPv4Address | IPv6Address
Range = IPv4Network | IPv6Network

LONGEST_URL = 2048
RESOLVING_S = 5.0
LOWEST_FREE_PORT = 1024
ORDINARY_PORTS = {"https": 443, "http": 80}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<resource>[^#]*)(?P<fragment>#.*)?", re.DOTALL)
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
_RESOURCE = re.compile(r"[!-~]*")
_OTHER_FULL_STOPS = re.compile("[\u3002\uff0e\uff61]")
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)")
_log = structlog.get_logger("app.webhooks.sending.egress")


class Refusal(StrEnum):
    """Why something may not be sent there; stable, for machines."""

    URL = "url"
    SCHEME = "scheme"
    PLAIN_HTTP = "plain_http"
    CREDENTIALS = "credentials"
    FRAGMENT = "fragment"
    HOST = "host"
    PORT = "port"
    ADDRESS_SPELLING = "address_spelling"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "host_unreachable"
    METADATA = "address_metadata"
    LOOPBACK = "address_loopback"
    PRIVATE = "address_private"
    LINK_LOCAL = "address_link_local"
    MULTICAST = "address_multicast"
    EMBEDDED = "address_embedded"
    RESERVED = "address_reserved"


SENTENCES: dict[Refusal, str] = {
    Refusal.URL: "The URL must be absolute, at most 2048 characters, and percent-encoded.",
    Refusal.SCHEME: "The URL must begin with https://.",
    Refusal.PLAIN_HTTP: "Plain http is only for address ranges that the operator has allowed (EGRESS_ALLOW).",
    Refusal.CREDENTIALS: "The URL must not carry a user name or a password.",
    Refusal.FRAGMENT: "The URL must not carry a fragment.",
    Refusal.HOST: "The URL must name a host, in letters, digits and hyphens or as an international name, without a trailing dot.",
    Refusal.PORT: "The port must be the ordinary one of the scheme, or lie between 1024 and 65535.",
    Refusal.ADDRESS_SPELLING: "An address must be written in its ordinary form.",
    Refusal.UNRESOLVED: "The name of the host could not be resolved.",
    Refusal.UNREACHABLE: "The host has no address on the public network, or none was found in time.",
    Refusal.METADATA: "The host stands for a metadata address of a hosting provider.",
    Refusal.LOOPBACK: "The host stands for a loopback address.",
    Refusal.PRIVATE: "The host stands for a private address.",
    Refusal.LINK_LOCAL: "The host stands for a link-local address.",
    Refusal.MULTICAST: "The host stands for a multicast address.",
    Refusal.EMBEDDED: "The host stands for an IPv6 address that hides an IPv4 address.",
    Refusal.RESERVED: "The host stands for a reserved address.",
}

# The first range that holds an address names the refusal. IANA special-purpose registries, read in full: what no row names is
# refused as well unless it is global, and in IPv6 unless it lies in 2000::/3, the only block given out so far.
REFUSED_RANGES: tuple[tuple[Refusal, tuple[Range, ...]], ...] = tuple(
    (refusal, tuple(ip_network(text) for text in texts))
    for refusal, texts in (
        (Refusal.METADATA, ("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192")),
        (Refusal.METADATA, ("fd00:ec2::/32", "fd20:ce::254")),
        (Refusal.RESERVED, ("0.0.0.0/8", "::/128")),
        (Refusal.LOOPBACK, ("127.0.0.0/8", "::1/128")),
        (Refusal.PRIVATE, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10")),
        (Refusal.LINK_LOCAL, ("169.254.0.0/16", "fe80::/10")),
        (Refusal.MULTICAST, ("224.0.0.0/4", "ff00::/8")),
        (Refusal.EMBEDDED, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16")),
        (Refusal.RESERVED, ("192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "192.88.99.0/24")),
        (Refusal.RESERVED, ("240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20")),
    )
)
_GIVEN_OUT = IPv6Network("2000::/3")
# RFC 5214: behind any prefix, this third quarter of an address means that the last is an IPv4 address.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


class EgressRefusedError(Exception):
    """Something may not be sent there; carries a stable reason and a plain sentence, and no part of the URL.

    What a name stands for is ours to know: whoever gave it hears one reason for all, lest they learn what names there are inside.
    """

    def __init__(self, reason: Refusal, *, is_of_name: bool = False) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason
        self.told = Refusal.UNREACHABLE if is_of_name else reason

    @property
    def sentence(self) -> str:
        """The refusal in plain words, safe to show to whoever gave the URL."""
        return SENTENCES[self.told]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL that reads in one way only; path and query stay out of its repr, for they may hold a receiver's token."""

    scheme: str
    host: str
    port: int
    resource: str = field(repr=False)
    literal: Address | None = None

    @property
    def host_header(self) -> str:
        """The name as the Host header wants it: brackets for IPv6, the port only when it is not the ordinary one."""
        host = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        return host if self.port == ORDINARY_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedAddress:
    """A target and the addresses it stood for when asked once, each of which may be dialled, in the resolver's order."""

    target: Target
    addresses: tuple[Address, ...]


def check_url(url: str, allowed: Sequence[Range] = ()) -> Target:
    """Read a URL strictly, without asking the network; http passes only where ranges are allowed. Raises EgressRefusedError."""
    parts = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    if parts is None:
        raise EgressRefusedError(Refusal.URL)
    scheme = _scheme(parts["scheme"], allowed)
    if "@" in parts["authority"]:
        raise EgressRefusedError(Refusal.CREDENTIALS)
    if parts["fragment"] is not None:
        raise EgressRefusedError(Refusal.FRAGMENT)
    if not _RESOURCE.fullmatch(parts["resource"]) or "\\" in parts["resource"]:
        raise EgressRefusedError(Refusal.URL)
    host, port = _host_and_port(parts["authority"], scheme)
    name, literal = _named(host)
    resource = parts["resource"] if parts["resource"].startswith("/") else f"/{parts['resource']}"
    return Target(scheme=scheme, host=name, port=port, resource=resource, literal=literal)


async def resolve(target: Target, resolver: Resolver, allowed: Sequence[Range] = ()) -> CheckedAddress:
    """Ask once what the name stands for; a single answer that may not be dialled refuses them all. Raises EgressRefusedError."""
    addresses = (target.literal,) if target.literal is not None else await _answers(target, resolver)
    for address in addresses:
        if any(address in each for each in allowed):
            continue
        if (refusal := refusal_of(address)) is not None:
            raise _refused(target, refusal)
        if target.scheme == "http":
            raise EgressRefusedError(Refusal.PLAIN_HTTP)
    return CheckedAddress(target=target, addresses=addresses)


def refusal_of(address: Address) -> Refusal | None:
    """Say why an address may not be dialled, or None for one that belongs to the public network."""
    for refusal, ranges in REFUSED_RANGES:
        if any(address in each for each in ranges):
            return refusal
    if isinstance(address, IPv6Address) and (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return Refusal.EMBEDDED
    given_out = isinstance(address, IPv4Address) or address in _GIVEN_OUT
    return None if given_out and address.is_global else Refusal.RESERVED


async def _answers(target: Target, resolver: Resolver) -> tuple[Address, ...]:
    try:
        async with asyncio.timeout(RESOLVING_S):
            found = tuple(dict.fromkeys(ip_address(text) for text in await resolver(target.host, target.port)))
    except (OSError, ValueError):
        raise _refused(target, Refusal.UNRESOLVED) from None
    if not found:
        raise _refused(target, Refusal.UNRESOLVED)
    return found


def _refused(target: Target, reason: Refusal) -> EgressRefusedError:
    """Refuse what a host stands for; the operator finds the reason in the log."""
    is_of_name = target.literal is None
    if is_of_name:
        _log.info("egress.refused", reason=reason.value)
    return EgressRefusedError(reason, is_of_name=is_of_name)


def _scheme(written: str, allowed: Sequence[Range]) -> str:
    scheme = written.lower()
    if scheme not in ORDINARY_PORTS:
        raise EgressRefusedError(Refusal.SCHEME)
    if scheme == "http" and not allowed:
        raise EgressRefusedError(Refusal.SCHEME)
    return scheme


def _host_and_port(authority: str, scheme: str) -> tuple[str, int]:
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise EgressRefusedError(Refusal.PORT if re.search(r":[^\]]*\Z", authority) else Refusal.HOST)
    port = int(parts["port"] or ORDINARY_PORTS[scheme])
    if port != ORDINARY_PORTS[scheme] and not LOWEST_FREE_PORT <= port <= 65535:
        raise EgressRefusedError(Refusal.PORT)
    return parts["host"], port


def _named(host: str) -> tuple[str, Address | None]:
    if host.startswith("["):
        return _literal(host[1:-1].lower(), IPv6Address)
    if _OTHER_FULL_STOPS.search(host):
        raise EgressRefusedError(Refusal.HOST)
    try:
        name = idna.encode(_in_small_letters(host)).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise EgressRefusedError(Refusal.ADDRESS_SPELLING if _ENDS_IN_A_NUMBER.fullmatch(host) else Refusal.HOST) from None
    if name.endswith("."):
        raise EgressRefusedError(Refusal.HOST)
    return _literal(name, IPv4Address) if _ENDS_IN_A_NUMBER.fullmatch(name) else (name, None)


def _in_small_letters(host: str) -> str:
    """Of ASCII letters alone, for there are others whose small form is an ASCII letter, such as the sign for kelvin."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in host)


def _literal(written: str, kind: type[IPv4Address] | type[IPv6Address]) -> tuple[str, Address]:
    try:
        address = kind(written)
    except ValueError:
        raise EgressRefusedError(Refusal.ADDRESS_SPELLING) from None
    # From Python 3.13 on, an address that hides one of IPv4 is itself written with full stops.
    if str(address) != written or "%" in written or (kind is IPv6Address and "." in written):
        raise EgressRefusedError(Refusal.ADDRESS_SPELLING)
    return written, address
