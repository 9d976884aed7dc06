"""PDF files from templates of ours, by typst: the only room that calls it.

Data reaches a template as JSON and is never markup. `ebl.typesetting.typeset` makes the file, and lists the characters that no
font has.
"""
