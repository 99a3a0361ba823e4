"""Chain definitions: the document, its checks, versions and publishing."""
