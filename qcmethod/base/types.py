"""Names of the arrays that everything is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Bools = NDArray[np.bool_]
Unbounded = Annotated[float, "may be infinite"]
"""A number that may be infinite; any other is finite."""
Facts = dict[str, Any]
"""What JSON can say: numbers, texts, lists and mappings of them, by name."""
Action = Callable[[Array], Array]
"""A linear map v (n, 3) -> H v (n, 3)."""
