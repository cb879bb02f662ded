"""The page that a student gets back: what it says, what it must not say, and that nothing in it acts."""

import base64
import codecs
import csv
import gzip
import json
import re
import shutil
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook

from autograder.commands.feedback import feedback
from autograder.commands.report import report
from autograder.gradebook.api import must, nbgrader_api
from autograder.grading.pipeline import grade_module
from autograder.handing_back.export import FORMATS
from autograder.handing_back.feedback import Ways
from autograder.judging.source import Source
from autograder.pages import feedback as feedback_pages
from autograder.pages.markdown import safe_html, safe_markdown
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
    "as-base64": "import base64; print(s := base64.b64encode(loot().encode()).decode()); return s",
    "as-hex": "return loot().encode().hex()",
    "backwards": "return loot()[::-1]",
    "as-shape": "import numpy as np; return np.zeros([0, *map(ord, loot()[40:46])])",
    "as-length": "import numpy as np; return ['x'] * int.from_bytes(loot()[40:42].encode(), 'big')",
}
LOOTED = dict.fromkeys(("returned", "raised", "as-key", "kept"), "CANARY-HIDDEN")
LOOTED |= {"as-hex": b"CANARY-HIDDEN".hex(), "backwards": "NEDDIH-YRANAC", "as-shape": "[0, 78, 65, 82, 89, 45, 72]"}
PLACES = "import os, sys; return [os.getcwd(), sys.prefix, os.path.expanduser('~'), os.environ['HOME'], __name__]"
MISSING = f"{SECOND_TIME}return open(os.path.abspath('missing.txt'))"

ACTIVE = """<script>alert(1)</script> <img src=x onerror=alert(1)> <iframe src="//evil"></iframe>
<style>@import url(http://evil)</style> [a](javascript:alert(1)) ![b](http://evil/b.png) <svg onload=alert(1)>
<form action=http://evil><input></form> <base href=http://evil> <link rel=stylesheet href=http://evil>
<meta http-equiv=refresh content=0> <div style="background:url(http://evil)" onclick=alert(1)>**bold**</div>
<a href="data:text/html,<script>alert(1)</script>">c</a> [fine](https://numpy.org)"""
PICTURE = b"\x89PNG mine"
DRAWN = '<img alt="{}" src="data:image/png;base64,BBBB">'  # as tito.draw shows pictures
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
        new_output("display_data", {"text/html": DRAWN.format("5 &lt; 6, &quot;bars&quot;"), "text/plain": "bars"}),
        new_output("display_data", {"text/html": f"{DRAWN.format('more')}{EVIL}", "text/plain": "only the words"}),
    ]
    magic = new_code_cell(f"%%html\n{EVIL}")
    bundles = {"x.png": {"image/png": EVIL}, "y.png": {"image/png": "AAAA\nAAAA\n"}}
    attached = new_markdown_cell(f"![y](attachment:y.png) ![x](attachment:x.png) {ACTIVE}", attachments=bundles)
    missing = new_markdown_cell("Here was ![z](attachment:z.png).")
    forged = new_markdown_cell("x", metadata={"question": {"score": "99", "label": "forged", "state": "pass"}})
    drawn = new_markdown_cell("Half is $\\frac{1}{2}$. ![mine](mine.png) ![no](secret.txt) ![no](../secret.png)")
    notebook.cells += [cell, magic, new_markdown_cell(ACTIVE), attached, missing, forged, drawn]
    next(cell for cell in notebook.cells if cell.id == "reflect_why").source = ACTIVE
    return notebook


