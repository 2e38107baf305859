"""ASE calculators as engines: any of them is a potential, machine-learned ones included.

The door is `qcmethod.Potential.of` (`door`); the code of a calculator is its own.
"""
