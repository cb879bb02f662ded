"""Modules use each other: where a student's own module is broken, a check of a later module says so."""

import pytest
from versions import judged_cell, source_of

BROKEN = [  # module, what stands there, what a student has there, a later module, its check
    ("kernels", "scale = 1 / total", "scale = 2 / total", "gpt", "check_GPT"),
]


@pytest.mark.parametrize(
    ("module", "right", "wrong", "later", "check"), BROKEN, ids=[f"{row[0]}-{row[3]}" for row in BROKEN]
)
def test_a_later_module_hears_of_a_mistake(module, right, wrong, later, check):
    source, name = source_of(later), f"tinytorch/core/{module}.py"
    text = source.package_files[name].decode()
    assert text.count(right) == 1
    spoiled = {**source.package_files, name: text.replace(right, wrong).encode()}
    assert not judged_cell(source, check, spoiled).passed
