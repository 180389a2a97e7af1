"""The officers' desk: a small web application on which officers see whole cases and sign what they decide.

It holds no rule of accreditation: it shows what the steps read, and hands what is signed to the steps.
"""
