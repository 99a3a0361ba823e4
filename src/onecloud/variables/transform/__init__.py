"""Transformations: what a value may pass through on its way from a reference to its place; pure.

One file for each type. `CATALOG` has them all by name; the picker, the reference page and the check of templates come
from it. Source: product facts 2.16.
"""

from onecloud.variables.transform.catalog import CATALOG, GROUPS
from onecloud.variables.transform.dates import CODES
from onecloud.variables.transform.kinds import number_text, settled
from onecloud.variables.transform.model import Example, Parameter, PipeFault, Transformation, Value
from onecloud.variables.transform.run import FITS, applied, argument_value, count_fault, usage

__all__ = [
    "CATALOG",
    "CODES",
    "FITS",
    "GROUPS",
    "Example",
    "Parameter",
    "PipeFault",
    "Transformation",
    "Value",
    "applied",
    "argument_value",
    "count_fault",
    "number_text",
    "settled",
    "usage",
]
