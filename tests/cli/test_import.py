"""`import`: what a file asks for is collected, and what had to be decided is told."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.command import BASE, ROOT, TODAY, run
from tests.edge.repository import git
from tests.exchange.importing import EVERY_FEATURE, asked, compiled, contents

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = ROOT / "tests" / "golden" / "go-chartconfig"
NEW = """\
title: Ways to start hello
description: Decides which of the ways to start hello is documented first.
counter: hello/start:{a,b,other}
type: partition
issue: https://example.org/1
program: example.org/hello
module: example.org/hello
"""


STOPPING = """\
import os, sys
import chartconfig.cli.import_
from datetime import date
from pathlib import Path
from chartconfig.cli import main

at, day = int(sys.argv[1]), date.fromisoformat(sys.argv[2])
chartconfig.cli.project.today = lambda: day
passed = 0

def stopping(change):
    def step(*arguments, **options):
        stop()
        done = change(*arguments, **options)
        stop()
        return done
    return step

def stop():
    global passed
    if passed == at:
        os._exit(9)
    passed += 1

os.link, Path.replace = stopping(os.link), stopping(Path.replace)
Path.mkdir = lambda path, *words, mkdir=Path.mkdir, **named: (
    (stopping(mkdir) if "/configs/" in str(path) and ".chartconfig." not in str(path) else mkdir)(
        path, *words, **named
    )
)
sys.argv[1:3] = []
sys.exit(main())
"""


def stopped(at: int, *words: str) -> int:
    """Run a command that is killed at its n-th step, and return its exit code."""
    return subprocess.run(
        [sys.executable, "-c", STOPPING, str(at), TODAY.isoformat(), *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    ).returncode


class TestGoChartconfig:
    def test_writes_what_the_golden_page_shows(
        self, here: Path, golden: Callable[[Path, bytes], None]
    ) -> None:
        result = run("import", "go-chartconfig", "every-feature.txt", "-o", "made")
        assert result.code == 0
        page = result.err + result.out
        for path, data in contents(here / "made/configs").items():
            if path != "collection.yaml":
                page += f"\n== {path}\n{data.decode()}"
        golden(GOLDEN / "every-feature.txt", page.encode())

    def test_collects_what_the_file_asks_for(self, here: Path) -> None:
        """The same programs, counters, buckets in order, stacks and depths."""
        assert run("import", "go-chartconfig", "every-feature.txt", "-o", "made").code == 0
        assert run("-C", "made", "compile", "-o", "out").code == 0
        wanted = asked(EVERY_FEATURE.read_bytes())
        assert list(wanted) == ["example.org/tools/cmd/hello", "cmd/hello"]
        assert compiled(here / "out") == wanted

    def test_leaves_no_comment_behind(self, here: Path) -> None:
        assert run("import", "go-chartconfig", "every-feature.txt", "-o", "made").code == 0
        written = b"\n".join(contents(here / "made/configs/charts").values()).decode()
        lines = EVERY_FEATURE.read_text(encoding="utf-8").splitlines()
        comments = [line.partition("#")[2].strip() for line in lines if "#" in line]
        assert len(comments) == 12
        assert [comment for comment in comments if f"# {comment}" not in written] == []

    def test_what_is_assumed_of_versions_is_gone_after_a_look_up(self, here: Path) -> None:
        """Not `gone` and listed for ever: nobody has seen them, so they are `ahead`."""
        (here / "new.txt").write_text(NEW, encoding="utf-8")
        tags = here / "tags"
        tags.mkdir()
        git(tags, "init", "--quiet")
        git(tags, "commit", "--quiet", "--allow-empty", "--message=one")
        git(tags, "tag", "v0.4.0")
        assert run("import", "go-chartconfig", "new.txt", "-o", "made").code == 0
        lock = here / "made/configs/versions.lock.yaml"
        assert "    versions: []\n    ahead:\n      - v1.0.0\n" in lock.read_text()
        assert run("-C", "made", "compile", "-o", "out").code == 0
        (program,) = json.loads((here / "out/config.json").read_text())["Programs"]
        assert program["Versions"] == ["v1.0.0"]
        unseen = run("-C", "made", "versions", "check")
        assert unseen.code == 1
        assert [line for line in unseen.out.splitlines() if line.startswith("warning")] == [
            f"warning[CC323] stale-versions: no released version of {told} assumed"
            for told in (
                "the toolchain is listed: go1.25.0, go1.26.0 are",
                "`hello` is listed: v1.0.0 is",
            )
        ]
        path = here / "made/configs/programs/hello.yaml"
        keys = "versions: {from: git, repository: ../tags}\npadding: {releases: 1, major: 0}\n"
        path.write_text(path.read_text() + keys)
        updated = run("-C", "made", "versions", "update", "hello")
        assert updated.out == "hello: listed v0.4.0, 2 ahead\n"
        entry = lock.read_text().partition("\n    versions:\n")[2]
        assert entry == "      - v0.4.0\n    ahead:\n      - v0.4.1\n      - v0.5.0\n"

    def test_of_a_config_names_the_other_format(self, here: Path) -> None:
        (here / "config.json").write_text("{\n}\n", encoding="utf-8")
        result = run("import", "go-chartconfig", "config.json", "-o", "made")
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            "error[CC127] not-a-field: the file holds JSON, and no record\n"
            " --> config.json:1:1\n  |\n1 | {\n  | ^\n"
            "  = help: run `chartconfig import collection-config config.json` if it is a "
            "config.json\n\n1 error in 1 file\n"
        )

    def test_brings_in_no_chart_that_has_expired(self, here: Path) -> None:
        words = ("import", "go-chartconfig", "every-feature.txt", "-o", "made", "--expires")
        result = run(*words, "2026-11-19")
        assert (result.code, result.out) == (2, "")
        assert result.err.splitlines()[-1] == (
            "Error: on 2026-11-19, charts have expired already: today is 2026-11-20"
        )
        assert not (here / "made").exists()
        assert run(*words, "2026-11-20").code == 0

    @pytest.mark.parametrize("name", ["no", "386", "on", "1e3"])
    @pytest.mark.usefixtures("here")
    def test_of_a_program_that_yaml_takes_for_something_else(self, name: str) -> None:
        """Its id is a key of two files, which update writes anew."""
        Path("new.txt").write_text(NEW.replace("org/hello", f"org/{name}"), encoding="utf-8")
        assert run("import", "go-chartconfig", "new.txt", "-o", "made").code == 0
        path = Path(f"made/configs/programs/{name}.yaml")
        source = "versions: {from: list, list: [v1.0.0]}\n"
        path.write_text(path.read_text(encoding="utf-8") + source, encoding="utf-8")
        assert run("-C", "made", "versions", "update", name).code == 0
        assert run("-C", "made", "compile", "-o", "out").code == 0
        assert run("-C", "made", "import", "go-chartconfig", "every-feature.txt").code == 0
        assert run("-C", "made", "compile", "-o", "out").code == 0

    @pytest.mark.usefixtures("here")
    def test_passes_check_but_for_what_its_author_left_out(self) -> None:
        assert run("import", "go-chartconfig", "every-feature.txt", "-o", "made").code == 0
        result = run("-C", "made", "check", "--format=json")
        codes = {each["code"] for each in json.loads(result.out)["diagnostics"]}
        assert codes == {"CC206", "CC216"}

    def test_of_a_broken_file_writes_nothing(self, here: Path) -> None:
        """Every mistake of every kind is told at once, with its line."""
        broken = here / "broken.txt"
        text = NEW.replace("{a,b,other}", "{a,b b,other}") + "---\ntittle: x\n---\ntitle: y\n"
        broken.write_text(text + "type: pie\n", encoding="utf-8")
        before = contents(here)
        result = run("import", "go-chartconfig", "broken.txt", "-o", "made")
        assert (result.code, result.out) == (1, "")
        told = [line for line in result.err.splitlines() if "error[" in line or "-->" in line]
        assert [line.strip() for line in told] == [
            "error[CC204] bucket-name: the bucket `b b` holds a space",
            "--> broken.txt:3:25",
            "error[CC127] not-a-field: `tittle: x` is no field",
            "--> broken.txt:9:1",
            "error[CC130] missing-field: a record without `counter` and `program`",
            "--> broken.txt:11:8",
        ]
        assert contents(here) == before

    @pytest.mark.parametrize(
        "other", ["{b,c,other}\ntype: partition", "{a,b,other}\ntype: stack\ndepth: 4"]
    )
    def test_of_records_that_contradict_each_other_writes_nothing(
        self, here: Path, other: str
    ) -> None:
        again = NEW.replace("{a,b,other}\ntype: partition", other).replace("Ways", "More ways")
        (here / "two.txt").write_text(f"{NEW}---\n{again}", encoding="utf-8")
        result = run("import", "go-chartconfig", "two.txt", "-o", "made")
        assert (result.code, result.out) == (1, "")
        told = re.findall(
            r"^error\[(CC[0-9]+)\].*\n +--> (two.txt:[0-9]+)", result.err, re.MULTILINE
        )
        assert set(told) == {("CC132", "two.txt:11")}
        assert "note: two.txt:3:10: the first one" in result.err
        assert not (here / "made").exists()

    @pytest.mark.parametrize("data", [b"", b"# nothing\n---\n"])
    def test_of_a_file_without_records_says_so(self, here: Path, data: bytes) -> None:
        (here / "empty.txt").write_bytes(data)
        result = run("import", "go-chartconfig", "empty.txt", "-o", "made")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC107] empty-file: the file holds no record\n")
        assert not (here / "made").exists()

    def test_names_the_file_that_cannot_be_read(self, here: Path) -> None:
        result = run("import", "go-chartconfig", "absent.txt", "-o", "made")
        assert (result.code, result.err.splitlines()[0]) == (
            1,
            "error[CC123] unreadable-file: absent.txt cannot be read: no such file or directory",
        )
        assert list(here.iterdir()) == [here / "every-feature.txt"]

    def test_takes_owner_end_and_module(self, here: Path) -> None:
        (here / "new.txt").write_text(NEW, encoding="utf-8")
        options = ("--owner=@a/b", "--expires=2028-01-31", "--module=example.org/config")
        result = run("import", "go-chartconfig", "new.txt", "-o", "made", *options)
        assert result.code == 0
        chart = (here / "made/configs/charts/hello/start.yaml").read_text(encoding="utf-8")
        assert 'owners: ["@a/b"]\nexpires: 2028-01-31\n' in chart
        collection = (here / "made/configs/collection.yaml").read_text(encoding="utf-8")
        assert "\nmodule: example.org/config\n" in collection
        assert "CC216" not in run("-C", "made", "check").out

    @pytest.mark.parametrize(
        ("option", "told"),
        [
            ("--owner=nobody", "write a handle such as @golang/tools or a mail address"),
            ("--module=config", "the go command refuses the module path 'config'"),
            ("--expires=soon", "'soon' is no day: write one such as 2026-11-20"),
        ],
    )
    def test_refuses_options_before_it_reads(self, here: Path, option: str, told: str) -> None:
        result = run("import", "go-chartconfig", "every-feature.txt", "-o", "made", option)
        assert (result.code, result.out) == (2, "")
        assert told in result.err
        assert not (here / "made").exists()

    @pytest.mark.parametrize("kind", ["go-chartconfig", "collection-config"])
    def test_refuses_a_file_that_is_too_large(self, here: Path, kind: str) -> None:
        """It reads no more than shows that, and never half a file for the whole."""
        (here / "large").write_bytes(NEW.encode() + b"#\n" * 600_000)
        result = run("import", kind, "large", "-o", "made")
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("error[CC105] file-too-large: ")
        assert not (here / "made").exists()

    @pytest.mark.usefixtures("here")
    def test_asks_for_a_directory_where_there_is_no_repository(self) -> None:
        result = run("import", "go-chartconfig", "every-feature.txt")
        assert (result.code, result.err) == (
            1,
            (
                "error[CC125] not-a-repository: . is no config repository\n"
                " = help: name one with -C DIR, or a new one with -o DIR\n\n"
            ),
        )

    def test_writes_one_document_of_json(self, here: Path) -> None:
        result = run("import", "go-chartconfig", "every-feature.txt", "-o", "made", "--format=json")
        printed = json.loads(result.out)
        assert list(printed) == ["format", "written", "diagnostics"]
        assert printed["format"] == "chartconfig/written/v1"
        assert printed["written"] == sorted(contents(here / "made"))
        codes = [each["code"] for each in printed["diagnostics"]]
        assert codes == re.findall(r"^[a-z]+\[(CC[0-9]+)\]", result.err, re.MULTILINE)


class TestExisting:
    @pytest.fixture
    def made(self, here: Path) -> Path:
        """Return a repository without findings, and a file with a program that it has not."""
        shutil.copytree(BASE, here / "made")
        (here / "new.txt").write_text(NEW, encoding="utf-8")
        return here / "made"

    def test_gets_what_is_new_and_keeps_what_it_has(self, made: Path) -> None:
        before = contents(made)
        result = run("-C", made, "import", "go-chartconfig", "new.txt")
        assert result.code == 0
        after = contents(made)
        assert sorted(set(after) - set(before)) == [
            "configs/charts/hello/start.yaml",
            "configs/programs/hello.yaml",
        ]
        changed = {path for path, data in before.items() if after[path] != data}
        assert changed == {"configs/populations.yaml", "configs/versions.lock.yaml"}
        assert all(after[path].startswith(before[path]) for path in changed)
        assert run("-C", made, "check").out.endswith(": 1 info in 1 file\n")

    def test_twice_does_nothing(self, made: Path) -> None:
        assert run("-C", made, "import", "go-chartconfig", "new.txt").code == 0
        before = contents(made)
        result = run("-C", made, "import", "go-chartconfig", "new.txt")
        assert (result.code, result.out) == (0, "nothing is new: 1 info in 1 file\n")
        assert "CC138" in result.err
        assert contents(made) == before

    def test_keeps_a_chart_that_says_otherwise(self, made: Path) -> None:
        text = NEW.replace("example.org/hello\nmodule: example.org/hello", "cmd/go")
        assert "program: cmd/go\n" in text
        base = (made / "configs/charts/gopls/client.yaml").read_text(encoding="utf-8")
        assert "counter: gopls/client\n" in base
        text = text.replace("hello/start", "gopls/client")
        text = text.replace("cmd/go", "golang.org/x/tools/gopls\nmodule: golang.org/x/tools/gopls")
        Path("new.txt").write_text(text, encoding="utf-8")
        result = run("-C", made, "import", "go-chartconfig", "new.txt")
        assert (result.code, result.out) == (0, "nothing is new: 1 warning in 1 file\n")
        assert (
            "`gopls/client` is charted otherwise in configs/charts/gopls/client.yaml, "
            "which stays as it is" in result.err
        )

    def test_with_an_error_in_what_all_share_is_left_alone(self, made: Path) -> None:
        (made / "configs/populations.yaml").write_text("x", encoding="utf-8")
        before = contents(made)
        result = run("-C", made, "import", "go-chartconfig", "new.txt")
        assert (result.code, result.out) == (1, "")
        assert contents(made) == before

    def test_that_cannot_take_an_entry_is_left_alone(self, made: Path) -> None:
        path = made / "configs/versions.lock.yaml"
        lock = path.read_text(encoding="utf-8")
        start = lock.index("programs:")
        listed = "programs: {gopls: {source: x, updated: 2026-01-01, versions: [v0.16.0]}}\n"
        path.write_text(lock[:start] + listed, encoding="utf-8")
        before = contents(made)
        result = run("-C", made, "import", "go-chartconfig", "new.txt")
        assert (result.code, result.out) == (1, "")
        assert "no entries can be added to configs/versions.lock.yaml for hello" in result.err
        assert contents(made) == before

    @pytest.mark.parametrize("step", range(1, 16))
    def test_is_as_it_was_when_the_disk_fails_at_any_step(
        self, made: Path, step: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every write, link, rename and folder is one that may fail."""
        before = contents(made)
        folders = sorted(path for path in made.rglob("*") if path.is_dir())
        left = step

        def failing(name: str, real: Callable[..., object]) -> Callable[..., object]:
            def instead(*arguments: object, **named: object) -> object:
                nonlocal left
                left -= name != "open" or "wb" in arguments  # what is read is not the question
                if left == 0:
                    left = -99
                    raise OSError(28, f"No space left on device ({name})")
                return real(*arguments, **named)

            return instead

        with monkeypatch.context() as patch:
            patch.setattr("chartconfig.edge.files.Path.open", failing("open", Path.open))
            patch.setattr("os.link", failing("link", os.link))
            patch.setattr(Path, "replace", failing("replace", Path.replace))
            result = run("-C", made, "import", "go-chartconfig", "new.txt")
        if left >= 0:
            assert result.code == 0
            return
        assert (result.code, result.out) == (1, "")
        assert "error[CC902]" in result.err
        assert contents(made) == before
        assert sorted(path for path in made.rglob("*") if path.is_dir()) == folders

    @pytest.mark.parametrize("at", range(10))
    def test_is_completed_by_the_next_run_after_a_kill(self, made: Path, at: int) -> None:
        """Killed before and after everything that it changes."""
        shutil.copytree(made, "undisturbed")
        words = ("import", "go-chartconfig", "new.txt")
        assert run("-C", "undisturbed", *words).code == 0
        assert stopped(at, "-C", str(made), *words) == 9
        assert run("-C", made, *words).code == 0
        assert contents(made / "configs") == contents(Path("undisturbed/configs"))

    def test_is_changed_in_the_steps_that_were_stopped_at(self, made: Path) -> None:
        assert stopped(10, "-C", str(made), "import", "go-chartconfig", "new.txt") == 0
