import pytest

SOLUTION = '"""Published."""\n\n\ndef double(x):\n    return x + x\n'


@pytest.fixture
def published(home):
    (home / "published").mkdir()
    (home / "published/setup.py").write_text(SOLUTION)
    return home


def target(home):
    return home / "tinytorch/core/setup.py"


def backups(home):
    return sorted(target(home).parent.glob("setup.backup-*.py"))


def test_installed_with_a_backup_of_ones_own(published):
    published.solve("setup")
    published.tito("sync")
    own = target(published).read_bytes()
    done = published.tito("rescue", "--module", "setup")
    assert done.code == 0
    first, rest = target(published).read_text().split("\n", 1)
    assert first.startswith("# RESCUED")
    assert "tito.py sync --module setup" in first
    assert rest == SOLUTION
    (backup,) = backups(published)
    assert backup.read_bytes() == own
    assert backup.name in done.out


def test_without_an_export_of_ones_own(published):
    assert published.tito("rescue", "--module", "setup").code == 0
    assert backups(published) == []
    assert (published / "tinytorch/__init__.py").is_file()


def test_twice_keeps_one_backup(published):
    published.solve("setup")
    published.tito("sync")
    published.tito("rescue", "--module", "setup")
    published.tito("rescue", "--module", "setup")
    assert len(backups(published)) == 1


def test_the_notebook_stays_as_it_is(published):
    published.solve("setup")
    before = published.path("setup").read_bytes()
    published.tito("rescue", "--module", "setup")
    assert published.path("setup").read_bytes() == before


def test_not_published(home):
    before = home.files()
    done = home.tito("rescue", "--module", "setup")
    assert done.code == 2
    assert "setup isn't published yet" in done.err
    assert "tito.py update" in done.err
    assert home.files() == before


@pytest.mark.parametrize("due", ["2099-01-31T23:59:00+01:00", "2020-01-31T23:59:00+01:00"])
def test_what_is_published_is_to_be_had(published, due):
    """Whether it may be published was asked before: a student's copy does not know who has more time."""
    published.due("setup", due)
    assert published.tito("rescue", "--module", "setup").code == 0


def test_not_in_the_instructors_copy(instructor):
    assert "instructor's copy" in instructor.tito("rescue", "--module", "setup").err
