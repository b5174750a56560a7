"""The modules of a page's script, joined into one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import cgaudit
from cgaudit.pages.frame.script import join

PAGES = Path(cgaudit.__file__).parent / "pages"
STARTS = [
    *("audit/js/start.js", "audit/js/values.js", "audit/js/several.js"),
    "change/js/start.js",
]
MODULES = {
    "page/js/start.js": 'import "../../frame/js/mark.js";\nimport { b, C } from "./b.js";\n\n'
    "b(C);\n",
    "page/js/b.js": 'import { d } from "../../frame/js/d.js";\n\n/** import */\n'
    "export const b = d;\nexport class C {}\n",
    "frame/js/mark.js": 'import {\n  d,\n} from "./d.js";\nmark(d);\n',
    "frame/js/d.js": "export function d() {}\nexport async function e() {}\n",
}


def source(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def parsed(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    if shutil.which("node") is None:
        pytest.skip("no node: scripts/install_test_tools.sh")
    path = folder / "page.cjs"
    path.write_text(script, encoding="utf-8")
    return subprocess.run(["node", "--check", str(path)], capture_output=True, text=True)


def test_each_module_stands_once_after_what_it_imports():
    assert join("page/js/start.js", MODULES.__getitem__) == (
        '"use strict";\n{\n'
        "function d() {}\nasync function e() {}\n\n"
        "mark(d);\n\n"
        "/** import */\nconst b = d;\nclass C {}\n\n"
        "b(C);\n"
        "}\n"
    )


def test_modules_that_import_each_other_end():
    circle = {"a.js": 'import { b } from "./b.js";\na;', "b.js": 'import { a } from "./a.js";\nb;'}
    assert join("a.js", circle.__getitem__) == '"use strict";\n{\nb;\n\na;\n}\n'


def test_a_name_that_two_modules_give_is_an_error(tmp_path):
    twice = {"a.js": 'import "./b.js";\nfunction asked() {}', "b.js": "function asked() {}"}
    done = parsed(join("a.js", twice.__getitem__), tmp_path)
    assert "Identifier 'asked' has already been declared" in done.stderr


@pytest.mark.parametrize("start", STARTS)
def test_a_page_has_one_script_that_parses(start, tmp_path):
    script = join(start, source)
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)
    assert "</script" not in script
    done = parsed(script, tmp_path)
    assert done.returncode == 0, done.stderr


def test_no_module_is_left_out():
    joined = "".join(join(start, source) for start in STARTS)
    for path in PAGES.rglob("*.js"):
        assert path.read_text(encoding="utf-8").splitlines()[0] in joined, path
