"""Files of a site: from a directory or a web server, and no further than they should go."""

from __future__ import annotations

import gc
import os
import time
from typing import TYPE_CHECKING

import pytest

from chartconfig.edge import fetch
from chartconfig.edge.fetch import (
    DirectorySite,
    FetchError,
    HttpSite,
    UnreachableError,
    limit,
    open_site,
)
from tests.edge.fetching import LATEST, LIST, refusal
from tests.sites import site, written

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Handler, Server


class TestPlace:
    @pytest.mark.parametrize("prefix", ["", "file://"])
    def test_may_be_a_directory(self, tmp_path: Path, prefix: str) -> None:
        root = written(site("v1.0.0").files, tmp_path / "a site")
        opened = open_site(prefix + str(root).replace(" ", "%20" if prefix else " "))
        assert isinstance(opened, DirectorySite)
        assert opened(LIST) == b"v1.0.0\n"
        assert opened(LIST + "x") is None
        assert opened(f"{LIST}/x") is None
        assert opened.listing() == frozenset(site("v1.0.0").files)

    def test_may_be_a_url(self, server: Server) -> None:
        opened = open_site(f"{server.url}/")
        assert isinstance(opened, HttpSite)
        assert opened(LIST) == b"v1.0.0\n"
        assert opened(LIST + "x") is None
        assert opened.listing() is None

    def test_may_be_below_a_host(self, server: Server) -> None:
        server.files = {f"a/b/{LIST}": b"v1.0.0\n"}
        assert open_site(f"{server.url}/a/b")(LIST) == b"v1.0.0\n"

    @pytest.mark.parametrize(
        "place",
        [
            "ftp://example.com",
            "https://",
            "https://example.com/?a=b",
            "https://example.com/#a",
            "https://me:secret@example.com/",
            "https://example.com:http/",
            "file://example.com/site",
            "http://[::1",
            "http://example.com:0/",
            "file:///srv/site%00",
            "srv/site\0",
        ],
    )
    def test_may_be_nothing_else(self, place: str) -> None:
        with pytest.raises(FetchError, match="this is no URL of a site"):
            open_site(place)

    @pytest.mark.parametrize("path", ["a b", "ä", "a\nb", "a\0", "\udcff", "\u202e"])
    def test_is_written_in_ascii(self, path: str) -> None:
        with pytest.raises(FetchError, match="this is no URL of a site") as raised:
            open_site(f"http://127.0.0.1:1/{path}")
        hint = "write a space as %20, and what is not ASCII in the same way"
        assert raised.value.diagnostic.hint == hint

    def test_may_have_any_name_in_a_file_url(self, tmp_path: Path) -> None:
        (tmp_path / "a ä%").mkdir()
        (tmp_path / "a ä%" / LIST).parent.mkdir(parents=True)
        (tmp_path / "a ä%" / LIST).write_bytes(b"v1.0.0\n")
        url = (tmp_path / "a ä%").as_uri()
        assert open_site(url)(LIST) == b"v1.0.0\n"
        assert open_site(url.replace("file://", "file://localhost"))(LIST) == b"v1.0.0\n"

    def test_may_have_a_name_that_is_not_ascii(self) -> None:
        assert open_site("http://bücher.example").listing() is None  # and nothing is asked yet


class TestPath:
    @pytest.mark.parametrize(
        "path",
        [
            *("", "/", "/etc/passwd", "../x", "a/../../x", "a/..", ".", "a/./b", "a//b", "a/"),
            *("a\\..\\b", "a%2e%2e/b", "a?b", "a#b", "a b", "a\nb", "é", "...", "a\0b"),
        ],
    )
    def test_of_other_places_is_refused(self, tmp_path: Path, server: Server, path: str) -> None:
        assert refusal(str(tmp_path), path).endswith(": no file of a site is called so")
        assert refusal(server.url, path).endswith(": no file of a site is called so")
        assert server.asked == []

    def test_of_every_published_file_is_read(self, tmp_path: Path, server: Server) -> None:
        root = open_site(str(written(server.files, tmp_path)))
        served = open_site(server.url)
        for path, data in server.files.items():
            assert root(path) == served(path) == data


