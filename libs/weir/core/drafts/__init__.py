"""Drafts as documents that many people edit at once, and as definitions.

`reading` makes the definition of a document, `merging` changes a document by
what changed between two definitions, `checking` says what no document may
hold, `comparing` tells two definitions apart. The shape of a document is
written down in docs/reference/draft-document.md.
"""
