"""Look-ups: of real servers on this machine, honest and not, and of real git repositories."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chartconfig.charts.versions import Source, SourceKind, read_source
from chartconfig.edge.registry import Limits, LookUpError, look_up, where
from chartconfig.module.version import Scheme
from tests.edge.repository import git
from tests.registries import GIZMO, GIZMO_LIST, TOOLCHAIN_LIST, module, npm, pypi, toolchain
from tests.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.module.registry import Listing
    from tests.server import Handler, Server

HASTY = Limits(seconds=5, most=1 << 16, pause=0)
PLACES = {
    "module-proxy": (GIZMO_LIST, module(["v1.0.0", "v1.1.0"]), ("v1.0.0", "v1.1.0")),
    "pypi": ("simple/gizmo-tool", pypi({"1.0": False, "1.1": False}), ("1.0", "1.1")),
    "npm": ("@gizmo/tool", npm({"1.0.0": None, "1.1.0": None}), ("1.0.0", "1.1.0")),
}
PACKAGES = {"pypi": "gizmo-tool", "npm": "@gizmo/tool"}


@pytest.fixture
def server() -> Iterator[Server]:
    with serving({}) as running:
        yield running


def source(kind: str, server: str) -> Source:
    package = {"package": PACKAGES[kind]} if kind in PACKAGES else {}
    return read_source({"from": kind, "server": server, **package})


def ask(kind: str, server: str, limits: Limits = HASTY) -> Listing:
    asked = source(kind, server)
    has_module = asked.kind is SourceKind.MODULE_PROXY
    return look_up(
        asked,
        module=GIZMO if has_module else None,
        scheme=asked.scheme,
        base=Path(),
        limits=limits,
    )


def refusal(kind: str, server: str, limits: Limits = HASTY) -> str:
    with pytest.raises(LookUpError) as caught:
        ask(kind, server, limits)
    return str(caught.value).replace(server, "SERVER")


@pytest.mark.parametrize("kind", PLACES)
class TestEveryRegistry:
    """What may happen to any of them; a fault is in the answer to the first request."""

    def test_names_versions(self, server: Server, kind: str) -> None:
        _, server.files, versions = PLACES[kind]
        found = ask(kind, server.url)
        assert (found.versions, found.yanked, found.passed_over) == (versions, (), ())

    def test_may_stand_below_a_path(self, server: Server, kind: str) -> None:
        _, files, versions = PLACES[kind]
        server.files = {f"mirror/{path}": data for path, data in files.items()}
        assert ask(kind, f"{server.url}/mirror").versions == versions

    def test_may_not_know_the_name(self, server: Server, kind: str) -> None:
        path, *_ = PLACES[kind]
        assert refusal(kind, server.url) == f"SERVER/{path}: there is none"
        assert server.asked == [path]

    def test_may_fail_for_the_moment(self, server: Server, kind: str) -> None:
        path, server.files, versions = PLACES[kind]
        left = [503, 500]

        def busy(handler: Handler) -> None:
            if left:
                handler.answer(left.pop(), b"busy")
            else:
                handler.answer(200, server.files[path])

        server.answers[path] = busy
        assert ask(kind, server.url).versions == versions
        assert server.asked[:3] == [path] * 3

    def test_may_fail_for_good(self, server: Server, kind: str) -> None:
        path, *_ = PLACES[kind]
        server.answers[path] = lambda handler: handler.answer(500, b"broken")
        assert refusal(kind, server.url) == f"SERVER/{path}: the server answers 500"
        assert server.asked == [path] * 3

    def test_may_refuse(self, server: Server, kind: str) -> None:
        path, *_ = PLACES[kind]
        server.answers[path] = lambda handler: handler.answer(403, b"no")
        assert refusal(kind, server.url) == f"SERVER/{path}: the server answers 403"
        assert server.asked == [path]

    def test_may_be_slow(self, server: Server, kind: str) -> None:
        path, *_ = PLACES[kind]

        def slow(handler: Handler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            for _ in range(40):  # a byte now and then
                handler.wfile.write(b" ")
                time.sleep(0.1)

        server.answers[path] = slow
        started = time.monotonic()
        told = refusal(kind, server.url, Limits(seconds=0.5, pause=0))
        assert told == f"SERVER/{path}: the server does not answer in time"
        assert time.monotonic() - started < 3

    def test_may_end_early(self, server: Server, kind: str) -> None:
        path, files, _ = PLACES[kind]

        def broken(handler: Handler) -> None:
            handler.answer(200, files[path][:-3], Content_Length=str(len(files[path])))
            handler.close_connection = True

        server.answers[path] = broken
        assert refusal(kind, server.url) == f"SERVER/{path}: it ends too early"
        assert server.asked == [path] * 3

    @pytest.mark.parametrize("said", [True, False])
    def test_may_send_too_much(self, server: Server, kind: str, *, said: bool) -> None:
        path, *_ = PLACES[kind]
        data = b"v1.0.0\n" * 20_000

        def huge(handler: Handler) -> None:
            if said:
                handler.answer(200, data)
                return
            handler.send_response(200)
            handler.send_header("Connection", "close")
            handler.end_headers()
            handler.wfile.write(data)

        server.answers[path] = huge
        assert refusal(kind, server.url) == (
            f"SERVER/{path}: it has more than 65,536 bytes, the most that such a file may have"
        )

    def test_may_redirect_on_its_host(self, server: Server, kind: str) -> None:
        path, server.files, versions = PLACES[kind]
        server.files = {**server.files, "elsewhere/": server.files[path]}
        server.answers[path] = lambda handler: handler.answer(301, Location="/elsewhere/")
        assert ask(kind, server.url).versions == versions

    def test_may_not_redirect_to_another(self, server: Server, kind: str) -> None:
        path, *_ = PLACES[kind]
        server.answers[path] = lambda handler: handler.answer(302, Location="http://127.0.0.2:9/x")
        assert refusal(kind, server.url) == (f"SERVER/{path}: it redirects to http://127.0.0.2:9")

    def test_may_redirect_in_circles(self, server: Server, kind: str) -> None:
        path, *_ = PLACES[kind]
        server.answers[path] = lambda handler: handler.answer(302, Location=f"/{path}")
        assert refusal(kind, server.url) == f"SERVER/{path}: this is redirect 6"

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\n\n",
            b"<!DOCTYPE html><html><body>Not what was asked for</body></html>",
            b"\xff\xfe\x00",
            b"null",
            b"[]",
            b"{}",
            b"{",
            b"[" * 50_000,
            b'{"name": ' + b"9" * 10_000 + b"}",
        ],
    )
    def test_may_send_something_else(self, server: Server, kind: str, data: bytes) -> None:
        path, *_ = PLACES[kind]
        server.files = {path: data}
        told = refusal(kind, server.url)
        assert told.startswith(f"SERVER/{path}: it ")
        assert len(told) < 300
        assert told.isprintable()

    def test_may_not_be_there(self, server: Server, kind: str) -> None:
        server.shutdown()
        server.server_close()
        path, *_ = PLACES[kind]
        assert refusal(kind, server.url) == f"SERVER/{path}: connection refused"


class TestModuleProxy:
    def test_may_name_versions_twice_and_what_is_none(self, server: Server) -> None:
        lines = (
            b"v1.2.0\nv1.0.0\n\nv1.2\nv1.0.0\r\nV2\nv2.0.0+incompatible\nv1.3.0-rc.1 # x\nv1.2\n"
        )
        server.files = {GIZMO_LIST: lines}
        found = ask("module-proxy", server.url)
        assert found.versions == ("v1.0.0", "v1.2.0", "v1.3.0-rc.1", "v2.0.0+incompatible")
        assert found.passed_over == ("v1.2", "V2")

    def test_says_what_the_newest_release_retracts(self, server: Server) -> None:
        versions = ["v1.0.0", "v1.0.1", "v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0-rc.1"]
        server.files = module(versions) | {
            "example.com/!gizmo/@v/v1.3.0.mod": b"""\
