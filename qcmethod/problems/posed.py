"""Problems by name: each is a function of a crystal, whose results remember how they were posed.

    @posed                                         [problem]
    def crack(crystal, KI=0.0, ..., *, extent)     kind = "crack"
                                                   KI = 0.42

The function registers itself under its name, so a problem of one file is one that a job file can
ask for, and that `qcmethod init` shows. `@altered` is the same of a function of a problem.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast, overload

from qcmethod.base.registry import Registry
from qcmethod.base.told import remembered
from qcmethod.problems.problem import Problem, now

Pose = Callable[..., Problem]
Say = Callable[[Mapping[str, Any]], Mapping[str, Any]]
Function = TypeVar("Function", bound=Pose)
POSED: Registry[Pose] = Registry("kind", "qcmethod.problems")
"""Functions (crystal, ...) that pose a problem, by name."""
ALTERED: Registry[Pose] = Registry("table", "qcmethod.problems")
"""Functions (problem, ...) that change one, by name."""


def posed(pose: Function) -> Function:
    """Register a function (crystal, ...) -> Problem, whose problems tell how they were posed."""
    remembering, name = remembered("problem")(pose), pose.__name__
    names = inspect.signature(pose).parameters

    @wraps(pose)
    def posing(*args: Any, **kwargs: Any) -> Problem:
        problem: Problem = remembering(*args, **kwargs)
        assert problem.made is not None  # it has just been remembered
        given = problem.made["problem"]
        given = given | now(problem, {k: given.get(k) for k in names})
        problem.made["problem"] = {"kind": name, **{k: given[k] for k in names if k in given}}
        return problem

    return cast(Function, POSED.add(name, posing))


@overload
def altered(alter: Function) -> Function: ...
@overload
def altered(*, files: Iterable[str] = (), said: Say = ...) -> Callable[[Function], Function]: ...
def altered(
    alter: Function | None = None, *, files: Iterable[str] = (), said: Say = lambda given: {}
) -> Function | Callable[[Function], Function]:
    """Register a function (problem, ...) -> Problem, whose problems tell of it.

    files, said : as of `base.told.remembered`
    """

    def registered(alter: Function) -> Function:
        telling, name = remembered(files=files, said=said)(alter), alter.__name__
        names = inspect.signature(alter).parameters

        @wraps(alter)
        def altering(*args: Any, **kwargs: Any) -> Problem:
            problem: Problem = telling(*args, **kwargs)
            assert problem.made is not None  # it has just been remembered
            own = {k: problem.loads[k] for k in names if k in problem.loads}
            if own:  # a load that it brings can be varied
                problem.made[name] = problem.made.get(name, {}) | own
            return problem

        return cast(Function, ALTERED.add(name, altering))

    return registered if alter is None else registered(alter)