class TestDirectory:
    def test_leads_nowhere_else(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_bytes(b"mine")
        root = tmp_path / "site"
        root.mkdir()
        (root / "a").symlink_to("../secret")
        (root / "b").symlink_to(tmp_path)
        for path in ("a", "b/secret"):
            assert refusal(str(root), path).endswith(": a link leads to another place")
        link = tmp_path / "link"
        link.symlink_to(root)
        (root / "c").write_bytes(b"here")
        assert open_site(str(link))("c") == b"here"

    def test_waits_for_no_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a")
        assert refusal(str(tmp_path), "a").endswith(": this is no file")
        (tmp_path / "b").mkdir()
        assert refusal(str(tmp_path), "b").endswith(": this is no file")

    def test_lists_no_hidden_files(self, tmp_path: Path) -> None:
        for name in (".nojekyll", ".git/config", "sumdb/a"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(b"")
        assert open_site(str(tmp_path)).listing() == frozenset({"sumdb/a"})

    def test_that_is_not_there_has_no_files(self, tmp_path: Path) -> None:
        nowhere = open_site(str(tmp_path / "nowhere"))
        assert nowhere(LIST) is None
        with pytest.raises(FetchError, match="no such file or directory"):
            nowhere.listing()


class TestSize:
    @pytest.mark.parametrize(
        ("path", "most"),
        [
            ("example.org/x/@v/list", 16 << 20),
            ("example.org/x/@v/v1.0.0.info", 4096),
            ("example.org/x/@latest", 4096),
            ("example.org/x/@v/v1.0.0.mod", 1 << 20),
            ("example.org/x/@v/v1.0.0.zip", 64 << 20),
            ("sumdb/example.org/log/lookup/example.org/x@v1.0.0", (1 << 20) + (1 << 16)),
            ("sumdb/example.org/log/tile/8/0/000", 8192),
            ("sumdb/example.org/log/tile/0/x001/000.p/7", 8192),
            ("sumdb/example.org/log/tile/8/data/000", 256 * 65538),
            ("sumdb/example.org/log/tile/entries/000", 256 * 65538),
            ("sumdb/example.org/log/checkpoint", 1 << 20),
        ],
    )
    def test_is_limited_by_kind(self, path: str, most: int) -> None:
        assert limit(path) == most

    def test_of_a_file(self, tmp_path: Path, server: Server) -> None:
        path = "example.org/x/@latest"
        for data in (b"x" * 4096, b"x" * 4097):
            server.files = {path: data}
            for place in (str(written(server.files, tmp_path)), server.url):
                if len(data) == 4096:
                    assert open_site(place)(path) == data
                else:
                    assert refusal(place, path).endswith(
                        "it has more than 4,096 bytes, the most that such a file may have"
                    )

    def test_is_judged_before_it_is_read(self, server: Server) -> None:
        server.answers[LATEST] = lambda it: it.answer(200, b"", Content_Length="9" * 18)
        assert "more than 1,048,576 bytes" in refusal(server.url, LATEST)

    def test_of_endless_data(self, server: Server) -> None:
        def answer(it: Handler) -> None:
            it.send_response(200)
            it.end_headers()
            while True:
                it.wfile.write(b"x" * 65536)

        server.answers[LATEST] = answer
        assert "more than 1,048,576 bytes" in refusal(server.url, LATEST)

    @pytest.mark.parametrize(
        ("size", "told"), [("-1", "more than 1,048,576 bytes"), ("-5", "non-negative")]
    )
    def test_of_a_chunk_of_less_than_nothing(self, server: Server, size: str, told: str) -> None:
        def answer(it: Handler) -> None:
            it.send_response(200)
            it.send_header("Transfer-Encoding", "chunked")
            it.end_headers()
            it.wfile.write(f"{size}\r\n".encode())
            for _ in range(100):
                it.wfile.write(b"x" * 65536)
            it.close_connection = True

        server.answers[LATEST] = answer
        assert told in refusal(server.url, LATEST)

    def test_that_is_too_small(self, server: Server) -> None:
        def answer(it: Handler) -> None:
            it.answer(200, b"x" * 10, Content_Length="11")
            it.close_connection = True

        server.answers[LATEST] = answer
        assert "it ends too early" in refusal(server.url, LATEST)


class TestTime:
    @pytest.mark.parametrize("after", ["nothing", "a header", "some data"])
    def test_of_a_silent_server(self, server: Server, after: str) -> None:
        def answer(it: Handler) -> None:
            if after != "nothing":
                it.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n")
            if after == "some data":
                it.wfile.write(b"\r\nabc")
            time.sleep(1)

        server.answers[LATEST] = answer
        began = time.monotonic()
        told = refusal(server.url, LATEST, seconds=0.2)
        assert told.endswith(": the server does not answer in time")
        assert time.monotonic() - began < 0.8

    @pytest.mark.parametrize("what", ["headers", "data"])
    def test_of_one_that_sends_a_byte_now_and_then(self, server: Server, what: str) -> None:
        def answer(it: Handler) -> None:
            it.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n")
            it.wfile.write(b"\r\n" if what == "data" else b"X: ")
            for _ in range(40):
                it.wfile.write(b"x")
                time.sleep(0.05)

        server.answers[LATEST] = answer
        began = time.monotonic()
        told = refusal(server.url, LATEST, seconds=0.3)
        assert told.endswith(": the server does not answer in time")
        assert 0.25 < time.monotonic() - began < 1

    def test_is_for_all_files_together(self, server: Server) -> None:
        opened = open_site(server.url, seconds=0.2)
        assert opened(LIST) is not None
        time.sleep(0.25)
        with pytest.raises(UnreachableError, match="does not answer in time"):
            opened(LIST)

    def test_of_each_wait_is_limited(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fetch, "_SECONDS", 0.2)
        server.answers[LATEST] = lambda _: time.sleep(1)
        assert refusal(server.url, LATEST).endswith(": the server does not answer in time")


class TestRedirect:
    def moved(self, server: Server, to: str, status: int = 302) -> None:
        server.answers[LATEST] = lambda it: it.answer(status, Location=to)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_within_a_host_is_followed(self, server: Server, status: int) -> None:
        for target in (f"/{LIST}", f"{server.url}/{LIST}#a", "../../../" + LIST):
            self.moved(server, target, status)
            assert open_site(server.url)(LATEST) == b"v1.0.0\n"

    @pytest.mark.parametrize(
        ("target", "where"),
        [
            ("ftp://127.0.0.1/x", "ftp://127.0.0.1"),
            ("file:///etc/passwd", "file://"),
            ("http://example.com/x", "http://example.com"),
            ("//example.com/x", "http://example.com"),
            ("http://127.0.0.1:1/x", "http://127.0.0.1:1"),
            ("https://127.0.0.1:1/x", "https://127.0.0.1:1"),
            ("http://127.0.0.1@example.com/x", "http://127.0.0.1@example.com"),
            ("http://[::1", "nowhere"),
            ("http://127.0.0.1:x/", "http://127.0.0.1:x"),
            ("/\xe9", "nowhere"),
            ("/\x7f", "nowhere"),
        ],
    )
    def test_to_another_place_is_not(self, server: Server, target: str, where: str) -> None:
        self.moved(server, target)
        assert refusal(server.url, LATEST).endswith(f": it redirects to {where}")

    def test_is_not_followed_for_ever(self, server: Server) -> None:
        self.moved(server, f"/{LATEST}")
        assert refusal(server.url, LATEST).endswith(": this is redirect 6")
        assert len(server.asked) == 6

    @pytest.mark.parametrize(
        ("old", "new", "followed"),
        [
            ("http://a.example/x", "https://a.example/x", True),
            ("https://a.example/x", "http://a.example/x", False),
            ("http://a.example/x", "https://b.example/x", False),
            ("http://a.example:8080/x", "https://a.example/x", False),
            ("https://a.example/x", "https://a.example/y", True),
        ],
    )
    def test_may_only_become_safer(self, old: str, new: str, *, followed: bool) -> None:
        opened = open_site(old)
        assert isinstance(opened, HttpSite)
        if followed:
            assert opened._followed(old, new) == new  # noqa: SLF001 - no server has a name here
        else:
            with pytest.raises(FetchError, match="it redirects to"):
                opened._followed(old, new)  # noqa: SLF001 - as above


class TestServer:
    def test_is_asked_over_one_connection(self, server: Server) -> None:
        opened = open_site(server.url)
        assert opened(LIST) == b"v1.0.0\n"
        assert opened(f"{LIST}x") is None
        assert opened(LIST) == b"v1.0.0\n"
        assert server.connections == 1

    def test_is_hung_up_on_when_nobody_has_the_site_any_more(self, server: Server) -> None:
        opened = open_site(server.url)
        assert opened(LIST) == b"v1.0.0\n"
        vars(opened)["itself"] = opened  # as the traceback of an error may have it
        (connection,) = vars(opened)["_connections"].values()
        del opened
        gc.collect()
        assert connection.sock is None

    def test_may_close_an_idle_connection(self, server: Server) -> None:
        def answer(it: Handler) -> None:
            it.answer(200, b"v1.0.0\n")
            it.close_connection = True

        server.answers[LIST] = answer
        opened = open_site(server.url)
        assert [opened(LIST), opened(LIST)] == [b"v1.0.0\n"] * 2
        assert server.connections == 2

    @pytest.mark.parametrize("status", [204, 206, 403, 500, 503])
    def test_that_answers_otherwise(self, server: Server, status: int) -> None:
        server.answers[LATEST] = lambda it: it.answer(status)
        assert refusal(server.url, LATEST).endswith(f": the server answers {status}")

    @pytest.mark.parametrize("status", [404, 410])
    def test_that_has_no_such_file(self, server: Server, status: int) -> None:
        server.answers[LATEST] = lambda it: it.answer(status, b"x" * 100_000)
        opened = open_site(server.url)
        assert opened(LATEST) is None
        assert opened(LIST) == b"v1.0.0\n"

    def test_that_compresses(self, server: Server) -> None:
        server.answers[LATEST] = lambda it: it.answer(200, b"x", Content_Encoding="gzip")
        assert "it is compressed, which was not asked for" in refusal(server.url, LATEST)

    def test_that_speaks_another_language(self, server: Server) -> None:
        def answer(it: Handler) -> None:
            it.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")
            it.close_connection = True

        server.answers[LATEST] = answer
        assert "ssh-2.0" in refusal(server.url, LATEST)

    def test_that_is_not_there(self) -> None:
        with pytest.raises(UnreachableError, match="connection refused"):
            open_site("http://127.0.0.1:1")(LATEST)

    @pytest.mark.parametrize("host", ["a" * 70 + ".example", "a..example"])
    def test_that_cannot_be(self, host: str) -> None:
        with pytest.raises(FetchError, match=f"http://{host}: this is no URL of a site"):
            open_site(f"http://{host}")