module example.com/Gizmo

require example.com/retract v1.2.0 // retract v1.1.0

retract v1.3.0 // itself
retract ( // (
    [v1.0.0, v1.0.5] // both
)
"""
        }
        found = ask("module-proxy", server.url)
        assert found.yanked == ("v1.0.0", "v1.0.1", "v1.3.0")
        assert server.asked == [GIZMO_LIST, "example.com/!gizmo/@v/v1.3.0.mod"]

    def test_knows_the_toolchain(self, server: Server) -> None:
        server.files = toolchain(["go1.9.2rc2", "go1.23rc1", "go1.9", "go1.21.0", "go1.23.0"])
        found = look_up(
            read_source({"from": "module-proxy", "server": server.url}, scheme=Scheme.GO_TOOLCHAIN),
            module=None,
            scheme=Scheme.GO_TOOLCHAIN,
            base=Path(),
            limits=HASTY,
        )
        assert found.versions == ("go1.9", "go1.21.0", "go1.23rc1", "go1.23.0")
        assert found.passed_over == ("go1.9.2rc2",)
        assert server.asked == [TOOLCHAIN_LIST]


class TestPyPI:
    def test_has_yanked_versions(self, server: Server) -> None:
        server.files = pypi({"1.0": False, "1.1": True, "1.2rc1": False})
        page = json.loads(server.files["simple/gizmo-tool"])
        page["files"][0]["yanked"] = "only the wheel"
        page["files"][2]["yanked"] = "broken"
        page["files"].append({"filename": "gizmo-tool-1.0.win32.exe"})
        server.files["simple/gizmo-tool"] = json.dumps(page).encode()
        found = ask("pypi", server.url)
        assert (found.versions, found.yanked) == (("1.0", "1.1", "1.2rc1"), ("1.1",))

    def test_is_asked_for_json(self, server: Server) -> None:
        asked = []

        def answer(handler: Handler) -> None:
            asked.append(handler.headers["Accept"])
            handler.answer(200, pypi({"1.0": False})["simple/gizmo-tool"])

        server.answers["simple/gizmo-tool"] = answer
        ask("pypi", server.url)
        assert asked == ["application/vnd.pypi.simple.v1+json"]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"meta": {"api-version": "2.0"}}, "it has the api-version '2.0', not 1.x"),
            ({"meta": []}, "it has the api-version null, not 1.x"),
            ({"name": "other"}, "it is of 'other'"),
            ({"name": 1}, "it is of 1"),
            ({"files": {}}, "it has no list of files"),
            ({"files": [1]}, "one of its files has no name"),
            ({"versions": "1.0"}, "its versions are no list of texts"),
            ({"versions": [1.0]}, "its versions are no list of texts"),
            ({"versions": []}, "it names no version such as 24.1.0"),
            (
                {"versions": ["1.0-x", "v1"]},
                "it names no version such as 24.1.0: the first name is '1.0-x'",
            ),
        ],
    )
    def test_may_send_something_else(
        self, server: Server, change: dict[str, object], why: str
    ) -> None:
        page = json.loads(pypi({"1.0": False})["simple/gizmo-tool"]) | change
        server.files = {"simple/gizmo-tool": json.dumps(page).encode()}
        assert refusal("pypi", server.url) == f"SERVER/simple/gizmo-tool: {why}"

    def test_may_be_of_before_versions_were_listed(self, server: Server) -> None:
        page = json.loads(pypi({"1.0": False, "1.1": False})["simple/gizmo-tool"])
        del page["versions"]
        page["meta"]["api-version"] = "1.0"
        server.files = {"simple/gizmo-tool": json.dumps(page).encode()}
        assert ask("pypi", server.url).versions == ("1.0", "1.1")

    def test_may_name_versions_twice_and_what_is_none(self, server: Server) -> None:
        server.files = pypi({"1.0": False})
        page = json.loads(server.files["simple/gizmo-tool"])
        page["versions"] = ["1.1", "1.0", "1.1", "2004d", "1.2.0-rc1", "1.2+local"]
        server.files["simple/gizmo-tool"] = json.dumps(page).encode()
        found = ask("pypi", server.url)
        assert found.versions == ("1.0", "1.1")
        assert found.passed_over == ("2004d", "1.2.0-rc1", "1.2+local")


class TestNpm:
    def test_has_deprecated_versions(self, server: Server) -> None:
        server.files = npm({"1.0.0": "use 1.1.0", "1.1.0": None, "1.10.0": None, "1.2": None})
        found = ask("npm", server.url)
        assert found.versions == ("1.0.0", "1.1.0", "1.10.0")
        assert (found.yanked, found.passed_over) == (("1.0.0",), ("1.2",))

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"name": "other"}, "it is of 'other'"),
            ({"versions": ["1.0.0"]}, "its versions are no map of objects"),
            ({"versions": {"1.0.0": 1}}, "its versions are no map of objects"),
            ({"versions": {}}, "it names no version such as 1.20.3"),
        ],
    )
    def test_may_send_something_else(
        self, server: Server, change: dict[str, object], why: str
    ) -> None:
        page = json.loads(npm({"1.0.0": None})["@gizmo/tool"]) | change
        server.files = {"@gizmo/tool": json.dumps(page).encode()}
        assert refusal("npm", server.url) == f"SERVER/@gizmo/tool: {why}"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "a repository"
    root.mkdir()
    git(root, "init", "--quiet")
    git(root, "commit", "--quiet", "--allow-empty", "--message=one")
    for tag in ("v0.1.0", "v0.2.0-rc.1", "gopls/v0.16.0", "gopls/v0.15.0", "nightly", "v1"):
        git(root, "tag", tag)
    git(root, "tag", "--annotate", "--message=two", "gopls/v0.17.0")
    return root


class TestGit:
    def ask(self, repository: str, base: Path, **more: str) -> Listing:
        asked = read_source({"from": "git", "repository": repository, **more})
        return look_up(asked, module=None, scheme=asked.scheme, base=base, limits=HASTY)

    def test_tags_name_versions(self, repository: Path) -> None:
        found = self.ask(str(repository), Path())
        assert (found.versions, found.passed_over) == (("v0.1.0", "v0.2.0-rc.1"), ())

    def test_tags_of_a_nested_module_have_a_prefix(self, repository: Path) -> None:
        found = self.ask(repository.as_uri(), Path(), prefix="gopls/")
        assert found.versions == ("v0.15.0", "v0.16.0", "v0.17.0")

    def test_tags_name_versions_of_other_schemes(self, repository: Path) -> None:
        assert self.ask(str(repository), Path(), prefix="v", scheme="semver").versions == (
            "0.1.0",
            "0.2.0-rc.1",
        )

    def test_a_directory_is_relative_to_the_config_repository(self, repository: Path) -> None:
        found = self.ask("a repository", repository.parent)
        assert found.versions == ("v0.1.0", "v0.2.0-rc.1")

    def test_is_that_which_is_named_within_a_hook_too(
        self, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", "/nonexistent")
        assert self.ask(str(repository), Path()).versions == ("v0.1.0", "v0.2.0-rc.1")

    @pytest.mark.parametrize(
        ("named", "prefix", "why"),
        [
            (
                "nothing here",
                "",
                "nothing here: 'nothing here' does not appear to be a git repository",
            ),
            ("ext::sh -c date", "", "ext::sh -c date: transport 'ext' not allowed"),
            (
                "a repository",
                "x/",
                "a repository, its tags x/*: it names no version such as v0.13.0",
            ),
        ],
    )
    def test_may_have_none(self, repository: Path, named: str, prefix: str, why: str) -> None:
        with pytest.raises(LookUpError) as caught:
            self.ask(named, repository.parent, prefix=prefix)
        assert str(caught.value) == why

    def test_may_have_too_many(self, repository: Path) -> None:
        asked = read_source({"from": "git", "repository": str(repository)})
        few = Limits(most=10)
        with pytest.raises(LookUpError, match=r"its tags take more than 10 bytes$"):
            look_up(asked, module=None, scheme=asked.scheme, base=Path(), limits=few)

    def test_may_not_answer(self, server: Server) -> None:
        def silent(_: Handler) -> None:
            time.sleep(2)

        path = "x/info/refs?service=git-upload-pack"
        server.answers[path] = silent
        asked = read_source({"from": "git", "repository": f"{server.url}/x"})
        hasty = Limits(seconds=0.5)
        with pytest.raises(LookUpError, match=r"/x: git does not answer in time$"):
            look_up(asked, module=None, scheme=asked.scheme, base=Path(), limits=hasty)


def test_a_list_is_its_own_source() -> None:
    asked = read_source({"from": "list", "list": ["1.1", "1.0", "1.1"], "scheme": "pep440"})
    found = look_up(asked, module=None, scheme=asked.scheme, base=Path())
    assert found.versions == ("1.0", "1.1")


@pytest.mark.parametrize(
    ("data", "module_path", "told"),
    [
        (None, GIZMO, "https://proxy.golang.org/example.com/!gizmo/@v/list"),
        (None, None, "https://proxy.golang.org/golang.org/toolchain/@v/list"),
        ({"from": "pypi", "package": "x"}, None, "https://pypi.org/simple/x"),
        ({"from": "npm", "package": "@x/y"}, None, "https://registry.npmjs.org/@x/y"),
        ({"from": "git", "repository": "../x"}, None, "../x, its tags"),
        ({"from": "git", "repository": "../x", "prefix": "a/"}, None, "../x, its tags a/*"),
        ({"from": "list", "list": ["v1.0.0"]}, None, "versions.list of the program's file"),
    ],
)
def test_where_it_is_asked(data: dict[str, Any] | None, module_path: str | None, told: str) -> None:
    assert where(read_source(data), module=module_path) == told
