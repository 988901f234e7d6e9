"""`versions`: the lock keeps itself, from servers and repositories on this machine."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import COMMAND, ENVIRONMENT, ON, ROOT, Result, run, spawn
from tests.edge.repository import git
from tests.registries import GIZMO_LIST, module, npm, pypi, toolchain
from tests.server import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import Handler, Server

LOCK = "configs/versions.lock.yaml"
GIZMOS = {
    "gizmo": "module: example.com/Gizmo\nversions: {{from: module-proxy, server: {url}}}\n"
    "padding: {{releases: 2, major: 0, minor: 1, patch: 2}}\n",
    "gizmo-py": "versions: {{from: pypi, server: {url}, package: gizmo-tool}}\nsince: 1.0rc1\n"
    "padding: {{releases: 1, major: 0, minor: 1, patch: 1}}\n",
    "gizmo-js": "versions: {{from: npm, server: {url}, package: '@gizmo/tool'}}\n"
    "padding: {{releases: 1, major: 0, minor: 0, patch: 1, prereleases: 1}}\n",
    "gizmo-git": "versions: {{from: git, repository: source, prefix: sub/}}\n"
    "padding: {{releases: 1, major: 0, minor: 0, patch: 1}}\n",
    "gizmo-list": "versions: {{from: list, list: [2.0.0, 1.0.0], scheme: semver}}\n"
    "padding: {{releases: 1, major: 0, minor: 0, patch: 1}}\n",
}
EXPECTED = """\
# yaml-language-server: $schema=../schema/versions.schema.json
toolchain:
  source: URL/golang.org/toolchain/@v/list
  updated: 2026-11-20
  versions:
    - go1.25.0
    - go1.25.1
    - go1.26.0
    - go1.26.1
