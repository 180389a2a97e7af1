"""Pairs in a graph: as many as possible, and among those the heaviest."""

from __future__ import annotations

from typing import Any, cast

import rustworkx

_rustworkx: Any = cast("Any", rustworkx)


def best_pairs(nodes: int, edges: list[tuple[int, int, int]]) -> set[tuple[int, int]]:
    """Return a maximum-weight matching among those with most pairs; edges are two nodes and a whole weight.

    Source: Galil, Efficient algorithms for finding maximum matching in graphs (1986).
    """
    graph = _rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(nodes))
    graph.add_edges_from(edges)
    return cast("set[tuple[int, int]]", _rustworkx.max_weight_matching(graph, max_cardinality=True, weight_fn=int))
