"""One query to a resolver and its response, over any transport: the form of both, and the errors of the exchange."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import Protocol

import dns.exception
import dns.flags
import dns.message
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from ebl.codes import Doubt
from ebl.errors import SourceError

SECONDS = 5.0
PAYLOAD = 1232  # bytes that pass every network path unfragmented


class DnsTransport(Protocol):
    """Sends one query to a resolver, and returns its response whatever its content."""

    @property
    def label(self) -> str:
        """The resolver, as reports may name it."""

    def ask(self, name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
        """Returns the response to one query, with or without the DNSSEC records (and then unchecked by the resolver).

        Raises `SourceError` if there is none: ``dns.timeout``, ``dns.unreachable``, ``dns.bad_answer``.
        """


@contextlib.contextmanager
def border(label: str, name: Name) -> Iterator[None]:
    """Raises `SourceError` instead of what sockets and dnspython raise while a resolver is queried about a name."""
    try:
        yield
    except (TimeoutError, dns.exception.Timeout) as late:
        raise SourceError(Doubt.DNS_TIMEOUT, "no_answer", resolver=label, name=name.to_text(True)) from late
    except ssl.SSLCertVerificationError as bad:
        raise SourceError(Doubt.DNS_UNREACHABLE, "certificate", resolver=label, fault=bad.verify_message) from bad
    except (OSError, EOFError) as trouble:
        if not (reason := getattr(trouble, "strerror", None)):
            raise SourceError(Doubt.DNS_UNREACHABLE, "hung_up", resolver=label) from trouble
        raise SourceError(Doubt.DNS_UNREACHABLE, "fault", resolver=label, fault=reason) from trouble
    except (dns.exception.DNSException, ValueError) as bad:
        raise SourceError(Doubt.DNS_BAD_ANSWER, "fault", resolver=label, fault=type(bad).__name__) from bad


def question(name: Name, rdtype: RdataType, *, dnssec: bool = False) -> Message:
    """Makes a query with recursion desired; with ``dnssec`` also the signatures, and checking disabled (RFC 4035 3.2.2)."""
    query = dns.message.make_query(name, rdtype, use_edns=0, payload=PAYLOAD, want_dnssec=dnssec)
    if dnssec:
        query.flags |= dns.flags.CD
    return query
