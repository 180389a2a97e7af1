"""The stage *delivery*: letters leave the outbox, and delivery reports come back.

It stands apart from `letters`, which writes them: writing happens with the event, delivery happens later.
"""
