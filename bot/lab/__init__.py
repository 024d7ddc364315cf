"""The accuracy lab: questions with known answers -> how often Quoth is right, wrong, and rightly silent, and why.

In the order in which a run passes through the modules: `formats` (files -> `questions`, gold located) -> `run`
(questions -> outcomes) -> `retrieval`, `quotes`, `abstention`, `speed` (outcomes -> measures, each with its definition)
-> `report` (all of it as JSON) -> `table` (for a terminal), `charts` and `html` (for a browser). `compare` takes two
reports; `calibrate` and `tune` change what is asked, and are measured on questions that they were not fitted on.
"""
