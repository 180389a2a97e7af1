"""What outsiders and checkers look at: erasure, alarms, warrants of acts, contradictions, and the log."""
