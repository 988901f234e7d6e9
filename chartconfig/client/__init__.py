"""The client's part: fetch a config that the log vouches for, or nothing.

    from chartconfig.client import Client

    client = Client("https://example.com", key="log.vkey", cache="/var/cache/config")
    config = client.latest()
    print(config.version, config.files["config.json"])

What a client knows beforehand is the log's key. Everything else may come from anybody, for it is
checked before it is kept or returned:

1. The log's newest head is signed, and continues every head that this client accepted before.
2. Versions are found in the log's own records, not in a list that could leave out the newest. The
   latest is the highest that the newest version does not withdraw, as for the go command.
3. The files of a version have the hashes of its record, and say of it what they must.

So a client never goes back: neither to an older tree, nor behind a version that it has seen. It is
told when a version that it asks for by name was withdrawn.

With a cache, a version that was fetched once is there without the site, together with the proof
that it is in the log, which is checked again whenever it is used. If nobody answers, `latest` gives
the one it gave last. If somebody answers with what does not verify, nothing is given. Heads that
others were shown are compared in either case: without the site, with the tree as far as it is kept,
and what cannot be compared with it is refused.

Not seen by a client: a second record of a version, unless both are among the newest, and a log that
has shown this client another tree from the start. Auditors see the first; against the second,
`shown` takes heads that others were shown, and a `Log` may ask for witnesses' cosignatures.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chartconfig.auditor.pin import Pin
from chartconfig.auditor.state import Known
from chartconfig.auditor.version import (
    AlteredFileError,
    NoLogError,
    Version,
    check_go_mod,
    decode_record,
    lookup_key,
    open_version,
    paths_of,
)
from chartconfig.client.kept import Kept
from chartconfig.client.newest import Newest, NoSuchVersionError, SecondRecordError
from chartconfig.diagnostics.catalogue import report
from chartconfig.edge.cache import Cache, DirectoryCache, Forgetful
from chartconfig.edge.fetch import Site, UnreachableError, open_site
from chartconfig.edge.keys import read_verifiers
from chartconfig.errors import ChartconfigError
from chartconfig.module.proxy import Kind
from chartconfig.module.version import Scheme, is_release
from chartconfig.tlog.client import Follower, Log
from chartconfig.tlog.note import why_unpublishable_name
from chartconfig.tlog.proof import format_proof
from chartconfig.tlog.record import Lookup
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import MissingLogFileError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chartconfig.auditor.state import State
    from chartconfig.diagnostics.diagnostic import Diagnostic
    from chartconfig.module.gomod import Retraction
    from chartconfig.module.gosum import ModuleSum

__all__ = [
    "Client",
    "Config",
    "NoSuchVersionError",
    "NumberedBackError",
    "PinnedOtherwiseError",
    "SecondRecordError",
]

_key: Final = Scheme.GO_MODULE.sort_key


class NumberedBackError(ChartconfigError):
    """CC932 `version-out-of-order`: the newest record of a log is of an older version."""

    def __init__(self, version: str, newest: str) -> None:
        """Name the version, and the newest that was seen before."""
        what = f"the newest record is of {version}, after one of {newest}"
        hint = f"{newest} is not withdrawn by an older version: tell whoever publishes it"
        super().__init__(report("CC932", what, None, hint=hint))


class PinnedOtherwiseError(ChartconfigError):
    """CC940 `pinned-otherwise`: the log has another hash of a version than the pin."""

    def __init__(self, message: str) -> None:
        """Say which version, and what the two say."""
        hint = "find out which of them changed before either is used"
        super().__init__(report("CC940", message, None, hint=hint))


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A version of a config that is in the log, and whose files are those that were published."""

    log: str
    """The name of the log."""
    module: str
    """The module path."""
    version: str
    time: datetime
    """When its commit was made, in UTC."""
    h1: str
    """The hash of all its files."""
    index: int
    """Its place in the log, from 0."""
    files: Mapping[str, bytes] = field(repr=False)
    """Contents by name: config.json is what clients read."""
    proof: bytes = field(repr=False)
    """A proof file, which convinces whoever has the log's key that the version is in the log."""
    head: bytes = field(repr=False)
    """The newest tree head accepted, a signed note."""
    retraction: Retraction | None
    """What withdraws it, according to the newest version known."""
    offline: bool
    """Whether it came from the cache because nobody answered, or nobody was asked."""
    unanswered: Diagnostic | None = None
    """What there was instead of an answer, if somebody was asked."""

    @property
    def pin(self) -> Pin:
        """What to keep in order to get these very files again, or nothing."""
        return Pin(
            log=self.log, module=self.module, version=self.version, h1=self.h1, head=self.head
        )


