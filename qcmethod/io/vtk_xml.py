"""Unstructured grids in VTK's own XML format, which ParaView opens.

    <VTKFile type="UnstructuredGrid">
      <FieldData>                          numbers of the whole grid
      <Piece> <Points> <Cells>             cells: their points one after the other, where each ends,
        <PointData> <CellData>             and their kind

An array is one zlib block in base64, behind its own head (blocks, size, size of a partial block,
compressed size). Reference: VTK File Formats, https://docs.vtk.org/en/latest/vtk_file_formats/.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from qcmethod.base.types import Array, Facts, Index

KINDS = {"line": 3, "triangle": 5, "tetra": 10, "line3": 21, "triangle6": 22, "tetra10": 24}
"""Kinds of cells, and their numbers in VTK."""

TYPES = {"f8": "Float64", "i1": "Int8", "i4": "Int32", "i8": "Int64", "u1": "UInt8"}

Blocks = list[tuple[str, Index, Index]]
"""Cells of one kind: its name, their nodes in VTK's order, their numbers."""

Fields = Mapping[str, NDArray[Any]]


def write_grid(
    path: Path, points: Array, blocks: Blocks, on_point: Fields, on_cell: Fields, facts: Facts
) -> None:
    """Write points (n, 3), cells by kind, fields on both by name, and facts of the whole.

    A cell field is given for all cells, and is written in the order of the blocks.
    """
    order = np.concatenate([cell for _, _, cell in blocks])
    cells = {name: np.asarray(values)[order] for name, values in on_cell.items()}
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_grid(points, blocks, on_point, cells, facts))


def _grid(
    points: Array, blocks: Blocks, on_point: Fields, on_cell: Fields, facts: Facts
) -> Iterator[str]:
    yield '<?xml version="1.0"?>\n'
    yield '<VTKFile type="UnstructuredGrid" version="1.0" byte_order="LittleEndian"'
    yield ' header_type="UInt64" compressor="vtkZLibDataCompressor">\n'
    yield f"<!-- {_texts(facts)} -->\n<UnstructuredGrid>\n"
    yield from _section("FieldData", _numbers(facts))
    yield f'<Piece NumberOfPoints="{len(points)}" NumberOfCells="{_count(blocks)}">\n'
    yield from _section("Points", [_array("Points", points)])
    yield from _section("Cells", _cells(blocks))
    yield from _section("PointData", (_array(*pair) for pair in on_point.items()))
    yield from _section("CellData", (_array(*pair) for pair in on_cell.items()))
    yield "</Piece>\n</UnstructuredGrid>\n</VTKFile>\n"


def _section(name: str, arrays: Iterable[str]) -> Iterator[str]:
    return chain([f"<{name}>\n"], arrays, [f"</{name}>\n"])


def _count(blocks: Blocks) -> int:
    return sum(len(nodes) for _, nodes, _ in blocks)


def _cells(blocks: Blocks) -> Iterator[str]:
    width = np.concatenate([np.full(len(nodes), nodes.shape[1]) for _, nodes, _ in blocks])
    kind = np.concatenate([np.full(len(nodes), KINDS[name]) for name, nodes, _ in blocks])
    yield _array("connectivity", np.concatenate([nodes.ravel() for _, nodes, _ in blocks]))
    yield _array("offsets", np.cumsum(width))
    yield _array("types", kind.astype(np.uint8))


def _array(name: str, values: NDArray[Any]) -> str:
    """One array: (n,), (n, m), or (n, a, b), which VTK knows as (n, a b)."""
    data = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    width = "" if data.ndim == 1 else f'NumberOfComponents="{data[:1].size}" '
    packed = zlib.compress(data.tobytes(), 6)
    head = np.array([1, data.nbytes, 0, len(packed)], dtype="<u8").tobytes()
    text = b64encode(head).decode() + b64encode(packed).decode()
    return (
        f'<DataArray type="{TYPES[data.dtype.str[1:]]}" Name={quoteattr(name)} '
        f'{width}format="binary">{text}</DataArray>\n'
    )


def _numbers(facts: Facts) -> Iterator[str]:
    for name, value in facts.items():
        if not isinstance(value, str):
            yield (
                f'<DataArray type="Float64" Name={quoteattr(name)} NumberOfTuples="1" '
                f'format="ascii">{float(value)!r}</DataArray>\n'
            )


def _texts(facts: Facts) -> str:
    said = "; ".join(f"{k}: {v}" for k, v in facts.items() if isinstance(v, str))
    return said.replace("--", "- -")
