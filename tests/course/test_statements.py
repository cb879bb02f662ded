"""No statement of a solution could be left out without a graded cell and a test of the package noticing."""

from delete_statements import deletions, explanation


def test_every_deleted_statement_is_missed(source, stub):
    found = deletions(source.module, stub)
    unexplained = [one for one in found if one.unnoticed_by and not explanation(source.module, one)]
    assert found
    assert not unexplained
