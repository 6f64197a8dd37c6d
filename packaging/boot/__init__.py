"""The steps of the first start: find Python, install, look at the machine.

Standard library only, in the syntax of Python 3.6, because any Python may start it.
"""
