"""The page that a student gets back: what it says, what it must not say, and that nothing in it acts."""

import gzip
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook

from autograder.commands.grade import grade_module
from autograder.feedback import safe_html
from autograder.source import Source
from autograder.stations import must, nbgrader
from tito.workspace import Workspace

LOOT = """
def loot():
    import linecache, os, sys
    found = [str(get_ipython().user_ns.get('In')), str(get_ipython().history_manager.input_hist_raw)]
    frame = sys._getframe()
    while frame:
        found.append(str(frame.f_locals) + str(frame.f_code.co_consts))
        frame = frame.f_back
    text = ' '.join([*found, *map(str, linecache.cache.values())])
    at = text.find('-'.join(('NARY', 'HIDDEN')))
    return text[at - 40 : at + 20] if at >= 0 else 'nothing found'
def double(x):
"""
SECOND_TIME = "double.n = getattr(double, 'n', 0) + 1\n    if double.n < 2: return 6\n    "
LEAKS = {
    "returned": "return loot()",
    "printed": "print(loot()); return loot()",
    "raised": f"{SECOND_TIME}raise ValueError(loot())",
    "named": "raise type(loot(), (Exception,), {})(loot())",
    "as-key": "return {loot(): loot()}",
    "in-lists": "return [[[loot()]]]",
    "kept": "double.kept = getattr(double, 'kept', '') + loot(); return double.kept",
    "displayed": "from IPython.display import display, HTML; display(HTML(loot())); return loot()",
    "reported": "from tito import checks; checks._emit('equal', 'twice three', loot()); return loot()",
    "as-numbers": "return [ord(c) for c in loot()]",
}
PLACES = "import os, sys; return [os.getcwd(), sys.prefix, os.path.expanduser('~'), os.environ['HOME'], __name__]"
MISSING = f"{SECOND_TIME}return open(os.path.abspath('missing.txt'))"

ACTIVE = """<script>alert(1)</script> <img src=x onerror=alert(1)> <iframe src="//evil"></iframe>
<style>@import url(http://evil)</style> [a](javascript:alert(1)) ![b](http://evil/b.png) <svg onload=alert(1)>
<form action=http://evil><input></form> <base href=http://evil> <link rel=stylesheet href=http://evil>
<meta http-equiv=refresh content=0> <div style="background:url(http://evil)" onclick=alert(1)>**bold**</div>
<a href="data:text/html,<script>alert(1)</script>">c</a> [fine](https://numpy.org)"""
EVIL = '</pre></code></textarea>--></style></script><script>alert(1)</script><img src="http://evil" onerror="alert(1)">'


def decorated(notebook):
    """With an output of every kind and active text wherever a student can write."""
    cell = new_code_cell(f"print('mine')\n# {EVIL}\n'''{EVIL}'''")
    cell.outputs = [
        new_output("stream", name="stdout", text=f"what I printed\n\x1b[31mred\x1b[0m {EVIL}"),
        new_output("stream", name="stderr", text=EVIL),
        new_output("error", ename=EVIL, evalue=EVIL, traceback=[EVIL, "\x1b[0;31mValueError"]),
        new_output("display_data", {"text/html": EVIL, "text/plain": f"plain {EVIL}"}),
        new_output("display_data", {"text/html": EVIL, "image/svg+xml": EVIL, "application/javascript": "alert(1)"}),
        new_output("display_data", {"image/png": f'"{EVIL}', "text/plain": "x"}),
        new_output("execute_result", {"text/markdown": ACTIVE, "text/latex": EVIL}),
    ]
    magic = new_code_cell(f"%%html\n{EVIL}")
    bundles = {"x.png": {"image/png": EVIL}, "y.png": {"image/png": "AAAA\nAAAA\n"}}
    attached = new_markdown_cell(f"![y](attachment:y.png) ![x](attachment:x.png) {ACTIVE}", attachments=bundles)
    missing = new_markdown_cell("Here was ![z](attachment:z.png).")
    forged = new_markdown_cell("x", metadata={"question": {"score": "99", "label": "forged", "state": "pass"}})
    notebook.cells += [cell, magic, new_markdown_cell(ACTIVE), attached, missing, forged]
    next(cell for cell in notebook.cells if cell.id == "reflect_why").source = ACTIVE
    return notebook


@pytest.fixture(scope="module")
def graded(released, solved, hand_in, tmp_path_factory):
    """A course with pages for a class: its folder, and student → page."""
    root = tmp_path_factory.mktemp("pages") / "course"
    shutil.copytree(released, root)
    hand_in(root, "ada", solved())
    hand_in(root, "bob", decorated(solved({"double": "def double(x):\n    return x + 1"})))
    hand_in(root, "cem", solved({"double": "import os\nos._exit(0)"}))
    hand_in(root, "places", solved({"double": f"import os\ndef double(x):\n    {PLACES}"}))
    hand_in(root, "missing", solved({"double": f"import os\ndef double(x):\n    {MISSING}"}))
    for name, text in LEAKS.items():
        hand_in(root, name, solved({"double": f"{LOOT}    {text}"}))
    workspace = Workspace.find(root)
    rows = grade_module(workspace, Source.of(workspace, "setup"))
    assert [row.trouble for row in rows] == [None] * len(rows)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        gradebook.find_comment("reflect_why", "setup_dev", "setup", "bob").manual_comment = f"Look *again*. {ACTIVE}"
        gradebook.find_comment("double", "setup_dev", "setup", "bob").manual_comment = "Twice, **not** plus one."
        gradebook.db.commit()
    with nbgrader(workspace) as api:
        must(api.generate_feedback("setup", force=True), "Feedback")
    return root, {path.parents[1].name: path.read_text() for path in root.glob("feedback/*/setup/setup_dev.html")}


