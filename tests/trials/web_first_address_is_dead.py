"""A did:web host with two addresses, the first of which swallows connections: cannot be determined, though the second answers. Needs an inner module (SafeFetch on the loopback)."""

import datetime
import json
import socket
import ssl
import threading
import time
from dataclasses import replace

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lab import end, folder

from ebl.did import resolver
from ebl.errors import SourceError
from ebl.net.guarded_fetch import SafeFetch
from ebl.sources import offline

BODY = json.dumps({"id": "did:web:carrier.example"}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "carrier.example")])
cert = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(1)
    .not_valid_before(now - datetime.timedelta(1))
    .not_valid_after(now + datetime.timedelta(1))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName("carrier.example")]), False)
    .add_extension(x509.BasicConstraints(True, None), True)
    .sign(key, hashes.SHA256())
)
pem = cert.public_bytes(serialization.Encoding.PEM)
file = folder() / "server.pem"
file.write_bytes(
    pem + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(file)
good = socket.create_server(("127.0.0.1", 0))
port = good.getsockname()[1]
dead = socket.create_server(
    ("127.0.0.2", port), backlog=0
)  # nobody accepts here: once its queue is full, connections hang
queue = [socket.socket() for _ in range(4)]
for one in queue:
    one.setblocking(False)
    one.connect_ex(("127.0.0.2", port))


def serve() -> None:
    while True:
        with context.wrap_socket(good.accept()[0], server_side=True) as one:
            one.recv(65536)
            one.sendall(ANSWER)


threading.Thread(target=serve, daemon=True).start()
found = {}
for what, addresses in (
    ("the good one first", ["127.0.0.1", "127.0.0.2"]),
    ("the dead one first", ["127.0.0.2", "127.0.0.1"]),
):
    fetch = SafeFetch(
        addresses=lambda host, them=addresses: them,
        trust=ssl.create_default_context(cadata=pem.decode()),
        unsafe_allowed=lambda address: True,
        unsafe_port=port,
    )
    started = time.monotonic()
    try:
        found[what] = resolver.document("did:web:carrier.example", replace(offline(), fetch=fetch))["id"]
    except SourceError as trouble:
        found[what] = f"{trouble.doubt}: {trouble.detail}"
    print(f"{what}: {found[what]} ({time.monotonic() - started:.1f} s)")
if found["the good one first"] != "did:web:carrier.example":
    raise RuntimeError("the page cannot be had at all")
end(
    found["the dead one first"] == "did:web:carrier.example",
    "the document: each address has its share of the time, and the next is tried (a failed TLS handshake likewise)",
)
