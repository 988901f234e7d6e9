"""`pack`: what is published of a compiled config."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chartconfig.module.gomod import GoMod, encode_go_mod
from chartconfig.module.gosum import decode_sum
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.proxy import decode_info
from chartconfig.module.zip import decode_zip
from chartconfig.pipeline import pack

MODULE = "example.com/telemetry/Config"
TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FILES = {"go.mod": encode_go_mod(GoMod(module=MODULE)), "config.json": b"{}"}


def test_is_one_version_in_all_its_parts() -> None:
    release = pack(FILES, version="v1.2.3", time=TIME)
    assert (release.module, release.version) == ("example.com/telemetry/!config", "v1.2.3")
    assert decode_zip(release.zip, module=MODULE, version="v1.2.3") == FILES
    assert release.mod == FILES["go.mod"]
    info = decode_info(release.info)
    assert (info.version, info.time) == ("v1.2.3", TIME)
    record = decode_sum(release.record)
    assert (record.module, record.version) == (MODULE, "v1.2.3")
    # sha256sum of the lines `<sha256 of a file>  <module>@v1.2.3/<name>`, and of `...  go.mod`
    assert record.zip == "h1:yw+G8kNVwFsNWunm4LjSwePuMc+B44iN/rb3OOR6eK0="
    assert record.go_mod == "h1:nnaXx+rocfgV+maVucTFt7Tl3FzdpzbV9NL34cOHhgI="


def test_is_the_same_whatever_the_order_of_files() -> None:
    backwards = dict(reversed(FILES.items()))
    assert pack(backwards, version="v1.2.3", time=TIME) == pack(FILES, version="v1.2.3", time=TIME)


def test_is_refused_of_another_go_mod() -> None:
    with pytest.raises(MalformedModuleError):
        pack({**FILES, "go.mod": b"module example.com/x\n\ngo 1.99\n"}, version="v1.2.3", time=TIME)
