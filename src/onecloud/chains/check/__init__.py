"""Whether a chain can run: every fault of a definition with the node, the field and the mend; pure.

A fault of a node that the start does not reach is only a note, as the product has it (product facts 2.6).
"""

from onecloud.chains.check.model import Checked, Surroundings
from onecloud.chains.check.whole import check

__all__ = ["Checked", "Surroundings", "check"]
