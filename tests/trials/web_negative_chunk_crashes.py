"""A did:web site answers in chunks, one of -2 bytes: a ValueError ends the verification, and the whole folder's. Needs an inner module (SafeFetch on the loopback)."""

import datetime
import socket
import ssl
import threading
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

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n"
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
listening = socket.create_server(("127.0.0.1", 0))


def serve() -> None:
    with context.wrap_socket(listening.accept()[0], server_side=True) as one:
        one.recv(65536)
        one.sendall(ANSWER)


threading.Thread(target=serve, daemon=True).start()
fetch = SafeFetch(
    addresses=lambda host: ["127.0.0.1"],
    trust=ssl.create_default_context(cadata=pem.decode()),
    unsafe_allowed=lambda address: True,
    unsafe_port=listening.getsockname()[1],
)
found = "nothing was raised"
try:
    resolver.document("did:web:carrier.example", replace(offline(), fetch=fetch))
except Exception as bad:
    found = f"{type(bad).__name__}: {bad}"
    good = isinstance(bad, SourceError)
else:
    raise RuntimeError("a body of -2 bytes was read")
print(found)
end(
    good,
    "a SourceError (web.bad_answer): cannot be determined. And a fault of ours in one document must not end the run over a folder",
)
