"""The versions of a module, found in the records of a log and nowhere else."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from chartconfig.auditor.version import decode_record
from chartconfig.diagnostics.catalogue import report
from chartconfig.errors import ChartconfigError
from chartconfig.module.version import Scheme
from chartconfig.tlog.tile import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartconfig.module.gomod import GoMod
    from chartconfig.module.gosum import ModuleSum
    from chartconfig.tlog.client import Follower

_key: Final = Scheme.GO_MODULE.sort_key


class SecondRecordError(ChartconfigError):
    """CC931 `second-record`: the log has two records of one version."""

    def __init__(self, version: str, first: int, second: int) -> None:
        """Name the version, and where in the log its records stand."""
        what = f"the log has {version} as record {first} and as {second}"
        super().__init__(report("CC931", what, None))


class NoSuchVersionError(ChartconfigError):
    """CC942 `no-such-version`: there is no such version, or none that may be used."""

    def __init__(self, message: str, hint: str) -> None:
        """Say what there is not, and what to do."""
        super().__init__(report("CC942", message, None, hint=hint))


class Newest:
    """The versions of a module, found in the records of the log, from the newest back."""

    def __init__(self, follower: Follower, module: str | None) -> None:
        """Find the highest version.

        Raises:
            NoSuchVersionError: There is none.
        """
        self._follower = follower
        self._module = module
        for bundle in self._bundles():
            if bundle:
                self.sum = bundle[0][1]
                return
        what = f"of {module} " if module else ""
        raise NoSuchVersionError(f"the log has no version {what}yet", "name another, or wait")

    def allowed(self, go_mod: GoMod) -> tuple[int, ModuleSum]:
        """Return the highest version that is not withdrawn.

        Raises:
            NoSuchVersionError: There is none.
        """
        for bundle in self._bundles():
            for index, each in bundle:
                if go_mod.retracts(each.version) is None:
                    return index, each
        raise NoSuchVersionError(
            f"every version of {go_mod.module} is withdrawn", "wait for the next, or name one"
        )

    def _bundles(self) -> Iterator[list[tuple[int, ModuleSum]]]:
        """Yield the versions of each bundle, the highest first."""
        size = self._follower.head.size
        for start in reversed(range(0, size, FULL)):
            sums = [
                (index, decode_record(record, f"record {index}"))
                for index, record in self._follower.records(start, start + FULL)
            ]
            if self._module is None:
                self._module = self._only_module({each.module for _, each in sums})
            own = [(index, each) for index, each in sums if each.module == self._module]
            own.sort(key=lambda found: _key(found[1].version), reverse=True)
            for (one, first), (other, second) in pairwise(own):
                if first.version == second.version:
                    raise SecondRecordError(first.version, *sorted((one, other)))
            yield own

    def _only_module(self, modules: set[str]) -> str:
        if len(modules) > 1:
            named = ", ".join(sorted(modules))
            raise NoSuchVersionError(f"the log has several modules: {named}", "name one of them")
        return modules.pop()
