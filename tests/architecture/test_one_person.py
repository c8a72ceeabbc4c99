"""A question about one person's rows names their records; asked across the join it reads everybody's.

PostgreSQL has no index for “this patient's, or of a record merged into this patient's”: among 260,000 visits such
a question took 0.8 s.
"""

import ast

from tests.architecture.source import modules

ACROSS = ("__merged_into", "__merged_into__in")


def asks_across(tree):
    """Lines with a condition on what the rows' patient was merged into."""
    named = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg]
    return [node.value.lineno for node in named if node.arg.endswith(ACROSS)]


def test_no_rows_are_asked_for_across_the_join_to_merged_records():
    found = {path: asks_across(tree) for path, tree in modules().items()}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_such_a_question_is_noticed():
    across = "rows.filter(Q(patient=pk) | Q(patient__merged_into=pk))"
    by_ids = "rows.filter(patient__in=Patient.objects.filter(Q(pk=pk) | Q(merged_into=pk)))"
    assert asks_across(ast.parse(across))
    assert asks_across(ast.parse(by_ids)) == []
