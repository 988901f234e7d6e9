"""Publish one release after ten others, and one after 600, and compare what that takes.

`python -m benchmarks.publishing` measures the whole command, start-up and disk included. Tags are
real; all but the newest name a hash that nothing compiles to, and the newest alone is signed, for
nobody may look at the others: a publisher compiles and verifies what it publishes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from unittest import mock

from chartconfig import __version__
from chartconfig.edge.files import find_place, read_tree
from chartconfig.edge.git import read_revision
from chartconfig.edge.keys import write_signer
from chartconfig.edge.store import open_store
from chartconfig.module.dirhash import hash_module
from chartconfig.module.gomod import GoMod, encode_go_mod
from chartconfig.pipeline import build, check, pack
from chartconfig.review.release import Announcement, format_message
from chartconfig.tlog.note import generate
from chartconfig.tlog.publish import plan

ROOT = Path(__file__).parents[1]
NAME = "example.com/log"
KEY = generate(NAME, bytes(32))
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EARLY, LATE = 11, 601
"""The releases that are compared, by number from 1."""
_RUNS = 5
_SECONDS = int(TIME.timestamp())
_WHO = f"A <a@example.org> {_SECONDS} +0000"
_NO_HASH = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_COMMITTER_DATE": f"@{_SECONDS} +0000",
}


def make(folder: Path, *, configs: Path, count: int, listed: bool = True) -> None:
    """Make a key, a repository with many releases, and a site with all of them but the newest.

    Args:
        folder: Where `log.key`, `repository` and `site` go.
        configs: The config that each of them is of.
        count: The number of releases.
        listed: Whether `configs/allowed_signers` lists the signer.
    """
    folder.mkdir(parents=True)
    write_signer(folder / "log.key", KEY)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "ssh"]
    subprocess.run(command, cwd=folder, check=True)
    repository = folder / "repository"
    shutil.copytree(configs, repository / "configs")
    if listed:
        allowed = f'a@example.org namespaces="git" {(folder / "ssh.pub").read_text("ascii")}'
        (repository / "configs/allowed_signers").write_text(allowed, encoding="ascii")
    _git(repository, "init", "--quiet", "--initial-branch=main")
    files = (path for path in sorted(repository.glob("configs/**/*")) if path.is_file())
    stream = "".join(
        f"M 100644 inline {path.relative_to(repository)}\n{_data(path.read_text('utf-8'))}"
        for path in files
    )
    place = find_place(repository)
    checked = check(read_tree(place).documents, on=TIME.date(), root=place.root).compilable
    assert checked is not None, "the charts have no errors"
    module = checked.repository.collection.module
    versions = [f"v1.{number}.0" for number in range(count)]
    history = [_commit(at, version, "" if at else stream) for at, version in enumerate(versions)]
    history += [_tag(at, version, module) for at, version in enumerate(versions[:-1])]
    _git(repository, "fast-import", "--quiet", stdin="".join(history))
    _git(repository, "reset", "--quiet", "--hard")
    tree, origin = read_revision(place, "HEAD")
    compiled = build(checked, documents=tree.documents, origin=origin)
    h1 = hash_module(compiled, module=module, version=versions[-1])
    sign = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={folder / 'ssh'}", "tag", "--sign")
    message = _message(versions[-1], module, h1)
    _git(repository, *sign, "--cleanup=verbatim", f"--message={message}", versions[-1])
    small = {"config.json": b"{}", "go.mod": encode_go_mod(GoMod(module=module))}
    with mock.patch.object(os, "fsync"):  # they only have to be there
        for version in versions[:-1]:
            with open_store(folder / "site") as store:
                release = pack(small, version=version, time=TIME)
                for write in plan(release, name=NAME, signers=(KEY,), store=store):
                    store.write(write)


def seconds(folder: Path) -> float:
    """Return what it takes to publish the newest release: the median of a few runs."""
    taken = []
    for _ in range(_RUNS):
        site = folder / "again"
        shutil.copytree(folder / "site", site)
        command = [sys.executable, "-m", "chartconfig", "-C", str(folder / "repository")]
        start = time.perf_counter()
        done = subprocess.run(
            [*command, "publish", str(site), "--key", str(folder / "log.key")],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            check=True,
        )
        taken.append(time.perf_counter() - start)
        assert b" files written\n" in done.stdout, done.stdout
        shutil.rmtree(site)
    return median(taken)


def seconds_early_and_late() -> tuple[float, float]:
    """Return what release 11 and release 601 take."""
    with tempfile.TemporaryDirectory(prefix="chartconfig.") as directory:
        taken = []
        for count in (EARLY, LATE):
            folder = Path(directory, str(count))
            make(folder, configs=ROOT / "configs", count=count)
            taken.append(seconds(folder))
    early, late = taken
    return early, late


def _commit(at: int, version: str, files: str) -> str:
    """Return a commit that names a version in its changelog, as git's fast-import reads it."""
    log = f"# Changelog\n\n## {version}\n"
    return (
        f"commit refs/heads/main\nmark :{at + 1}\ncommitter {_WHO}\n{_data(version)}{files}"
        f"M 100644 inline configs/CHANGELOG.md\n{_data(log)}"
    )


def _tag(at: int, version: str, module: str) -> str:
    message = _message(version, module, _NO_HASH)
    return f"tag {version}\nfrom :{at + 1}\ntagger {_WHO}\n{_data(message)}"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _message(version: str, module: str, h1: str) -> str:
    return format_message(
        Announcement(version=version, text="", module=module, h1=h1, chartconfig=__version__)
    )


def _git(repository: Path, *arguments: str, stdin: str = "") -> None:
    subprocess.run(
        ["git", *arguments],  # noqa: S607 - the user's git
        cwd=repository,
        env=os.environ | _SETTINGS,
        input=stdin.encode(),
        check=True,
    )


if __name__ == "__main__":
    sys.stdout.write(
        "{:.3f} s for release 11, {:.3f} s for release 601\n".format(*seconds_early_and_late())
    )
