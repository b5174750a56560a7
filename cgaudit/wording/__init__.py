"""Figures and untrusted text, in the forms in which people read them.

Names, labels, texts and messages hold bytes that anybody may have written. Each place that they are
shown in has one door: `terminal.inert` for what is printed, `markdown.Markdown` for comments, and
`text.printable` with the templates' autoescape for pages.
"""
