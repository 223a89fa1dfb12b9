"""Charts: rows in, a figure out. Colours of text and grid come from the page's theme, so nothing here knows it.

A mark of a chart that leads to runs carries `customdata`: what is said of it, and the runs it is made of, as
`dashboard.charts.marks` tells them.
"""
