"""What a client keeps of a log, from one run to the next: in its cache, and none of it secret.

- `state.json`: the newest head that was accepted, and what is known of each module; `auditor.state`
  has its keys. It alone is believed as it is.
- `<module>/@v/`: the files of versions, each beside a proof that it is in the log. They are checked
  whenever they are used, as if somebody else had sent them.
- `tile/`: what was read of the tree, so that a head which others were shown can be compared with
  the newest one without the site. A tile that grows has one file, under the name of the full one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chartconfig.auditor.state import Known, State, decode_state, encode_state
from chartconfig.auditor.version import (
    AlteredFileError,
    Version,
    decode_record,
    lookup_key,
    open_version,
    paths_of,
)
from chartconfig.collection.encode import MalformedConfigError
from chartconfig.diagnostics.render import counted
from chartconfig.module.malformed import MalformedModuleError
from chartconfig.module.proxy import Kind
from chartconfig.module.version import Scheme
from chartconfig.tlog.client import Follower, RollbackError, newer_of
from chartconfig.tlog.cosignature import TooFewWitnessesError
from chartconfig.tlog.note import UnverifiedNoteError
from chartconfig.tlog.proof import check_proof, parse_proof
from chartconfig.tlog.text import MalformedLogError
from chartconfig.tlog.tile import MissingLogFileError, Tile, go_path, parse_go_path
from chartconfig.tlog.tree import HASH_BYTES, FailedProofError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartconfig.edge.cache import Cache
    from chartconfig.module.gosum import ModuleSum
    from chartconfig.tlog.client import Log, LogFiles

_PROOF: Final = ".tlog-proof"
_DAMAGE: Final = (
    AlteredFileError,
    FailedProofError,
    MalformedConfigError,
    MalformedLogError,
    MalformedModuleError,
    TooFewWitnessesError,
    UnverifiedNoteError,
)
"""What is said of bytes in the cache that are not, or no longer, what was kept."""
_key: Final = Scheme.GO_MODULE.sort_key


class Kept:
    """What is kept of one log."""

    def __init__(self, log: Log, cache: Cache) -> None:
        """Read nothing yet."""
        self._log = log
        self._cache = cache

    # ---- the state

    def state(self) -> State:
        """Return what was kept of the log last.

        Raises:
            MalformedPinError: There is something else.
        """
        data = self._cache.read(self._state_name)
        return State() if data is None else decode_state(data, self._cache.place(self._state_name))

    def follower(self, files: LogFiles, seen: bytes | None) -> Follower:
        """Return who follows the log from the head in the state.

        Raises:
            UnverifiedNoteError: None of the log's keys has signed it.
        """
        try:
            return Follower(self._log, files, seen)
        except UnverifiedNoteError as error:
            place = self._cache.place(self._state_name)
            hint = "while a log changes its key, name a file with both: docs/keys.md"
            raise UnverifiedNoteError(f"{place}: {error}", error.note, hint) from error

    def keep_state(
        self, follower: Follower, files: LogFiles, seen: bytes | None, module: str, known: Known
    ) -> State:
        """Keep the head and what is known of a module, unless somebody knows more by now."""
        with self._cache.locked():
            state = self.state()
            head = follower.note
            if head is not None and state.head not in {None, seen}:
                # Another client of this cache was faster, and must not be told something else.
                head = newer_of(self.follower(files, state.head), head)
            before = state.modules.get(module)
            if before is not None:
                newer = _key(before.newest) > _key(known.newest)
                known = Known(
                    newest=before.newest if newer else known.newest,
                    go_mod=before.go_mod if newer else known.go_mod,
                    latest=(None if newer else known.latest) or before.latest,
                )
            state = State(head=head, modules={**state.modules, module: known})
            self._keep_tiles(follower.checked)  # first, for the head is compared by them
            self._cache.write(self._state_name, encode_state(state))
        return state

    @property
    def _state_name(self) -> str:
        return f"{self._log.name}/state.json"

    # ---- versions

    def version(self, module: str, version: str) -> tuple[Version, bytes] | None:
        """Return a version and its proof, if they are there, and right."""
        proof = self._cache.read(self._proof_name(module, version))
        if proof is None:
            return None
        log = self._log
        try:
            proven = check_proof(
                parse_proof(proof),
                origin=log.name,
                verifiers=log.verifiers,
                witnesses=log.witnesses,
                quorum=log.quorum,
            )
            asked = decode_record(proven.record, "the cache")
            names = {kind: f"{log.name}/{path}" for kind, path in paths_of(asked).items()}
            read = {kind: self._cache.read(name) or b"" for kind, name in names.items()}
            found = open_version(
                asked,
                index=proven.index,
                info=read[Kind.INFO],
                mod=read[Kind.MOD],
                archive=read[Kind.ZIP],
            )
        except _DAMAGE:
            return None  # as if it was never kept
        return (found, proof) if (asked.module, asked.version) == (module, version) else None

    def keep_version(self, asked: ModuleSum, read: Mapping[Kind, bytes], proof: bytes) -> None:
        """Keep the files of a version, and last its proof."""
        for kind, path in paths_of(asked).items():
            self._cache.write(f"{self._log.name}/{path}", read[kind])
        self._cache.write(self._proof_name(asked.module, asked.version), proof)

    def _proof_name(self, module: str, version: str) -> str:
        return f"{self._log.name}/{lookup_key(module, version)}{_PROOF}"

    # ---- tiles

    def compare(self, head: bytes, shown: bytes) -> None:
        """Check without the site that a head which others were shown is of the tree in the state.

        Raises:
            ForkError: It is of another tree.
            RollbackError: It is newer than what is kept.
            MissingLogFileError: The tiles that it takes are not kept.
            MalformedLogError, UnverifiedNoteError: It is no head of this log.
        """
        follower = self.follower(self._tile, head)
        try:
            follower.compare(shown)
        except RollbackError as error:
            raise RollbackError(seen=error.seen, offered=error.offered, offline=True) from error
        except (FailedProofError, MissingLogFileError) as error:
            size = counted(follower.head.size, "record")
            what = f"what is kept of the log's {size} is not enough to compare another head with it"
            hint = "compare them once while the site answers: what that takes is kept"
            raise MissingLogFileError("tile", what, hint) from error

    def _tile(self, path: str) -> bytes | None:
        tile = parse_go_path(path)
        data = self._cache.read(self._tile_name(tile)) or b""
        wanted = tile.width * HASH_BYTES
        return data[:wanted] if len(data) >= wanted else None

    def _keep_tiles(self, tiles: Mapping[Tile, bytes]) -> None:
        for tile, data in tiles.items():
            name = self._tile_name(tile)
            if not (self._cache.read(name) or b"").startswith(data):
                self._cache.write(name, data)

    def _tile_name(self, tile: Tile) -> str:
        return f"{self._log.name}/{go_path(Tile(level=tile.level, index=tile.index))}"
