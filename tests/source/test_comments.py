"""Comments stand beside values; what looks like one within a value is none."""

from __future__ import annotations

from chartconfig.source.comments import Comments, read_comments
from chartconfig.source.document import Document

FILE = """\
# yaml-language-server: $schema=../../../schema/chart.schema.json
# Above all.

# Above the title.
title: "Not # a comment"  # at its end
description: >-  # folded
  What follows # is no comment,
  # nor is this.
type: partition#either
buckets:  # of the key
  # above the first
  - a  # of a
  - b#c
  # above d
  - d
issues: [https://example.org/#1, x]  # on one line
owners: [a,
  ]  # behind a list of two lines
#
# At the end.
"""


def test_belong_to_what_they_stand_beside() -> None:
    assert read_comments(Document(path="a.yaml", data=FILE.encode())) == {
        ("title",): Comments(before=("Above all.", "Above the title."), end="at its end"),
        ("description",): Comments(end="folded"),
        ("buckets",): Comments(end="of the key"),
        ("buckets", 0): Comments(before=("above the first",), end="of a"),
        ("buckets", 2): Comments(before=("above d",)),
        ("issues",): Comments(end="on one line"),
        ("owners", 0): Comments(end="behind a list of two lines"),
        (): Comments(before=("", "At the end.")),
    }


def test_of_what_is_no_yaml_are_none() -> None:
    assert read_comments(Document(path="a.yaml", data=b"# a\na: b: c\n")) == {}
