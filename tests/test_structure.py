"""What the project says about itself is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("composite_llm", "collector", "dashboard", "cli")


def product_files(pattern):
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob(pattern))]


def test_importing_composite_llm_loads_no_heavy_library():
    heavy = {"litellm", "openai", "opentelemetry.sdk", "pydantic", "httpx", "duckdb", "streamlit", "pandas"}
    program = f"import sys, composite_llm; print(sorted({heavy} & set(sys.modules)))"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert loaded.strip() == "[]"


def test_span_attributes_are_spelled_in_one_file():
    key = re.compile(r"""["'](?:gen_ai|composite|openinference|langfuse|mlflow|llm)\.[a-z_.]+["']""")
    vocabulary = ROOT / "composite_llm" / "conventions.py"
    ours = set(key.findall(vocabulary.read_text()))
    # What only others write stands in the table of their dialects, and in that of what holds content.
    foreign = {ROOT / "collector" / name for name in ("dialects/table.py", "content/keys.py")}

    spelled = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in product_files("*.py")
        if path != vocabulary
        for found in key.findall(path.read_text())
        if path not in foreign or found in ours
    ]

    assert spelled == []


def test_the_readmes_tree_names_what_is_on_disk():
    tree = re.search(r"## What is where\n\n```\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    folder = None
    for line in tree.splitlines():
        names = [name for name in re.split(r"\s{2,}", line)[:-1] if name]
        for name in names:
            if line.startswith(" "):
                assert (ROOT / folder / name).exists(), f"{folder}{name}"
            else:
                folder = name
                assert (ROOT / folder).is_dir(), folder


@pytest.mark.parametrize("name", ["utils", "helpers", "misc", "common"])
def test_no_file_is_named_for_nothing(name):
    assert [path for path in product_files(f"{name}*")] == []
