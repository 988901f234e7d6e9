"""A log changes its key, and go commands that have a past go on."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from chartconfig.tlog.note import format_verifier
from tests.client.test_client import resigned
from tests.go.command import Go, refused, succeeded
from tests.sites import KEY, MODULE, NAME, OTHER_KEY, VKEY, publish, release, site, written

if TYPE_CHECKING:
    from pathlib import Path

NEW_VKEY = format_verifier(OTHER_KEY.verifier)


def download(user: Go, version: str) -> str:
    done = user.run("mod", "download", "-json", f"{MODULE}@{version}")
    found: str = json.loads(succeeded(done))["Version"]
    return found


def test_a_user_moves_from_one_key_to_the_other(tmp_path: Path) -> None:
    store = site("v1.0.0")
    root = tmp_path / "site"
    written(store.files, root)
    before = {
        name: Go(home=tmp_path / name, proxy=root.as_uri(), key=VKEY) for name in ("one", "late")
    }
    after = {name: dataclasses.replace(user, key=NEW_VKEY) for name, user in before.items()}
    for user in before.values():
        assert download(user, "latest") == "v1.0.0"
    assert "sumdb" in refused(after["one"].run("mod", "download", f"{MODULE}@v1.0.0"))
    # Both sign, and there is a release meanwhile.
    resigned(store, KEY, OTHER_KEY)
    publish(store, release("v1.1.0"), KEY, OTHER_KEY)
    written(store.files, root)
    assert download(before["one"], "latest") == "v1.1.0"
    assert download(after["one"], "latest") == "v1.1.0"
    # The new key alone.
    resigned(store, OTHER_KEY)
    publish(store, release("v1.2.0"), OTHER_KEY)
    written(store.files, root)
    assert download(after["one"], "latest") == "v1.2.0"
    assert "verif" in refused(before["one"].run("mod", "download", f"{MODULE}@v1.2.0"))
    # Who has missed it deletes what the old key has signed.
    assert "verif" in refused(after["late"].run("mod", "download", f"{MODULE}@v1.2.0"))
    (tmp_path / "late" / "go" / "pkg" / "sumdb" / NAME / "latest").unlink()
    assert download(after["late"], "latest") == "v1.2.0"
