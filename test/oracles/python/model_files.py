"""What MuJoCo models are made of besides XML: the smallest files of each kind."""

from __future__ import annotations

import struct
import zlib

TETRAHEDRON = ((0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3))


def corners(size: float) -> list[tuple[float, float, float]]:
    return [(0, 0, 0), (size, 0, 0), (0, size, 0), (0, 0, size)]


def stl(size: float = 0.2) -> bytes:
    points = corners(size)
    triangles = b"".join(
        struct.pack("<12f", 0, 0, 0, *points[a], *points[b], *points[c]) + b"\0\0" for a, b, c in TETRAHEDRON
    )
    return b"\0" * 80 + struct.pack("<I", len(TETRAHEDRON)) + triangles


def ascii_stl(size: float = 0.2) -> bytes:
    points = corners(size)
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*points[i]) for i in face)
        + "endloop\nendfacet\n"
        for face in TETRAHEDRON
    )
    return f"solid a\n{facets}endsolid a\n".encode()


def obj(size: float = 0.2) -> bytes:
    lines = [f"v {x} {y} {z}" for x, y, z in corners(size)]
    lines += ["f " + " ".join(str(i + 1) for i in face) for face in TETRAHEDRON]
    return "\n".join(lines).encode() + b"\n"


def msh(size: float = 0.2) -> bytes:
    """MuJoCo's own format: vertices, then triangles."""
    points = [value for point in corners(size) for value in point]
    faces = [index for face in TETRAHEDRON for index in face]
    return struct.pack("<4i12f12i", 4, 0, 0, 4, *points, *faces)


def gmsh() -> bytes:
    """One tetrahedron, in Gmsh's format 4.1."""
    nodes = "\n".join(f"{x} {y} {z}" for x, y, z in corners(0.3))
    return (
        "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n"
        f"$Nodes\n1 4 1 4\n3 1 0 4\n1\n2\n3\n4\n{nodes}\n$EndNodes\n"
        "$Elements\n1 1 1 1\n3 1 4 1\n1 1 2 3 4\n$EndElements\n"
    ).encode()


def png(width: int = 4, height: int = 4, channels: int = 3) -> bytes:
    rows = b"".join(
        b"\0" + bytes((40 * x + 9 * y + c) % 256 for x in range(width) for c in range(channels)) for y in range(height)
    )
    color = {1: 0, 3: 2, 4: 6}[channels]

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def hfield(rows: int = 3, columns: int = 4) -> bytes:
    heights = [0.1 * ((3 * i) % 7) for i in range(rows * columns)]
    return struct.pack(f"<2i{rows * columns}f", rows, columns, *heights)


def texture(width: int = 2, height: int = 2) -> bytes:
    return struct.pack("<2i", width, height) + bytes((17 * i) % 256 for i in range(3 * width * height))


def skin() -> bytes:
    """A triangle on the body "link"."""
    points = [0.0, 0, 0, 0.1, 0, 0, 0, 0.1, 0]
    bone = struct.pack("<40s3f4fi", b"link", 0, 0, 0, 1, 0, 0, 0, 3)
    weights = struct.pack("<3i3f", 0, 1, 2, 1, 1, 1)
    return struct.pack("<4i9f3i", 3, 0, 1, 1, *points, 0, 1, 2) + bone + weights
