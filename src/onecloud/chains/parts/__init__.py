"""Parts of the chain language: each one frozen dataclass for document, storage, schema and reference page alike."""