@pytest.fixture(scope="module")
def graded(shut_in, released, solved, hand_in, tmp_path_factory):
    """A course with pages for a class: its folder, and student → page."""
    root = tmp_path_factory.mktemp("pages") / "course"
    shutil.copytree(released, root)
    hand_in(root, "ada", solved())
    bobs = hand_in(root, "bob", decorated(solved({"double": "def double(x):\n    return x + 1"})))
    (bobs / "mine.png").write_bytes(PICTURE)
    for path in (bobs / "secret.txt", bobs.parent / "secret.png"):
        path.write_bytes(b"SECRET-FILE")
    hand_in(root, "cem", solved({"double": "import os\nos._exit(0)"}))
    hand_in(root, "places", solved({"double": f"import os\ndef double(x):\n    {PLACES}"}))
    hand_in(root, "missing", solved({"double": f"import os\ndef double(x):\n    {MISSING}"}))
    for name, text in LEAKS.items():
        hand_in(root, name, solved({"double": f"{LOOT}    {text}"}))
    workspace = Workspace.find(root)
    rows = grade_module(Source.of(workspace, "setup"))
    assert [row.trouble for row in rows] == [None] * len(rows)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        gradebook.find_comment("reflect_why", "setup_dev", "setup", "bob").manual_comment = f"Look *again*. {ACTIVE}"
        gradebook.find_comment("double", "setup_dev", "setup", "bob").manual_comment = "Twice, **not** plus one."
        gradebook.db.commit()
    with nbgrader_api(workspace) as api:
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


