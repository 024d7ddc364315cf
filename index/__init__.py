"""From documents to a searchable snapshot: everything that is known before a question is asked.

The modules in the order in which a document passes through them:
`documents` (with `loaders/`) -> `sentences` -> `passages` -> `encoder` -> `vectors` + `terms`
-> `snapshot`; `build` composes them, `search` reads the result. Nothing here imports `bot`.
"""