class Reader(HTMLParser):
    """Text and elements of a page."""

    def __init__(self, page):
        super().__init__()
        self.text, self.elements, self.styles, self.inside = "", [], "", ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "style":
            self.styles += data
        else:
            self.text += f" {data}"


def text_of(page):
    return " ".join(Reader(page).text.split())


# --- what it says ---------------------------------------------------------------------------------


def test_all_have_one(graded):
    assert set(graded[1]) == {"ada", "bob", "cem", "places", "missing", *LEAKS}


def test_a_perfect_page(graded):
    text = text_of(graded[1]["ada"])
    assert "Module 0: Setup" in text
    assert "9 of 11 points ; 1 answer still to be graded by a person" in text
    for line in ("double 2 / 2", "normal 3 / 3", "both 4 / 4", "why to be graded"):
        assert line in text
    for line in ("twice three", "random arrays hidden check", "samples hidden check", "doubled twice hidden check"):
        assert line in text
    assert "Why does doubling not change a sign?" in text


def test_a_page_with_mistakes_says_what_was_expected_what_came_and_where(graded):
    text = text_of(graded[1]["bob"])
    assert "3 of 11 points" in text
    assert "double 0 / 2" in text
    assert "twice three the value differs expected 6 got 4" in text
    assert re.search(r"random arrays hidden check 1[12] of 12 values differ, first at \(0, 0\)", text)
    assert "no text" in text


def test_comments_and_own_outputs_are_shown(graded):
    page = graded[1]["bob"]
    assert "Look <em>again</em>." in page
    assert "Twice, <strong>not</strong> plus one." in page
    assert "what I printed" in text_of(page)
    assert '<img alt="y" src="data:image/png;base64,AAAAAAAA"' in page
    assert "Here was" in page


def test_a_cell_that_ended_python_says_so(graded):
    text = text_of(graded[1]["cem"])
    assert "When graded, this cell ended the Python process." in text
    assert "The cell stopped with NameError." in text


def test_headings_and_paragraphs_are_not_shown_as_tags(graded):
    page = graded[1]["ada"]
    assert "<h1" in page.split("<hr>")[-1]
    assert "&lt;p&gt;" not in page


# --- what it does not say -------------------------------------------------------------------------


def test_no_page_holds_hidden_text_a_rubric_or_a_solution(graded):
    for student, page in graded[1].items():
        assert "CANARY" not in page, student
        assert "standard_normal" not in page, student
        assert "MARK SCHEME" not in page, student
        assert "BEGIN HIDDEN" not in page, student


def test_the_leaks_did_find_what_they_looked_for(graded):
    """Else the test above says nothing: in the run that is judged, hidden text can be had."""
    root, _ = graded
    for student in ("returned", "raised", "as-key", "kept"):
        kept = gzip.decompress((root / "autograded" / student / "setup" / "emissions.json.gz").read_bytes()).decode()
        judged, seen = kept.split('"seen":')
        assert "CANARY-HIDDEN" in judged
        assert "CANARY-HIDDEN" not in seen


def test_hidden_text_as_numbers_is_not_shown(graded):
    codes = ", ".join(str(ord(letter)) for letter in "CANARY")
    assert codes not in graded[1]["as-numbers"]


def test_no_page_names_a_place_on_the_graders_machine(graded):
    root, pages = graded
    for student in ("places", "missing", "ada", "cem"):
        for place in (str(root), str(Path.home()) + "/", "/tinytorch-", ".venv", "site-packages"):
            assert place not in pages[student], (student, place)
    assert "got ['...', '...', '...', '...', '__main__']" in text_of(pages["places"])
    assert "got FileNotFoundError: [Errno 2] No such file or directory: '.../missing.txt'" in text_of(pages["missing"])


def test_no_page_shows_what_the_grading_run_printed(graded):
    assert "nothing found" not in re.sub(r"<dd>.*?</dd>", "", _without_source(graded[1]["printed"]))


def _without_source(page):
    return re.sub(r'(?s)<div class="?\s*highlight.*?</div>', "", page)


# --- nothing in it acts ---------------------------------------------------------------------------


@pytest.mark.parametrize("student", ["ada", "bob", "displayed"])
def test_nothing_acts_and_nothing_loads(graded, student):
    page = Reader(graded[1][student])
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "object", "embed", "svg", "form", "input", "base", "link", "textarea"}
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert tag != "meta" or "http-equiv" not in attributes
        assert attributes.get("src", "data:image/png").startswith("data:image/")
        assert attributes.get("href", "#").startswith(("#", "https://numpy.org"))
        assert "url" not in attributes.get("style", "")
    assert "url(" not in page.styles
    assert "@import" not in page.styles


def test_what_a_student_says_in_metadata_is_not_shown(graded):
    assert "forged" not in graded[1]["bob"]


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ('<h2 id="x" style="color:red">a</h2>', '<h2 id="x">a</h2>'),
        ("<table><thead><tr><th>a</th></tr></thead></table>", "<table><thead><tr><th>a</th></tr></thead></table>"),
        ('<img src="http://x" alt="a">', '<img alt="a">'),
        ('<img src="data:image/png;base64,AA==">', '<img src="data:image/png;base64,AA==">'),
        ('<img src="data:text/html,x">', "<img>"),
        ('<a href="data:text/html,x">a</a>', "<a>a</a>"),
        ('<a href=" javascript:alert(1)">a</a>', "<a>a</a>"),
        ("<script>a</script>", "a"),
    ],
)
def test_safe_html(html, safe):
    assert safe_html(html) == safe
