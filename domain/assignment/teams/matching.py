"""Pairs in a graph: as many as possible, and among those the heaviest."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final, cast

import rustworkx

_rustworkx: Any = cast("Any", rustworkx)


_AT_ONCE: Final = 20_000
"""Edges handed over at a time: a region of a thousand people has half a million, which are large as Python values."""


def best_pairs(nodes: int, edges: Iterable[tuple[int, int, int]]) -> set[tuple[int, int]]:
    """Return a maximum-weight matching among those with most pairs; edges are two nodes and a whole weight, each once.

    Source: Galil, Efficient algorithms for finding maximum matching in graphs (1986).
    """
    # A graph that allows parallel edges does not look for each new one among those of its nodes.
    graph = _rustworkx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(nodes))
    waiting = iter(edges)
    while part := list(islice(waiting, _AT_ONCE)):
        graph.add_edges_from(part)
    return cast("set[tuple[int, int]]", _rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int))
