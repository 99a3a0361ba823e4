"""Everything where a run asks people: approvals, and files that somebody is to upload."""
