"""A study that ended early: what was finished goes with the exception."""

from __future__ import annotations

from qcmethod.errors import QCError
from qcmethod.studies.compare.report import Study


class StudyInterrupted(KeyboardInterrupt):
    """Ctrl-C during a study; `study` holds the rows that were finished."""

    def __init__(self, study: Study) -> None:
        self.study = study
        super().__init__(_done(study))


class StudyFailed(QCError, RuntimeError):
    """A worker died, or a case failed in a way that no case should; `study` as above."""

    def __init__(self, study: Study, error: BaseException) -> None:
        self.study = study
        what = f"{type(error).__name__}: {error}"
        hint = "the same call again, with directory= to keep what is finished"
        super().__init__(f"compare: {_done(study)}, then {what}. Try: {hint}")


def _done(study: Study) -> str:
    return f"{len(study.rows)} of {len(study.rows) + len(study.missing)} cases finished"
