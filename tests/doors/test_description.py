"""The long description of a wheel shows no broken picture and no link into a repository."""

import importlib.util
import re
import sys
from types import ModuleType

from paths import ROOT


def hook(monkeypatch) -> ModuleType:
    """`hatch_build.py`, where its builder may not be installed."""
    for name in ("hatchling", "metadata", "plugin", "interface"):
        module = ModuleType(name)
        module.MetadataHookInterface = object
        whole = "hatchling.metadata.plugin.interface"
        monkeypatch.setitem(sys.modules, whole[: whole.index(name) + len(name)], module)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_the_description_of_the_package_stands_alone(monkeypatch) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    builder = hook(monkeypatch)
    given = builder.Description()
    given.root, fields = str(ROOT), {}
    given.update(fields)
    text = fields["readme"]["text"]
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets and all(target.startswith("https://") for target in targets)
    assert "![" in readme and "![" not in text
    assert "The quick start goes through it line by line" in text
    assert text.split("\n")[0] == readme.split("\n")[0]
