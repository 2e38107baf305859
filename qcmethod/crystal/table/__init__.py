"""The energy of a cell as a table: a polynomial in the Green strain, fitted to cells of atoms.

`polynomial` is what it is, `fit` how it is found, `cache` where it is kept; the law that uses it is
`crystal.laws.tabulated`.
"""