class Client:
    """One reader of one log, which only ever moves forward."""

    def __init__(
        self,
        site: str | Site,
        key: str | Log,
        cache: str | Path | Cache | None = None,
        *,
        module: str | None = None,
        shown: Sequence[bytes] = (),
        seconds: float = 60,
        offline: bool = False,
    ) -> None:
        """Read nothing yet.

        Args:
            site: A directory, a URL, or whatever else has the files.
            key: The log's verifier key, the path of a file with its keys, or the log with whoever
                is trusted to speak for it: its keys, and witnesses.
            cache: A directory that only this user can change, or another kind of cache; None keeps
                nothing, so that every time is the first.
            module: Which module of the log; it must be named only if there are several.
            shown: Heads that others were shown: signed notes, which the log must continue.
            seconds: How long everything that is read from a URL may take together.
            offline: Use the cache alone.

        Raises:
            ChartconfigError: The key is none, or the site.
        """
        if isinstance(key, str):
            verifiers = read_verifiers(key)
            key = Log(name=verifiers[0].name, verifiers=verifiers)
        self._log = key
        if reason := why_unpublishable_name(key.name):  # it becomes a path
            raise MalformedLogError(f"no log is called {key.name[:80]!a}: {reason}")
        self._site = open_site(site, seconds=seconds) if isinstance(site, str) else site
        self._kept = Kept(key, _opened(cache))
        self._module = module
        self._shown = tuple(shown)
        self._offline = offline

    def latest(self) -> Config:
        """Return the newest version that is not withdrawn.

        Raises:
            ChartconfigError: There is none, or it cannot be had, or does not verify; a subclass
                says which, and `diagnostic` what to do.
        """
        return self._get(None)

    def version(self, version: str, *, pin: Pin | None = None) -> Config:
        """Return one version, even if it is withdrawn.

        Args:
            version: Such as `v1.2.0`.
            pin: What it must be, if that is known.

        Raises:
            ChartconfigError: As `latest`.
        """
        if not is_release(version):
            what = f"{version[:80]!a} is no version of a config"
            hint = "write one such as v1.2.3: v0 and v1 are all that there are"
            raise NoSuchVersionError(what, hint)
        config = self._get(version)
        found = (config.log, config.module, config.h1)
        if pin is not None and found != (pin.log, pin.module, pin.h1):
            what = f"{config.log} has {config.module} {version} as {config.h1}"
            raise PinnedOtherwiseError(f"{what}, pinned is {pin.module} of {pin.log} as {pin.h1}")
        return config

    def _get(self, version: str | None) -> Config:
        if not self._offline:
            try:
                return self._fetch(version)
            except UnreachableError as error:
                config = self._cached(version)
                if config is None:
                    raise
                return replace(config, unanswered=error.diagnostic)
        config = self._cached(version)
        if config is None:
            what = f"the cache has no {version or 'version'} of {self._log.name}"
            raise NoSuchVersionError(what, "fetch it once")
        return config

    # ---- from the site

    def _fetch(self, version: str | None) -> Config:
        # 1. The head, which continues what was seen here and elsewhere.
        state = self._kept.state()
        follower = self._kept.follower(self._log_file, state.head)
        try:
            follower.refresh()
        except MissingLogFileError as error:
            if error.path != "latest":
                raise
            raise NoLogError(error, self._log.name, self._site.listing()) from error
        for note in self._shown:
            follower.compare(note)
        # 2. The newest version, and what it says of others.
        newest = Newest(follower, self._module)
        before = state.modules.get(newest.sum.module)
        if before is not None and _key(newest.sum.version) < _key(before.newest):
            raise NumberedBackError(newest.sum.version, before.newest)
        mod = self._read(paths_of(newest.sum)[Kind.MOD])
        go_mod = check_go_mod(newest.sum, mod)
        # 3. The version that is wanted.
        if version is None:
            index, asked = newest.allowed(go_mod)
        else:
            index, asked = self._looked_up(follower, newest.sum.module, version)
        found = self._same(index, asked)
        if found is None:
            found = self._read_version(follower, index, asked)
        known = Known(
            newest=newest.sum.version,
            go_mod=go_mod,
            latest=asked.version if version is None else None,
        )
        state = self._kept.keep_state(
            follower, self._log_file, state.head, newest.sum.module, known
        )
        return self._config(*found, state, offline=False)

    def _looked_up(self, follower: Follower, module: str, version: str) -> tuple[int, ModuleSum]:
        try:
            lookup = follower.lookup(lookup_key(module, version))
        except MissingLogFileError as error:
            if not error.path.startswith("lookup/"):
                raise
            raise NoSuchVersionError(
                f"the log has no {version} of {module}", "see what there is: chartconfig verify"
            ) from error
        path = f"record {lookup.index}"
        asked = decode_record(lookup.record, path)
        if (asked.module, asked.version) != (module, version):
            what = f"it is of {asked.module} {asked.version}, and {version} was asked for"
            raise AlteredFileError(path, what)
        return lookup.index, asked

    def _read_version(
        self, follower: Follower, index: int, asked: ModuleSum
    ) -> tuple[Version, bytes]:
        """Return a version and its proof, and keep both."""
        paths = paths_of(asked)
        read = {kind: self._read(path) for kind, path in paths.items()}
        version = open_version(
            asked, index=index, info=read[Kind.INFO], mod=read[Kind.MOD], archive=read[Kind.ZIP]
        )
        ((_, record),) = follower.records(index, index + 1)
        proof = format_proof(follower.prove(Lookup(index=index, record=record, head=b"")))
        self._kept.keep_version(asked, read, proof)
        return version, proof

    def _log_file(self, path: str) -> bytes | None:
        return self._site(f"sumdb/{self._log.name}/{path}")

    def _read(self, path: str) -> bytes:
        data = self._site(path)
        if data is None:
            raise MissingLogFileError(path)
        return data

    # ---- from the cache

    def _cached(self, version: str | None) -> Config | None:
        state = self._kept.state()
        module = self._module
        if module is None and len(state.modules) == 1:
            (module,) = state.modules
        if module is None or module not in state.modules:
            return None
        version = version or state.modules[module].latest
        found = self._kept.version(module, version) if version else None
        if found is None or state.head is None:
            return None
        for note in self._shown:
            self._kept.compare(state.head, note)
        return self._config(*found, state, offline=True)

    def _same(self, index: int, asked: ModuleSum) -> tuple[Version, bytes] | None:
        """Return a version from the cache.

        Raises:
            SecondRecordError: It is of another record than the log shows now.
        """
        found = self._kept.version(asked.module, asked.version)
        if found is not None and (found[0].index, found[0].sum) != (index, asked):
            raise SecondRecordError(asked.version, found[0].index, index)
        return found

    def _config(self, version: Version, proof: bytes, state: State, *, offline: bool) -> Config:
        assert state.head is not None, "something was accepted, so a head was"
        asked = version.sum
        return Config(
            log=self._log.name,
            module=asked.module,
            version=asked.version,
            time=version.info.time,
            h1=asked.zip,
            index=version.index,
            files=version.files,
            proof=proof,
            head=state.head,
            retraction=state.modules[asked.module].go_mod.retracts(asked.version),
            offline=offline,
        )


def _opened(cache: str | Path | Cache | None) -> Cache:
    if cache is None:
        return Forgetful()
    return DirectoryCache(Path(cache)) if isinstance(cache, str | Path) else cache
