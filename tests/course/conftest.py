"""Every course test runs once a module, electives included: a new module is tested as soon as it exists."""

import pytest
from delete_statements import stubs
from versions import TESTED, in_order, source_of


def pytest_generate_tests(metafunc):
    if "version" in metafunc.fixturenames:
        found = [version for module in TESTED for version in in_order(module)]
        metafunc.parametrize("version", found, ids=[f"{v.module}-{v.kind}-{v.name}" for v in found])
    elif "stub" in metafunc.fixturenames:
        found = [(module, stub) for module in TESTED for stub in stubs(module)]
        metafunc.parametrize(("source", "stub"), found, indirect=["source"])
    elif "source" in metafunc.fixturenames:
        metafunc.parametrize("source", TESTED, indirect=True)


@pytest.fixture
def source(request):
    return source_of(request.param)
