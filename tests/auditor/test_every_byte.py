"""Every byte of a site, changed one at a time: an audit finds each.

There is none that nothing depends on. A note may have signatures of keys that the auditor does not
know, and only of these a change would not be seen; a site that one key signs has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartconfig.auditor.site import audit
from chartconfig.auditor.version import AlteredFileError, decode_record, open_version
from chartconfig.module.malformed import MalformedModuleError
from tests.sites import LOG, release, site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FILES = site("v1.0.0", "v1.1.0").files


def changed(data: bytes) -> Iterator[bytes]:
    """Yield `data` with one bit of each byte turned, another one in each."""
    for place in range(len(data)):
        yield data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]


def is_right(files: Mapping[str, bytes]) -> bool:
    return audit(files.get, LOG, listing=files.keys()).diagnostics == ()


def test_a_site_that_nobody_changed_is_right() -> None:
    assert is_right(FILES)


@pytest.mark.parametrize("path", [path for path in FILES if not path.endswith(".zip")])
def test_every_other_byte_of_a_file_is_found(path: str) -> None:
    passed = [
        place for place, data in enumerate(changed(FILES[path])) if is_right(FILES | {path: data})
    ]
    assert passed == []


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".zip")])
def test_a_changed_zip_is_found(path: str) -> None:
    data = FILES[path]
    for place in range(0, len(data), 997):
        other = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert not is_right(FILES | {path: other})


def test_every_other_byte_of_a_zip_is_found() -> None:
    """As an audit does it, without the rest of the site."""
    made = release("v1.0.0")
    asked = decode_record(made.record, "the record")
    assert open_version(asked, index=0, info=made.info, mod=made.mod, archive=made.zip)
    for data in changed(made.zip):
        with pytest.raises((AlteredFileError, MalformedModuleError)):
            open_version(asked, index=0, info=made.info, mod=made.mod, archive=data)
