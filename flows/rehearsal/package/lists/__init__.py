"""The lists of an invented election as senders send them: who sends whom when, again, unreadably, or mended."""
