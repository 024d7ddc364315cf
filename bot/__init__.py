"""From a question to an answer made of quotes, and to the page that shows it.

The modules in the order in which a question passes through them: `question` -> `index.search` -> `reader`
-> `quotes` -> `confidence` -> `answer`; `respond` composes them. `page` and `cli` show the result,
`accuracy` measures it, `verify` checks it afterwards.
"""
