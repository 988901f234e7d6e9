"""One version of a published config: whether its files are those that the log vouches for.

A client asks this of the version that it uses, an auditor of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from chartconfig.collection.encode import decode as decode_config
from chartconfig.collection.manifest import decode_manifest
from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.module.dirhash import hash_go_mod, hash_module
from chartconfig.module.gomod import GoMod, decode_go_mod
from chartconfig.module.gosum import ModuleSum, decode_sum
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.path import escape, why_unpublishable
from chartconfig.module.proxy import Info, Kind, ProxyFile, decode_info, format_path
from chartconfig.module.version import is_release
from chartconfig.module.zip import Limits, decode_zip, encode_zip
from chartconfig.tlog.tile import MissingLogFileError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_STORED = Limits(ratio=1)


class AlteredFileError(ChartconfigError):
    """CC930 `altered-file`: a published file is not the one that the log vouches for."""

    def __init__(self, path: str, message: str) -> None:
        """Name the file, relative to the site, and say in a few words what is wrong with it."""
        hint = "do not use it; whoever publishes it can restore what was published"
        super().__init__(report("CC930", f"{path}: {message}", None, hint=hint))
        self.path = path


class NoLogError(MissingLogFileError):
    """CC927 `missing-log-file`: a site has another log, or is none."""

    def __init__(
        self, error: MissingLogFileError, name: str, paths: Collection[str] | None
    ) -> None:
        """Say which log there is not, and which there is.

        Args:
            error: What was missing: the log's newest head.
            name: The name of the log that was looked for.
            paths: All files of the site, where that can be known.
        """
        found = sorted(filter(None, map(_log_of, paths or ())))
        what = hint = None
        if found:
            what = f"the site has no log {name}; it has {', '.join(found)}"
            hint = "name the key of that log, or the site of this one"
        elif not any(path.startswith(f"sumdb/{name}/") for path in paths or ()):
            what = f"there is no log {name} here, and perhaps no site"
            hint = "see that this is the site, and the key that of its log"
        super().__init__(error.path, what, hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version whose files are what its record says."""

    sum: ModuleSum
    index: int
    """Its place in the log, from 0."""
    info: Info
    go_mod: GoMod
    files: Mapping[str, bytes]
    """Contents by path in the module."""


def open_version(
    asked: ModuleSum, *, index: int, info: bytes, mod: bytes, archive: bytes
) -> Version:
    """Return a version whose record is known, from its files.

    Args:
        asked: What the record says, which must be in the log.
        index: Its place there.
        info: The file .info.
        mod: The file .mod.
        archive: The file .zip.

    Raises:
        AlteredFileError: A file is not the one that the record is of, or says something else than
            the manifest in the zip.
        MalformedModuleError: A file is not one that chartconfig publishes.
        MalformedConfigError: config.json is not one that clients read as it is meant.
    """
    module, version = asked.module, asked.version
    paths = paths_of(asked)
    go_mod = check_go_mod(asked, mod)
    # The hashes first: nothing is to be made of bytes that somebody else chose. What was published
    # is stored as it is, so that nothing in it can be larger than it is there.
    path = paths[Kind.ZIP]
    inside = decode_zip(archive, module=module, version=version, limits=_STORED, path=path)
    if hash_module(inside, module=module, version=version) != asked.zip:
        raise AlteredFileError(path, "its files do not have the hash of the record")
    if encode_zip(inside, module=module, version=version) != archive:
        raise AlteredFileError(path, "its files are packed in another way than was published")
    if inside.get("go.mod") != mod:
        raise AlteredFileError(path, "its go.mod is not the one beside it")
    path += " manifest.json"
    manifest = decode_manifest(inside.get("manifest.json", b""), path=path)
    rest = {name: data for name, data in inside.items() if name != "manifest.json"}
    if dict(manifest.outputs) != {name: sha256(data).hexdigest() for name, data in rest.items()}:
        raise AlteredFileError(path, "it is of other files than it is with")
    if manifest.module != module:
        raise AlteredFileError(path, f"it is of {manifest.module}")
    decode_config(rest.get("config.json", b""), path=paths[Kind.ZIP] + " config.json")
    path = paths[Kind.INFO]
    told = decode_info(info, path=path)
    time = f"{told.time.replace(tzinfo=None).isoformat()}Z"
    if (told.version, time) != (version, manifest.time):
        what = f"it says {told.version} and {time}, the zip {version} and {manifest.time}"
        raise AlteredFileError(path, what)
    return Version(sum=asked, index=index, info=told, go_mod=go_mod, files=inside)


def check_go_mod(asked: ModuleSum, mod: bytes) -> GoMod:
    """Return what the go.mod of a version says, whose record is known.

    Raises:
        AlteredFileError: It is not the one that the record is of.
        MalformedModuleError: It is not one that chartconfig publishes.
    """
    path = paths_of(asked)[Kind.MOD]
    if hash_go_mod(mod) != asked.go_mod:
        raise AlteredFileError(path, "it does not have the hash of the record")
    go_mod = decode_go_mod(mod, path=path)
    if go_mod.module != asked.module:
        raise AlteredFileError(path, f"it is of {go_mod.module}")
    return go_mod


def decode_record(record: bytes, path: str) -> ModuleSum:
    """Return what a record says, which must be of a version that may be published.

    Raises:
        MalformedModuleError: It is of something else.
    """
    found = decode_sum(record, path=path)
    if reason := why_unpublishable(found.module):
        raise MalformedModuleError(f"nothing is published under {found.module}: {reason}", path)
    if not is_release(found.version):
        raise MalformedModuleError(f"{found.version} is no version of a config", path)
    return found


def paths_of(asked: ModuleSum) -> dict[Kind, str]:
    """Return where the files of a version stand."""
    return {
        kind: format_path(ProxyFile(kind=kind, module=asked.module, version=asked.version))
        for kind in Kind
        if kind.of_version
    }


def _log_of(path: str) -> str | None:
    """Return the name of the log whose newest head is at a path, or None."""
    name = path.removeprefix("sumdb/").removesuffix("/latest")
    return name if path == f"sumdb/{name}/latest" else None


def lookup_key(module: str, version: str) -> str:
    """Return by what the log looks up a version."""
    return f"{escape(module)}@{version}"
