"""Every small change that can be made to a module: the operators are those of mutmut, the choice of places is ours.

Left alone is what says nothing about behaviour: annotations, docstrings, decorators (a rule's texts and norms stand
there), imports, texts for people, and the sizes of caches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

LEFT_ALONE: Final = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
LEFT_ALONE_CALLS: Final = frozenset({"Text", "TypeVar", "cast"})
LEFT_ALONE_NAMES: Final = ("__slots__", "__all__", "_CACHED_MAX")


class Mutant(NamedTuple):
    """One change to one module: where it stands, what stood there, what stands there now."""

    path: Path
    line: int
    before: str
    after: str
    render: Callable[[], str]

    def __str__(self) -> str:
        """Show the place and the change on one line."""
        return f"{self.path}:{self.line}: {_short(self.before)} -> {_short(self.after)}"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of the module, in the order of its lines; the source is rendered when it is needed."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
    module = wrapper.module
    positions = wrapper.resolve(PositionProvider)
    for node in _places(module):
        for changed in _changes(node):
            yield Mutant(
                path,
                positions[node].start.line if node in positions else 0,
                module.code_for_node(node),
                module.code_for_node(changed),
                lambda node=node, changed=changed: _code(module, node, changed),  # type: ignore[misc]
            )


def _code(module: cst.Module, node: cst.CSTNode, changed: cst.CSTNode) -> str:
    replaced = module.deep_replace(node, changed)
    assert isinstance(replaced, cst.Module), "a module stays a module"
    return replaced.code


def _places(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and what is below it, without what is left alone."""
    if _is_left_alone(node):
        return
    yield node
    for child in node.children:
        if isinstance(node, cst.ClassDef) and child in (*node.bases, *node.keywords):
            continue
        yield from _places(child)


def _is_left_alone(node: cst.CSTNode) -> bool:
    if isinstance(node, LEFT_ALONE):
        return True
    if isinstance(node, cst.Expr):
        return isinstance(node.value, cst.SimpleString)
    if isinstance(node, cst.Call):
        return isinstance(node.func, cst.Name) and node.func.value in LEFT_ALONE_CALLS
    if isinstance(node, cst.Assign):
        return _is_left_alone_name(node.targets[0].target)
    return isinstance(node, cst.AnnAssign) and (node.value is None or _is_left_alone_name(node.target))


def _is_left_alone_name(target: cst.CSTNode) -> bool:
    return isinstance(target, cst.Name) and target.value.endswith(LEFT_ALONE_NAMES)


def _changes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            yield from operator(node)


def _short(code: str) -> str:
    one_line = " ".join(code.split())
    return one_line if len(one_line) <= 100 else f"{one_line[:97]}..."