def disguises(text):
    """A text in the forms that somebody might carry it out in; of base64, what does not depend on its place."""
    raw = text.encode()
    yield from (text, text[::-1], raw.hex(), codecs.encode(text, "rot13"), "".join(f"%{byte:02X}" for byte in raw))
    for start in range(3):
        yield base64.b64encode(raw[start : start + (len(raw) - start) // 3 * 3]).decode()
    for separator in (", ", " ", ","):
        yield separator.join(map(str, raw))
        yield separator.join(text)


# --- what it says ---------------------------------------------------------------------------------


def test_all_have_one(graded):
    assert set(graded[1]) == {"ada", "bob", "cem", "places", "missing", *LEAKS}


def test_a_perfect_page(graded):
    text = text_of(graded[1]["ada"])
    assert "Module 0: Setup" in text
    assert "9 of 11 points; 1 answer still to be graded by a person" in text
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
    assert re.search(r"random arrays hidden check (all|some) values differ", text)
    assert "no text" in text


def test_comments_and_own_outputs_are_shown(graded):
    page = graded[1]["bob"]
    assert "Look <em>again</em>." in page
    assert "Twice, <strong>not</strong> plus one." in page
    assert "what I printed" in text_of(page)
    assert ("y", "data:image/png;base64,AAAAAAAA") in pictures_in(page)
    assert ('5 < 6, "bars"', "data:image/png;base64,BBBB") in pictures_in(page)
    assert "only the words" in text_of(page)
    assert "more" not in dict(pictures_in(page)), "what comes with more is not ours"
    assert "Here was" in page


def pictures_in(page):
    """(alternative text, source) of the pictures."""
    return [(one.get("alt"), one.get("src")) for tag, one in Reader(page).elements if tag == "img"]


def test_formulas_are_drawn_and_pictures_embedded(graded):
    page = graded[1]["bob"]
    assert re.search(r"<math[^>]*><mrow><mfrac>.*?</math>", page)
    assert "\\frac" not in page
    assert ("mine", f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}") in pictures_in(page)
    assert "SECRET-FILE" not in page
    assert base64.b64encode(b"SECRET-FILE").decode() not in page


def test_questions_have_names_and_a_way_to_try_again(graded):
    text = text_of(graded[1]["bob"])
    assert "Think about it why" in text
    assert "To try again: change double , run it, then run check_double ." in text
    assert "Start with double . 1 later question failed and uses it: look at it again after that" in text
    assert "To try again : python bin/tito.py test --module setup" in text
    assert "Start with" not in text_of(graded[1]["ada"])
    for state in ("pass", "fail", "pending"):
        assert f'<span class="badge {state}">' in graded[1]["bob"]


def test_a_cell_that_ended_python_says_so(graded):
    text = text_of(graded[1]["cem"])
    assert "When graded, this cell ended the Python process." in text
    assert "The cell stopped with NameError." in text


def test_headings_and_paragraphs_are_not_shown_as_tags(graded):
    page = graded[1]["ada"]
    assert page.count("<h1") == 2
    assert "&lt;p&gt;" not in page


def test_a_question_stands_under_the_heading_that_the_source_has():
    """Whatever a student wrote into the text above it, and wherever the text went."""
    question = {"grade": True, "solution": False, "locked": True, "points": 1, "score": 1, "schema_version": 3}
    question |= {"grade_id": "check_area", "task": False}
    cells = [
        new_markdown_cell("# Circles\n\nwith `pi`"),
        new_markdown_cell("## How `large`?\n### BEGIN MARK SCHEME\n## No heading\n### END MARK SCHEME"),
        new_code_cell("checks.close(...)", metadata={"nbgrader": question}),
    ]
    headings = feedback_pages.headings_of(cells)
    cells[1].source = "## Mine\nis this one"
    for changed in (cells, cells[:1] + cells[2:], [cells[2], *cells[:2]]):
        sections = feedback_pages._sections(changed, set(), headings, [])
        assert [s["question"]["heading"] for s in sections if s["question"]] == ["How large?"]


# --- what it does not say -------------------------------------------------------------------------


def test_no_page_holds_hidden_text_a_rubric_or_a_solution(graded):
    for student, page in graded[1].items():
        for text in (disguise for name in ("CANARY", "NARY-HIDDEN") for disguise in disguises(name)):
            assert text not in page, (student, text)
        assert "standard_normal" not in page, student
        assert "MARK SCHEME" not in page, student
        assert "BEGIN HIDDEN" not in page, student


def test_the_leaks_did_find_what_they_looked_for(graded):
    """Else the test above says nothing: in the run that is judged, hidden text can be had."""
    root, _ = graded
    for student, found in LOOTED.items():
        kept = gzip.decompress((root / "autograded" / student / "setup" / "emissions.json.gz").read_bytes()).decode()
        run = json.loads(kept)
        assert found in json.dumps(run["emissions"]), student
        assert found not in json.dumps(run["worded"]), student


def test_a_shape_tells_nothing(graded):
    assert "random arrays hidden check another shape To try again" in text_of(graded[1]["as-shape"])
    assert "20033" not in text_of(graded[1]["as-length"])  # N and A


def test_no_report_and_no_export_holds_hidden_text(graded, monkeypatch, capsys):
    root, _ = graded
    monkeypatch.chdir(root)
    assert report(None, root / "report.html", False) == 0
    assert report(None, None, True) == 0
    made = [(root / "report.html").read_text(), capsys.readouterr().out]
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for name, kind in FORMATS.items():
            kind(to=str(root / name), anyway=True).export(gradebook)
            made.append((root / name).read_text())
    assert len(list(csv.reader(made[-1].splitlines()))) == len(graded[1]) + 1
    for text in made:
        assert "as-base64" in text
        assert str(root) not in text.partition("\n{")[2]
        for disguise in disguises("CANARY"):
            assert disguise not in text


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


# --- formulas -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        r"$\text{<script>alert(1)</script>}$",
        r"$\text{&lt;script&gt;alert(1)&lt;/script&gt;}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{background:url(http://evil)}{x}$",
        r"![$\text{ onerror=alert(1) x=}$](data:image/png;base64,AA==)",
        r'<p title="$x$" onclick="alert(1)">$y$</p>',
        r"$\frac{$ <script>alert(1)</script>",
        "\\begin{script}alert(1)\\end{script}",
    ],
)
def test_hostile_formulas(text):
    page = Reader(safe_markdown(text))
    assert not {tag for tag, _ in page.elements} & {"script", "style"}
    for _, attributes in page.elements:
        assert not {name for name in attributes if name.startswith("on") or name in ("style", "href")}


