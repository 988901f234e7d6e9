"""Mutation testing of chartconfig/sampling: does a test notice when something is changed?

mutmut changes one thing at a time and runs the tests that pass there. What no test notices must
stand in survivors.toml with the reason why it may; see CONTRIBUTING.md. mutmut works on a copy in
.mutation/, in which decorators are calls below their function, as it passes by what is decorated,
the examples of docstrings are files of tests, so that no mutant carries its own, and zip is not
strict, which asserts what is so.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from difflib import ndiff
from pathlib import Path

PROJECT = Path(__file__).parents[2]
COPY = PROJECT / ".mutation"
SURVIVORS = Path(__file__).parent / "survivors.toml"
NOTICED = {"killed", "timeout", "segfault", "suspicious"}  # a crash is noticed as well
_KNOWN_TO_MUTMUT = {"classmethod", "staticmethod"}
_TOKEN = re.compile(r"\w+|\s+|[\[\](),.:]|[^\w\s\[\](),.:]+")


def main(names: list[str]) -> int:
    """Mutate the named modules of chartconfig/sampling, or all, and say what is not explained."""
    copy(names or ["*"])
    mutmut = Path(sys.executable).with_name("mutmut")
    os.chdir(COPY)
    with Path("log").open("w", encoding="utf-8") as log:  # mutmut draws a spinner, line by line
        if subprocess.run(
            [mutmut, "run"], stdout=log, stderr=subprocess.STDOUT, check=False
        ).returncode:
            print("mutmut failed; see .mutation/log")
            return 2
    return judge(names)


def copy(names: list[str]) -> None:
    """Write the tree that mutmut works on, and which modules it shall change."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in ("chartconfig", "configs", "schema", "tests"):
        shutil.copytree(
            PROJECT / name, COPY / name, ignore=shutil.ignore_patterns("__pycache__", "schema")
        )
    shutil.copytree(PROJECT / "schema", COPY / "schema", dirs_exist_ok=True)
    (COPY / "chartconfig" / "schema").symlink_to("../schema")
    configuration = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    modules = ", ".join(f'"chartconfig/sampling/{name}.py"' for name in names)
    configuration = configuration.replace('"chartconfig/sampling/*.py"', modules)
    (COPY / "pyproject.toml").write_text(configuration, encoding="utf-8")
    for path in sorted((COPY / "chartconfig" / "sampling").glob("*.py")):
        plain = _Plain()
        tree = plain.visit(ast.parse(path.read_text(encoding="utf-8")))
        path.write_text(ast.unparse(tree) + "\n", encoding="utf-8")
        for name, text in plain.examples:
            example = COPY / "tests" / "sampling" / f"test_{path.stem}_{name}.txt"
            setup = f"from chartconfig.sampling import {path.stem} as module"
            example.write_text(f">>> {setup}\n>>> globals().update(vars(module))\n\n{text}\n")


class _Plain(ast.NodeTransformer):
    """Takes decorators and docstrings off functions, and what is strict off zip."""

    def __init__(self) -> None:
        self.examples: list[tuple[str, str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> list[ast.stmt]:
        self.generic_visit(node)
        text = ast.get_docstring(node)
        if text is not None:
            node.body = node.body[1:] or [ast.Pass()]
            if ">>>" in text:
                self.examples.append((node.name, text))
        if any(isinstance(d, ast.Name) and d.id in _KNOWN_TO_MUTMUT for d in node.decorator_list):
            return [node]
        calls = [
            ast.parse(f"{node.name} = {ast.unparse(decorator)}({node.name})").body[0]
            for decorator in reversed(node.decorator_list)
        ]
        node.decorator_list = []
        return [node, *calls]

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "zip":
            node.keywords = [word for word in node.keywords if ast.unparse(word) != "strict=True"]
        return node


def judge(names: list[str]) -> int:
    """Print what survived without a reason, and reasons for what is not there; return 1 if any."""
    reasons = {
        (function, change): reason
        for function, groups in tomllib.loads(SURVIVORS.read_text(encoding="utf-8")).items()
        for reason, changes in groups.items()
        for change in changes
    }
    survivors, others = set[tuple[str, str]](), set[tuple[str, str]]()
    counts: dict[str, Counter[str]] = {}
    for function, change, status in mutants():
        module, _, _ = function.partition(".")
        if names and module not in names:
            continue
        key = function, change
        (others if status in NOTICED else survivors).add(key)
        explained = status not in NOTICED and key in reasons
        counts.setdefault(module, Counter())["explained" if explained else status] += 1
    for module, count in sorted(counts.items()):
        print(f"{module}: " + ", ".join(f"{n} {status}" for status, n in count.most_common()))
    bare = sorted(survivors - reasons.keys())
    idle = sorted(
        key
        for key in reasons.keys() - survivors - others
        if not names or key[0].partition(".")[0] in names
    )
    for function, change in bare:
        print(f"No test notices: {function}: {change}")
    for function, change in idle:
        print(f"There is no such mutant, but a reason for it: {function}: {change}")
    return 1 if bare or idle else 0


def mutants() -> list[tuple[str, str, str]]:
    """Return of each mutant its function, what is changed there, and what became of it."""
    import libcst
    from mutmut.mutation.data import SourceFileMutationData
    from mutmut.mutation.diff_apply import read_functions_from_index
    from mutmut.stats import status_by_exit_code
    from mutmut.utils.file_utils import walk_mutatable_files
    from mutmut.utils.format_utils import orig_function_and_class_names_from_key

    found = []
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, exit_code in data.exit_code_by_key.items():
            both = read_functions_from_index(name, path)
            assert both is not None
            before, after = (libcst.Module([function]).code for function in both)
            function, cls = orig_function_and_class_names_from_key(name)
            where = ".".join([path.stem, *([cls] if cls else []), function])
            found.append((where, change(before, after), status_by_exit_code[exit_code]))
    return found


def change(before: str, after: str) -> str:
    """Return a line of a function with what was changed in it, as `a {< → <=} b`."""
    lines = [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "-+"]
    old, new = (
        _TOKEN.findall(" ".join(line[1:].strip() for line in lines if line[0] == sign))
        for sign in "-+"
    )
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    shown = "".join(old[start : len(old) - end]), "".join(new[start : len(new) - end])
    return f"{''.join(old[:start])}{{{' → '.join(shown)}}}{''.join(old[len(old) - end :])}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
