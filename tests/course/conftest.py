"""Every course test runs once a module, electives included: a new module is tested as soon as it exists."""

import pytest
from delete_statements import stubs
from versions import TESTED, in_order, sampled, source_of


def pytest_generate_tests(metafunc):
    if "version" in metafunc.fixturenames:
        found = [version for module in TESTED for version in in_order(module)]
        metafunc.parametrize("version", [_row(version) for version in found])
    elif "stub" in metafunc.fixturenames:
        found = [(module, stub) for module in TESTED for stub in stubs(module)]
        metafunc.parametrize(("source", "stub"), found, indirect=["source"])
    elif "source" in metafunc.fixturenames:
        metafunc.parametrize("source", TESTED, indirect=True)


def _row(version):
    marks = [] if sampled(version) else [pytest.mark.thorough]
    return pytest.param(version, marks=marks, id=f"{version.module}-{version.kind}-{version.name}")


@pytest.fixture
def source(request):
    return source_of(request.param)
