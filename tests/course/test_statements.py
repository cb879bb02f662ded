"""No statement of a solution could be left out without a graded cell and a test of the package noticing.

Of each solution an eighth of the statements; with --thorough all of them.
"""

from delete_statements import deletions, explanation


def test_every_deleted_statement_is_missed(source, stub, pytestconfig):
    found = deletions(source.module, stub, every=1 if pytestconfig.getoption("thorough") else 8)
    unexplained = [one for one in found if one.unnoticed_by and not explanation(source.module, one)]
    assert found
    assert not unexplained
