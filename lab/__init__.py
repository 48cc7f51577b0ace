"""The LSTM under glass: lessons to run and change, and instruments that look inside the shipped models.

Importing this package imports neither torch nor a plotting library: whoever opens a lesson does.
"""