def test_what_is_no_formula_stays_as_it_is():
    assert safe_markdown(r"$\frac{$") == "<p><code>\\frac{</code></p>\n"
    assert safe_markdown("5$ and `$x$`") == "<p>5$ and <code>$x$</code></p>\n"
    assert safe_markdown("$5 and $6") == "<p>$5 and $6</p>\n"
    assert "∑" in safe_markdown(r"$$\sum x$$")


# --- sending --------------------------------------------------------------------------------------


@pytest.fixture
def course_with_pages(graded, tmp_path, monkeypatch):
    """A copy of the course, where ada's answer was graded and nobody else's."""
    shutil.copytree(graded[0], tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    with Gradebook(f"sqlite:///{tmp_path}/course/gradebook.db") as gradebook:
        grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", "ada")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
        for folder in (tmp_path / "course").glob("autograded/*"):
            if folder.name not in ("ada", "bob", "cem"):
                shutil.rmtree(folder)
                shutil.rmtree(tmp_path / "course" / "feedback" / folder.name, ignore_errors=True)
                gradebook.remove_student(folder.name)
    return tmp_path / "course"


def sent(root):
    return {path.name for path in root.glob("dist/feedback/setup/*")}


def test_nothing_is_sent_to_those_who_wait(course_with_pages, capsys):
    root = course_with_pages
    (root / "dist" / "feedback" / "setup").mkdir(parents=True)
    (root / "dist" / "feedback" / "setup" / "bob.zip").write_text("of an earlier time")
    assert feedback(["setup"], None, Ways(True, False, False), json=False) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "setup: why to be graded by a person, so nothing was sent: bob, cem" in said
    assert sent(root) == {"ada.zip"}
    with zipfile.ZipFile(root / "dist" / "feedback" / "setup" / "ada.zip") as packed:
        assert packed.namelist() == ["setup_dev.html"]
        assert "11 of 11 points" in text_of(packed.read("setup_dev.html").decode())
    assert feedback(["setup"], "ada", Ways(True, False, False), json=False) == 0


def test_all_is_sent_when_asked(course_with_pages, capsys):
    assert feedback(["setup"], None, Ways(True, False, True), json=True) == 0
    assert sent(course_with_pages) == {"ada.zip", "bob.zip", "cem.zip"}
    rows = {row["student"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["bob"]["waiting"] == ["reflect_why"]
    assert rows["bob"]["sent"] == ["dist/feedback/setup/bob.zip"]
    assert rows["ada"]["waiting"] == []


@pytest.fixture
def exchange(course_with_pages, tmp_path):
    """Those who handed in through an exchange, and a function that says how many pages lie in it."""
    root = course_with_pages
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    for student in ("ada", "bob"):
        folder = root / "autograded" / student / "setup"
        (folder / "timestamp.txt").write_text("2026-10-01 10:00:00.000000 UTC")
        (folder / "submission_secret.txt").write_text(f"the secret of {student}")
    return lambda: len(list(tmp_path.glob("exchange/*/feedback/*.html")))


def test_through_the_exchange(exchange, capsys):
    assert feedback(["setup"], None, Ways(False, True, False), json=True) == 1
    rows = {row["student"]: row for row in json.loads(capsys.readouterr().out)}
    assert {name: (row["sent"], row["trouble"]) for name, row in rows.items()} == {
        "ada": (["exchange"], None),
        "bob": ([], "waits for a person"),
        "cem": ([], "waits for a person"),
    }
    assert exchange() == 1
    assert feedback(["setup"], None, Ways(False, True, True), json=False) == 1
    assert "not sent, did not hand in through the exchange: cem" in " ".join(capsys.readouterr().out.split())
    assert exchange() == 2


def test_formgraders_button_sends_nothing_to_those_who_wait(exchange, course_with_pages):
    workspace = Workspace.find(course_with_pages)
    with nbgrader_api(workspace) as api:
        must(api.generate_feedback("setup", force=True), "Feedback")
        shutil.rmtree(course_with_pages / "feedback" / "cem")
        outcome = api.release_feedback("setup")
    assert outcome["success"], outcome
    assert exchange() == 1
