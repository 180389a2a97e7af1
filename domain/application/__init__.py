"""One application: its status, the events that move it, the chain of its events, reasons and findings."""
