"""Tetrahedra on body-centred bricks: lattice-exact, nested, graded meshes in three dimensions."""
