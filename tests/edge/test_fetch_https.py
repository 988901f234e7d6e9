"""Files of a site over TLS, with and without a proxy."""

from __future__ import annotations

import ipaddress
import ssl
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge.fetch import (
    open_site,
)
from tests.edge.fetching import LATEST, LIST, refusal
from tests.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server import Handler, Server


class TestHttps:
    @pytest.fixture(autouse=True)
    def proxy(self, monkeypatch: pytest.MonkeyPatch) -> Server | None:
        """Go through no proxy, wherever these tests run."""
        for name in ("https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        return None

    @pytest.fixture
    def secure(self, server: Server, tmp_path: Path) -> Path:
        """Let the server speak TLS, and return its certificate."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
        )

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
            .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        public, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
        public.write_bytes(certificate.public_bytes(Encoding.PEM))
        secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(public, secret)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        return public

    def test_is_read_over_one_connection(
        self, server: Server, secure: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(secure))
        opened = open_site(server.url.replace("http:", "https:"))
        assert [opened(LIST), opened(LIST)] == [b"v1.0.0\n"] * 2
        assert server.connections == 1

    @pytest.mark.usefixtures("secure")
    def test_of_a_stranger_is_refused(self, server: Server) -> None:
        url = server.url.replace("http:", "https:")
        assert "certificate" in refusal(url, LIST)
        assert server.asked == []

    def test_is_timed_too(
        self, server: Server, secure: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(secure))

        def answer(it: Handler) -> None:
            it.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            for _ in range(40):
                it.wfile.write(b"x")
                time.sleep(0.05)

        server.answers[LATEST] = answer
        told = refusal(server.url.replace("http:", "https:"), LATEST, seconds=0.5)
        assert told.endswith(": the server does not answer in time")


class TestProxy(TestHttps):
    """The same, and more, through a proxy on this machine."""

    @pytest.fixture(autouse=True)
    def proxy(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
        with serving({}) as proxy:
            for name in ("https_proxy", "no_proxy", "NO_PROXY"):
                monkeypatch.delenv(name, raising=False)
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            yield proxy

    @pytest.fixture
    def trusted(self, server: Server, secure: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        monkeypatch.setenv("SSL_CERT_FILE", str(secure))
        return server.url.replace("http:", "https:")

    def test_passes_on_what_it_cannot_read(self, proxy: Server, trusted: str) -> None:
        opened = open_site(trusted)
        assert [opened(LIST), opened(LIST), opened("x/@v/list")] == [*[b"v1.0.0\n"] * 2, None]
        assert proxy.asked == [f"CONNECT {trusted.removeprefix('https://')}"]

    def test_is_told_who_asks(
        self, proxy: Server, trusted: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = []

        def answer(it: Handler) -> None:
            told.append(it.headers["Proxy-Authorization"])
            it.answer(407)

        proxy.answers["CONNECT"] = answer
        with_user = proxy.url.replace("http://", "http://me:a%40b@")
        monkeypatch.setenv("HTTPS_PROXY", with_user)
        said = refusal(trusted, LIST)
        assert said.endswith(f": the proxy {proxy.url.removeprefix('http://')} answers 407")
        assert set(told) == {"Basic bWU6YUBi"}  # me:a@b

    def test_is_not_asked_for_what_is_excepted(
        self, proxy: Server, trusted: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NO_PROXY", "example.com, 127.0.0.1")
        assert open_site(trusted)(LIST) == b"v1.0.0\n"
        assert proxy.asked == []

    def test_is_not_asked_for_plain_http(self, server: Server, proxy: Server) -> None:
        assert open_site(server.url)(LIST) == b"v1.0.0\n"
        assert proxy.asked == []

    def test_is_asked_in_time(self, proxy: Server, trusted: str) -> None:
        def answer(it: Handler) -> None:
            for _ in range(40):
                it.wfile.write(b"x")
                time.sleep(0.05)

        proxy.answers["CONNECT"] = answer
        began = time.monotonic()
        told = refusal(trusted, LIST, seconds=0.5)
        assert told.endswith(": the server does not answer in time")
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize("answer", [b"", b"SSH-2.0\r\n\r\n", b"x" * 100_000])
    def test_must_be_one(self, proxy: Server, trusted: str, answer: bytes) -> None:
        def other(it: Handler) -> None:
            it.wfile.write(answer)
            it.close_connection = True

        proxy.answers["CONNECT"] = other
        told = f": the proxy {proxy.url.removeprefix('http://')} does not answer as one"
        assert refusal(trusted, LIST).endswith(told)

    def test_may_be_gone(self, trusted: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "127.0.0.1:1")
        assert refusal(trusted, LIST).endswith(": the proxy 127.0.0.1:1: connection refused")

    @pytest.mark.parametrize(
        "place", ["https://p.example", "socks5://me:secret@p", "http://", "a b:c"]
    )
    def test_is_of_one_kind(
        self, trusted: str, monkeypatch: pytest.MonkeyPatch, place: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", place)
        told = refusal(trusted, LIST)
        assert told.endswith(": https_proxy is no proxy such as http://proxy.example:3128")