programs:
  gopls:
    source: https://proxy.golang.org/golang.org/x/tools/gopls/@v/list
    updated: 2026-11-01
    versions:
      - v0.13.0
      - v0.16.0
      - v0.20.0
  gizmo:
    source: URL/example.com/!gizmo/@v/list
    updated: 2026-11-20
    versions:
      - v1.0.0
      - v1.1.0
    ahead:
      - v1.1.1
      - v1.1.2
      - v1.2.0
      - v1.2.1
  gizmo-git:
    source: source, its tags sub/*
    updated: 2026-11-20
    versions:
      - v0.1.0
      - v0.2.0
    ahead:
      - v0.2.1
  gizmo-js:
    source: URL/@gizmo/tool
    updated: 2026-11-20
    versions:
      - 1.0.0
      - 1.1.0
    ahead:
      - 1.1.1-rc.1
      - 1.1.1
    yanked:
      - 1.0.0
  gizmo-list:
    source: versions.list of the program's file
    updated: 2026-11-20
    versions:
      - 1.0.0
      - 2.0.0
    ahead:
      - 2.0.1
  gizmo-py:
    source: URL/simple/gizmo-tool
    updated: 2026-11-20
    versions:
      - "1.0"
      - "1.1"
    ahead:
      - 1.1.1
      - "1.2"
    yanked:
      - "1.1"
"""


@pytest.fixture(autouse=True)
def days(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Return the days on which versions are looked up, the last one for ever."""
    left = [date(2026, 11, 20)]
    monkeypatch.setattr(
        "chartconfig.cli.versions.today", lambda: left.pop(0) if len(left) > 1 else left[0]
    )
    monkeypatch.setattr("chartconfig.edge.registry._PAUSE", 0)
    return left


@pytest.fixture
def server() -> Iterator[Server]:
    files = (
        module(["v1.1.0", "v1.0.0"])
        | toolchain(["go1.26.1", "go1.25.1", "go1.25.0", "go1.26.0"])
        | pypi({"1.0": False, "1.1": True, "0.9": False})
        | npm({"1.0.0": "too old", "1.1.0": None})
    )
    with serving(files) as running:
        yield running


@pytest.fixture
def gizmos(clean: Path, server: Server) -> Path:
    """Return a config repository with a program of each kind, none of which has versions."""
    configs = clean / "configs"
    populations = configs / "populations.yaml"
    text = populations.read_text()
    for name, keys in GIZMOS.items():
        (configs / f"programs/{name}.yaml").write_text(
            "# yaml-language-server: $schema=../../schema/program.schema.json\n"
            f"title: A {name}\nname: example.com/Gizmo/{name}\nprefixes: [{name}]\n"
            + keys.format(url=server.url)
        )
        text += f"{name}: {{low: 300k, likely: 600k, high: 1.2M, as_of: 2026-06-01, source: a}}\n"
    populations.write_text(text)
    gopls = configs / "programs/gopls.yaml"
    gopls.write_text(gopls.read_text() + "padding: {releases: 0}\n")
    collection = configs / "collection.yaml"
    where = f"toolchain: {{versions: {{from: module-proxy, server: '{server.url}'}}}}\n"
    collection.write_text(collection.read_text() + where)
    source = clean / "source"
    source.mkdir()
    git(source, "init", "--quiet")
    git(source, "commit", "--quiet", "--allow-empty", "--message=one")
    for tag in ("sub/v0.1.0", "sub/v0.2.0", "v9.0.0"):
        git(source, "tag", tag)
    return clean


ALL = ("toolchain", *sorted(GIZMOS))


def shown_on_the_page(kind: str) -> object:
    """Return the example of a kind of document in docs/formats/json.md."""
    page = (ROOT / "docs/formats/json.md").read_text(encoding="utf-8")
    (example,) = (
        block for block in re.findall("```json\n(.*?)```", page, re.DOTALL) if f"/{kind}/" in block
    )
    return json.loads(example)


def update(repository: Path, *arguments: str) -> Result:
    return run("-C", repository, "versions", "update", *(arguments or ALL))


def lock(repository: Path) -> str:
    return (repository / LOCK).read_text()


class TestUpdate:
    def test_fills_the_lock(self, gizmos: Path, server: Server) -> None:
        result = update(gizmos)
        assert (result.code, result.err) == (0, "")
        assert result.out == (
            "toolchain: listed go1.26.1, none ahead\n"
            "gizmo: listed v1.1.0, v1.0.0, 4 ahead\n"
            "gizmo-git: listed v0.2.0, v0.1.0, 1 ahead\n"
            "gizmo-js: listed 1.1.0, 1.0.0, yanked 1.0.0, 2 ahead\n"
            "gizmo-list: listed 2.0.0, 1.0.0, 1 ahead\n"
            "gizmo-py: listed 1.1, 1.0, yanked 1.1, 2 ahead\n"
        )
        assert lock(gizmos) == EXPECTED.replace("URL", server.url)
        assert run("-C", gizmos, "check", ON, "--fail-on=error").code == 0

    def test_twice_gives_the_same_file(self, gizmos: Path, days: list[date]) -> None:
        days.append(date(2026, 12, 24))
        assert update(gizmos).code == 0
        first, stat = lock(gizmos), (gizmos / LOCK).stat()
        result = update(gizmos)
        assert result.out == "".join(f"{name}: nothing new\n" for name in ALL)
        assert lock(gizmos) == first
        assert (gizmos / LOCK).stat().st_mtime_ns == stat.st_mtime_ns

    def test_keeps_what_is_gone(self, gizmos: Path, server: Server, days: list[date]) -> None:
        days.append(date(2026, 12, 24))
        assert update(gizmos).code == 0
        server.files |= module(["v1.1.0", "v1.1.1", "v1.3.0-rc.1"], go_mod="retract v1.1.0\n")
        result = update(gizmos, "gizmo")
        assert result.out == (
            "gizmo: listed v1.3.0-rc.1, v1.1.1, yanked v1.1.0, gone v1.0.0, 4 ahead\n"
        )
        assert (
            "    updated: 2026-12-24\n"
            "    versions:\n      - v1.0.0\n      - v1.1.0\n      - v1.1.1\n      - v1.3.0-rc.1\n"
            "    ahead:\n      - v1.1.2\n      - v1.1.3\n      - v1.2.0\n      - v1.2.1\n"
            "    yanked:\n      - v1.1.0\n"
            "    gone:\n      - v1.0.0\n"
            "  gizmo-git:\n"
        ) in lock(gizmos)

    def test_names_the_programs_that_it_is_about(self, gizmos: Path, server: Server) -> None:
        assert update(gizmos, "gizmo", "gizmo-js").out == (
            "gizmo: listed v1.1.0, v1.0.0, 4 ahead\n"
            "gizmo-js: listed 1.1.0, 1.0.0, yanked 1.0.0, 2 ahead\n"
        )
        assert "golang.org/toolchain/@v/list" not in server.asked
        # programs of the toolchain have its versions
        assert update(gizmos, "go", "compile").out == "toolchain: listed go1.26.1, none ahead\n"

    def test_shows_without_writing(self, gizmos: Path) -> None:
        before = lock(gizmos)
        result = update(gizmos, "--dry-run", "gizmo")
        assert (result.code, result.out) == (0, "gizmo: listed v1.1.0, v1.0.0, 4 ahead\n")
        assert lock(gizmos) == before

    def test_prints_json(self, gizmos: Path, server: Server) -> None:
        result = update(gizmos, "--format=json", "gizmo-js")
        printed = result.out.replace(server.url, "https://registry.npmjs.org")
        assert json.loads(printed) == shown_on_the_page("versions-update")

    def test_makes_the_lock_where_there_is_none(self, gizmos: Path) -> None:
        assert update(gizmos, *ALL).code == 0
        _, _, whole = lock(gizmos).partition("\nprograms:\n")
        (gizmos / LOCK).unlink()
        assert run("-C", gizmos, "versions", "check", "gizmo", "toolchain").out.count("CC323") == 2
        assert update(gizmos, "gizmo").code == 0
        told = (
            "error[CC305] no-known-versions: versions.lock.yaml lists no versions of the toolchain"
        )
        assert told in run("-C", gizmos, "check", ON).out
        assert update(gizmos, *ALL).code == 0
        assert whole.endswith(lock(gizmos).partition("\nprograms:\n")[2])

    def test_says_what_is_passed_over(self, gizmos: Path, server: Server) -> None:
        server.files |= toolchain(["go1.26.0", "go1.9.2rc2"])
        result = update(gizmos, "toolchain")
        assert result.code == 0
        assert result.err.splitlines()[0] == (
            "info[CC322] version-passed-over: 1 name of the toolchain is no version: go1.9.2rc2"
        )
        assert "go1.9.2rc2" not in lock(gizmos)


class TestFailure:
    def test_of_some_leaves_all(self, gizmos: Path, server: Server) -> None:
        before = lock(gizmos)
        del server.files[GIZMO_LIST]
        server.answers["@gizmo/tool"] = lambda handler: handler.answer(500, b"")
        result = update(gizmos)
        assert (result.code, result.out) == (1, "")
        told = "error[CC321] versions-not-looked-up: the versions of `%s` cannot be looked up: %s"
        assert [line for line in result.err.splitlines() if line.startswith("error")] == [
            told % ("gizmo-js", f"{server.url}/@gizmo/tool: the server answers 500"),
            told % ("gizmo", f"{server.url}/{GIZMO_LIST}: there is none"),
        ]
        assert " --> configs/programs/gizmo-js.yaml:5:11\n" in result.err
        others = "toolchain gizmo-git gizmo-list gizmo-py"
        hint = f"run `chartconfig versions update {others}` for the others"
        assert result.err.count(f" = help: nothing was changed; {hint}\n") == 2
        assert lock(gizmos) == before
        assert update(gizmos, "gizmo-py").code == 0
        alone = update(gizmos, "gizmo")
        assert "nothing was changed; see that its source is right, and try again" in alone.err
        asked = run("-C", gizmos, "versions", "check", "--online", "gizmo", "gizmo-py")
        assert (asked.code, asked.out) == (1, "")
        assert "run `chartconfig versions check --online gizmo-py` for the others" in asked.err

    def test_to_write_leaves_the_old_one(
        self, gizmos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        before = lock(gizmos)
        monkeypatch.setattr(Path, "replace", full)
        result = update(gizmos)
        assert result.code == 1
        assert "error[CC902]" in result.err
        assert lock(gizmos) == before
        assert sorted(path.name for path in (gizmos / "configs").iterdir()) == [
            "charts",
            "collection.yaml",
            "populations.yaml",
            "programs",
            "versions.lock.yaml",
        ]

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    def test_by_interruption_leaves_the_old_one(
        self, gizmos: Path, server: Server, number: signal.Signals
    ) -> None:
        reached, over = threading.Event(), threading.Event()

        def hang(_: Handler) -> None:
            reached.set()
            over.wait(20)

        server.answers["simple/gizmo-tool"] = hang  # the last program's
        before = lock(gizmos)
        with subprocess.Popen(
            [*COMMAND, "-C", gizmos, "versions", "update", *ALL],
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert reached.wait(20)
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
        over.set()
        assert (out, b"Traceback" in err) == (b"", False)
        assert process.returncode == (130 if number == signal.SIGINT else -number)
        assert lock(gizmos) == before

    @pytest.mark.parametrize(
        ("path", "old", "new", "told"),
        [
            (LOCK, "v0.16.0", "v0.16", "error[CC306] version-not-valid"),
            (LOCK, "programs:", "programs: [", "error[CC1"),
            ("configs/programs/gizmo.yaml", "from: module-proxy", "from: npm", "error[CC117]"),
            ("configs/programs/gizmo-js.yaml", "from: npm", "from: rpm", "error[CC118]"),
            (
                "configs/programs/gizmo-js.yaml",
                "versions: ",
                "module: example.com/Gizmo\nversions: ",
                "error[CC320] source-does-not-fit: the versions of a module of Go are not",
            ),
            ("configs/programs/gizmo-list.yaml", "1.0.0]", "1.0]", "error[CC114]"),
            ("configs/programs/gizmo-list.yaml", "1.0.0]", "x]", "error[CC306]"),
            ("configs/programs/gizmo-list.yaml", "1.0.0]", "2.0.0]", "error[CC317]"),
            ("configs/programs/gizmo-py.yaml", "1.0rc1", "first", "error[CC308]"),
            (
                "configs/collection.yaml",
                "from: module-proxy",
                "from: npm, package: x",
                "error[CC320] source-does-not-fit: semver is not how",
            ),
            ("configs/collection.yaml", "toolchain: {", "toolchain: {since: v1, ", "error[CC308]"),
            (
                "configs/programs/go.yaml",
                "title:",
                "versions: {from: git, repository: x}\ntitle:",
                "error[CC320] source-does-not-fit: `cmd/go` has the toolchain's versions",
            ),
        ],
    )
    def test_by_a_file_comes_before_any_request(  # noqa: PLR0917 - the columns of a table
        self, gizmos: Path, server: Server, path: str, old: str, new: str, told: str
    ) -> None:
        file = gizmos / path
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        result = update(gizmos)
        assert (result.code, result.out) == (1, "")
        assert told in result.err
        assert server.asked == []

    def test_of_a_chart_does_not_matter(self, gizmos: Path) -> None:
        chart = gizmos / "configs/charts/gopls/client.yaml"
        chart.write_text("- broken\n")
        assert update(gizmos).code == 0

    def test_by_a_name(self, gizmos: Path) -> None:
        result = update(gizmos, "gizmos")
        assert result.code == 2
        assert result.err.splitlines()[-1] == (
            "Error: there is no program 'gizmos'; there are toolchain, compile, gizmo, gizmo-git, "
            "gizmo-js, gizmo-list, gizmo-py, go, gopls"
        )


class TestCheck:
    def test_is_content_after_an_update(self, gizmos: Path, server: Server) -> None:
        assert update(gizmos).code == 0
        server.asked.clear()
        result = run("-C", gizmos, "versions", "check", *ALL)
        assert (result.code, result.err) == (0, "")
        assert result.out == f"{', '.join(ALL)}: nothing is missing\n"
        assert server.asked == []

    def test_tells_what_is_released_by_now(self, gizmos: Path, server: Server) -> None:
        assert update(gizmos).code == 0
        server.files |= module(["v1.0.0", "v1.1.0", "v1.1.1"])
        assert run("-C", gizmos, "versions", "check", "--online", "gizmo").code == 0
        server.files |= module(["v1.0.0", "v1.1.0", "v1.1.1", "v1.1.2"])
        assert run("-C", gizmos, "versions", "check", "gizmo").code == 0
        result = run("-C", gizmos, "versions", "check", "--online", "gizmo", "gizmo-py")
        assert (result.code, result.err) == (1, "")
        at = lock(gizmos).splitlines().index("  gizmo:") + 2
        assert result.out == (
            "warning[CC323] stale-versions: 1 version of `gizmo` is not listed: v1.1.3\n"
            f"  --> {LOCK}:{at}:5\n"
            "   |\n"
            f"{at} |     source: {server.url}/{GIZMO_LIST}\n"
            f"   |     {'^' * len(f'source: {server.url}/{GIZMO_LIST}')}\n"
            "   = help: run `chartconfig versions update gizmo`, and release\n"
            "\n"
            "1 warning in 1 file\n"
        )

    def test_knows_a_list_without_asking(self, gizmos: Path) -> None:
        assert update(gizmos).code == 0
        file = gizmos / "configs/programs/gizmo-list.yaml"
        file.write_text(file.read_text().replace("[2.0.0,", "[2.1.0, 2.0.0,"))
        result = run("-C", gizmos, "versions", "check", "--format=json", "gizmo-list", "gizmo")
        assert result.code == 1
        assert json.loads(result.out) == shown_on_the_page("versions-check")

    def test_takes_a_program_without_versions_for_stale(self, gizmos: Path) -> None:
        result = run("-C", gizmos, "versions", "check", "gizmo")
        assert result.code == 1
        assert result.out.startswith(
            "warning[CC323] stale-versions: no version of `gizmo` is listed\n"
        )

    def test_shows_no_line_of_a_lock_that_is_not_there(self, gizmos: Path) -> None:
        (gizmos / LOCK).unlink()
        result = run("-C", gizmos, "versions", "check", "gizmo")
        assert result.code == 1
        assert result.out == (
            "warning[CC323] stale-versions: no version of `gizmo` is listed\n"
            f" --> {LOCK}:2:1\n"
            "  = help: run `chartconfig versions update gizmo`, and release\n"
            "\n"
            "1 warning in 1 file\n"
        )

    def test_what_is_shipped_is_named(self, shipped: Path) -> None:
        result = run("-C", shipped, "versions", "check")
        assert (result.code, result.err) == (0, "")


NO_SOCKETS = """\
import os, sys
def hook(event, args):
    if event.startswith("socket."):
        os.write(2, f"opened: {event}\\n".encode())
        os._exit(99)
sys.addaudithook(hook)
"""


class TestNetwork:
    """An audit hook sees every socket that Python makes, in whatever module."""

    @pytest.fixture
    def hooked(self, tmp_path: Path) -> dict[str, str]:
        folder = tmp_path / "hook"
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(NO_SOCKETS)
        return {"PYTHONPATH": f"{folder}{os.pathsep}{ENVIRONMENT['PYTHONPATH']}"}

    @pytest.mark.parametrize(
        "command",
        [["compile", ON, "-o", "out"], ["check", ON], ["rates", ON], ["versions", "check"]],
    )
    def test_is_not_used_by(
        self, shipped: Path, hooked: dict[str, str], command: list[str], tmp_path: Path
    ) -> None:
        arguments = [str(tmp_path / "out") if word == "out" else word for word in command]
        result = spawn("-C", shipped, *arguments, **hooked)
        assert (result.code, "opened" in result.err) == (0, False), result.err

    def test_is_seen_by_the_hook(self, gizmos: Path, hooked: dict[str, str]) -> None:
        result = spawn("-C", gizmos, "versions", "check", "--online", "gizmo", **hooked)
        assert result.code == 99
        assert result.err.startswith("opened: socket.")
