"""What differs between two documents of a chain, named as its author knows it; pure.

It knows the outline of a document (nodes within groups, links, lists of named things) and nothing of single fields, so
a new field is compared like the others. No change is left out: there are none exactly when the documents are equal.
"""

from __future__ import annotations

from onecloud.chains.diff.text import lines_of
from onecloud.chains.diff.values import Change
from onecloud.chains.diff.whole import Comparable, changes

__all__ = ["Change", "Comparable", "changes", "lines_of"]
