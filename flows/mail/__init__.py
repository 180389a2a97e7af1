"""Letters from the event to the mail server: written, queued, ordered, posted."""
